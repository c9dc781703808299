#pragma once

#include "proto/expected.hpp"

#include <chrono>
#include <string>

struct x509_st;

namespace hubbub {

/// What an authority said about the state of one certificate (RFC 6960), as a server hands it
/// on to its clients.
struct ocsp_response {
  std::string der;
  std::chrono::system_clock::time_point ends; ///< the time after which it is out of date
  bool revoked = false; ///< it says that the certificate must not be used any more
};

/// Reads a response in DER from a file. The error follows the name of the file in a sentence. A
/// response that is out of date is no error; one about another certificate is. Its signature is
/// left to the clients.
[[nodiscard]] expected<ocsp_response, std::string>
read_ocsp_response(const std::string& path, const x509_st* certificate);

} // namespace hubbub
