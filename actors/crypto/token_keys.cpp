#include "actors/crypto/token_keys.hpp"

#include "actors/crypto/openssl.hpp"
#include "actors/crypto/secret_hash.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace hubbub {

using crypto::unsigned_bytes;

namespace {

constexpr int min_rsa_bits = 2'048;
constexpr int max_rsa_bits = 16'384;
/// Size of each of the two numbers of an ES256 signature (RFC 7518, 3.4).
constexpr std::size_t es256_number_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;

struct release {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
};
template <class T>
using owned = std::unique_ptr<T, release>;

unexpected<std::string> refuse(std::string_view why) {
  ERR_clear_error();
  return unexpected<std::string>(std::string{why});
}

/// Returns the algorithm of the tokens that a public key can verify; nothing if the key is
/// unusable here.
std::optional<jwt_algorithm> algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return jwt_algorithm::eddsa;
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const auto bits = EVP_PKEY_get_bits(key);
    if (bits >= min_rsa_bits && bits <= max_rsa_bits) return jwt_algorithm::rs256;
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
        std::string_view{name.data(), size} == "prime256v1")
      return jwt_algorithm::es256;
  }
  return std::nullopt;
}

/// The content between two lines of PEM.
struct pem_block {
  std::string name;
  std::string bytes;
};

/// Reads the next block. Returns nothing if there is none, or it is damaged; OpenSSL's error
/// says which.
std::optional<pem_block> next_block(BIO* in) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  ERR_clear_error();
  if (PEM_read_bio(in, &name, &header, &bytes, &size) != 1) return std::nullopt;
  pem_block block{name, {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)}};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  return block;
}

owned<EVP_PKEY> to_key(const pem_block& block) {
  const auto* at = unsigned_bytes(block.bytes);
  owned<EVP_PKEY> key{d2i_PUBKEY(nullptr, &at, static_cast<long>(block.bytes.size()))};
  if (at != unsigned_bytes(block.bytes) + block.bytes.size()) return nullptr;
  return key;
}

owned<EVP_PKEY> made_from(const char* type, OSSL_PARAM_BLD* build) {
  const owned<OSSL_PARAM> parameters{OSSL_PARAM_BLD_to_param(build)};
  const owned<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  owned<EVP_PKEY> key{made};
  const owned<EVP_PKEY_CTX> check{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

owned<EVP_PKEY> to_key(const rsa_public_key& from) {
  const owned<BIGNUM> n{
      BN_bin2bn(unsigned_bytes(from.modulus), static_cast<int>(from.modulus.size()), nullptr)};
  const owned<BIGNUM> e{BN_bin2bn(unsigned_bytes(from.exponent),
                                  static_cast<int>(from.exponent.size()), nullptr)};
  const owned<OSSL_PARAM_BLD> build{OSSL_PARAM_BLD_new()};
  if (!n || !e || !build ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return made_from("RSA", build.get());
}

owned<EVP_PKEY> to_key(const p256_public_key& from) {
  const auto point = '\x04' + from.x + from.y; // uncompressed
  const owned<OSSL_PARAM_BLD> build{OSSL_PARAM_BLD_new()};
  if (!build ||
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return made_from("EC", build.get());
}

owned<EVP_PKEY> to_key(const ed25519_public_key& from) {
  return owned<EVP_PKEY>{EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, unsigned_bytes(from.point), from.point.size())};
}

/// Converts a signature into OpenSSL's form; empty if it is not a signature of ES256.
std::string to_der(std::string_view raw) {
  if (raw.size() != 2 * es256_number_bytes) return {};
  const auto number = [](std::string_view bytes) {
    return BN_bin2bn(unsigned_bytes(bytes), static_cast<int>(bytes.size()), nullptr);
  };
  const owned<ECDSA_SIG> signature{ECDSA_SIG_new()};
  owned<BIGNUM> r{number(raw.substr(0, es256_number_bytes))};
  owned<BIGNUM> s{number(raw.substr(es256_number_bytes))};
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
    return {};
  (void)r.release(); // the signature owns them now
  (void)s.release();
  unsigned char* encoded = nullptr;
  const auto size = i2d_ECDSA_SIG(signature.get(), &encoded);
  if (size <= 0) return {};
  std::string der{reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)};
  OPENSSL_free(encoded);
  return der;
}

bool verify_with(EVP_PKEY* key, const EVP_MD* digest, std::string_view text,
                 std::string_view signature) {
  const owned<EVP_MD_CTX> context{EVP_MD_CTX_new()};
  const bool good = context &&
                    EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), unsigned_bytes(signature), signature.size(),
                                     unsigned_bytes(text), text.size()) == 1;
  ERR_clear_error(); // a forged signature left an error that nobody reads
  return good;
}

} // namespace

struct token_keys::key {
  jwt_algorithm algorithm = jwt_algorithm::hs256;
  std::string id;
  std::string secret;      ///< for HS256
  owned<EVP_PKEY> point{}; ///< for all other algorithms

  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const {
    switch (algorithm) {
    case jwt_algorithm::hs256: {
      const auto wanted = hmac_sha256(secret, text);
      return equal_in_constant_time(as_bytes(wanted), signature);
    }
    case jwt_algorithm::rs256: return verify_with(point.get(), EVP_sha256(), text, signature);
    case jwt_algorithm::es256: {
      const auto der = to_der(signature);
      return !der.empty() && verify_with(point.get(), EVP_sha256(), text, der);
    }
    case jwt_algorithm::eddsa:
      return signature.size() == ed25519_signature_bytes &&
             verify_with(point.get(), nullptr, text, signature);
    }
    return false;
  }
};

token_keys::token_keys() = default;
token_keys::~token_keys() = default;
token_keys::token_keys(token_keys&&) noexcept = default;
token_keys& token_keys::operator=(token_keys&&) noexcept = default;

expected<void, std::string> token_keys::add(key added) {
  if (keys_.size() >= max_keys) return refuse("there are too many keys");
  keys_.push_back(std::move(added));
  return {};
}

expected<void, std::string> token_keys::add_secret(std::string secret, std::string key_id) {
  if (secret.size() < min_secret_bytes)
    return refuse("a secret for tokens must have at least " + std::to_string(min_secret_bytes) +
                  " bytes");
  return add({jwt_algorithm::hs256, std::move(key_id), std::move(secret)});
}

expected<void, std::string> token_keys::add_pem(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return refuse("this holds a private key, which nobody but the issuer should have");
  const owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  std::size_t found = 0;
  for (;; ++found) {
    const auto block = next_block(in.get());
    if (!block) break;
    auto point = block->name == "PUBLIC KEY" ? to_key(*block) : nullptr;
    if (!point) return refuse("this is not a public key in PEM");
    const auto algorithm = algorithm_of(point.get());
    if (!algorithm)
      return refuse("a public key must be RSA of at least 2048 bits, P-256 or Ed25519");
    if (auto done = add({*algorithm, {}, {}, std::move(point)}); !done) return done;
  }
  // After the last key there is no beginning of another one; anything else is damage.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (found == 0 || !ended) return refuse("this is not a public key in PEM");
  ERR_clear_error();
  return {};
}

expected<std::vector<std::string>, std::string> token_keys::add_jwks(std::string_view text) {
  auto set = parse_jwks(text);
  if (!set) return unexpected(std::move(set.error()));
  const auto before = keys_.size();
  for (auto& each : set->keys) {
    if (auto* shared = std::get_if<shared_key>(&each.key)) {
      if (auto done = add_secret(std::move(shared->secret), each.key_id); !done)
        return unexpected(std::move(done.error()));
      continue;
    }
    auto point = std::visit(
        []<class Key>(const Key& from) -> owned<EVP_PKEY> {
          if constexpr (std::is_same_v<Key, shared_key>)
            return nullptr; // handled above
          else
            return to_key(from);
        },
        each.key);
    const auto algorithm = point ? algorithm_of(point.get()) : std::nullopt;
    if (!algorithm) {
      ERR_clear_error();
      set->ignored.push_back(key_title(each.index, each.key_id) +
                             " is ignored: its numbers are those of no key");
      continue;
    }
    if (auto done = add({*algorithm, each.key_id, {}, std::move(point)}); !done)
      return unexpected(std::move(done.error()));
  }
  if (keys_.size() == before) return refuse(no_usable_key(set->ignored));
  return std::move(set->ignored);
}

bool token_keys::empty() const {
  return keys_.empty();
}

/// True if there is a key with the `kid` that the token names.
bool token_keys::knows(const jwt& token) const {
  return token.key_id && !token.key_id->empty() &&
         std::ranges::find(keys_, *token.key_id, &key::id) != keys_.end();
}

bool token_keys::verify(const jwt& token) const {
  const bool named = knows(token);
  return std::ranges::any_of(keys_, [&](const key& each) {
    if (each.algorithm != token.algorithm) return false;
    if (named && each.id != *token.key_id) return false;
    if (!named && token.key_id && !each.id.empty()) return false;
    return each.verify(token.signed_part, token.signature);
  });
}

} // namespace hubbub
