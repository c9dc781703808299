#include "net/io/ocsp_response.hpp"

#include "net/io/asn1_time.hpp"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <cerrno>
#include <fstream>
#include <ios>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace hubbub {
namespace {

// Largest file that is read; responses have one to three kilobytes.
constexpr std::size_t largest_response = 65'536;

using parsed_response = std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)>;

parsed_response parse_response(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)> parsed{
      d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())), OCSP_RESPONSE_free};
  const bool is_answer =
      parsed && OCSP_response_status(parsed.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
  return {is_answer ? OCSP_response_get1_basic(parsed.get()) : nullptr, OCSP_BASICRESP_free};
}

/// True if a part of a response is about the certificate, as far as its number says.
bool is_about(OCSP_SINGLERESP* part, const X509* certificate) {
  ASN1_INTEGER* number = nullptr;
  auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(part));
  return OCSP_id_get0_info(nullptr, nullptr, nullptr, &number, id) == 1 &&
         ASN1_INTEGER_cmp(number, X509_get0_serialNumber(certificate)) == 0;
}

bool is_revoked(OCSP_SINGLERESP* part) {
  return OCSP_single_get0_status(part, nullptr, nullptr, nullptr, nullptr) ==
         V_OCSP_CERTSTATUS_REVOKED;
}

std::chrono::system_clock::time_point next_update_of(OCSP_SINGLERESP* part) {
  ASN1_GENERALIZEDTIME* next = nullptr;
  OCSP_single_get0_status(part, nullptr, nullptr, nullptr, &next);
  return time_of(next); // without this time a newer response can be had at any moment
}

} // namespace

expected<ocsp_response, std::string> read_ocsp_response(const std::string& path,
                                                        const x509_st* certificate) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return unexpected("cannot be read: " + std::generic_category().message(errno));
  std::string der(largest_response, '\0');
  file.read(der.data(), static_cast<std::streamsize>(der.size()));
  der.resize(static_cast<std::size_t>(file.gcount()));
  const auto basic = parse_response(der);
  ERR_clear_error();
  if (!basic) return unexpected<std::string>("holds no OCSP response in DER that can be used");
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i)
    if (auto* part = OCSP_resp_get0(basic.get(), i); is_about(part, certificate))
      return ocsp_response{std::move(der), next_update_of(part), is_revoked(part)};
  return unexpected<std::string>("is not about the certificate at the same place of tls_cert");
}

} // namespace hubbub
