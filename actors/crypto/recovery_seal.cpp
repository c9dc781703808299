#include "actors/crypto/recovery_seal.hpp"

#include "actors/crypto/openssl.hpp"
#include "proto/json/base64.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>

namespace hubbub {

namespace {

constexpr auto signature_size = sizeof(short_mac::signature);

std::string_view pid_hash_of(const recovery_identity& session) {
  return {reinterpret_cast<const char*>(session.pid_hash.data()), session.pid_hash.size()};
}

} // namespace

recovery_identity identity_of(std::string_view pid) {
  recovery_identity session;
  crypto::must(EVP_Digest(pid.data(), pid.size(), session.pid_hash.data(), nullptr,
                          EVP_sha256(), nullptr) == 1);
  std::memcpy(&session.id.value, session.pid_hash.data(), sizeof session.id.value);
  return session;
}

recovery_seal::recovery_seal(const recovery_secret& secret) : mac_(secret) {}

std::string recovery_seal::close(const recovery_identity& session,
                                 const std::vector<room_position>& positions) {
  auto bytes = encode_positions(positions);
  const auto signed_by = mac_.sign(pid_hash_of(session), bytes);
  bytes.append(reinterpret_cast<const char*>(signed_by.data()), signed_by.size());
  std::string offset;
  offset.reserve((bytes.size() + 2) / 3 * 4);
  append_base64(offset, bytes);
  return offset;
}

std::optional<std::vector<room_position>> recovery_seal::open(const recovery_identity& session,
                                                              std::string_view offset) {
  const auto bytes = decode_base64(offset);
  if (!bytes || bytes->size() < signature_size) return std::nullopt;
  const auto positions = std::string_view{*bytes}.substr(0, bytes->size() - signature_size);
  const auto expected_signature = mac_.sign(pid_hash_of(session), positions);
  if (CRYPTO_memcmp(expected_signature.data(), bytes->data() + positions.size(),
                    signature_size) != 0)
    return std::nullopt;
  return decode_positions(positions);
}

} // namespace hubbub
