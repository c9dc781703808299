#pragma once

#include "tests/support/catch.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub::test {

/// A folder with a self-signed certificate and its key, removed with the object.
class test_certificate {
 public:
  explicit test_certificate(const char* name = "hubbub.test") {
    char folder[] = "/tmp/hubbub-tls-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    folder_ = folder;
    renew(name);
  }
  ~test_certificate() { std::filesystem::remove_all(folder_); }
  test_certificate(const test_certificate&) = delete;
  test_certificate& operator=(const test_certificate&) = delete;

  [[nodiscard]] std::string certificate() const { return folder_ + "/cert.pem"; }
  [[nodiscard]] std::string key() const { return folder_ + "/key.pem"; }

  /// Replaces both by new ones for this name.
  void renew(const char* name) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair{EVP_EC_gen("P-256"),
                                                                   EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), X509_free};
    REQUIRE((pair && made));
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
    X509_set_pubkey(made.get(), pair.get());
    auto* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made.get(), subject);
    REQUIRE(X509_sign(made.get(), pair.get(), EVP_sha256()) > 0);
    write(certificate(), [&](FILE* to) { return PEM_write_X509(to, made.get()); });
    write(key(), [&](FILE* to) {
      return PEM_write_PrivateKey(to, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  /// Overwrites the certificate with other content.
  void spoil(std::string_view with) { std::ofstream{certificate()} << with; }

 private:
  template <class Writer>
  static void write(const std::string& path, Writer writer) {
    auto* file = std::fopen(path.c_str(), "we");
    REQUIRE(file != nullptr);
    CHECK(writer(file) == 1);
    std::fclose(file);
  }

  std::string folder_;
};

} // namespace hubbub::test
