#pragma once

#include "tests/support/catch.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
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
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++issued);
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
  [[nodiscard]] std::string response() const { return folder_ + "/response.der"; }
  /// Writes an OCSP response that the certificate is good, as its own authority, and returns
  /// it. It is out of date after `seconds`.
  std::string approve(long seconds) { return answer(V_OCSP_CERTSTATUS_GOOD, seconds); }
  /// Writes one that the certificate is revoked.
  std::string revoke() { return answer(V_OCSP_CERTSTATUS_REVOKED, 3'600); }

  /// Overwrites the certificate with other content.
  void spoil(std::string_view with) { std::ofstream{certificate()} << with; }

 private:
  std::string answer(int status, long seconds) {
    const auto read = [](const std::string& path, auto reader) {
      auto* file = std::fopen(path.c_str(), "re");
      REQUIRE(file != nullptr);
      auto* made = reader(file, nullptr, nullptr, nullptr);
      std::fclose(file);
      REQUIRE(made != nullptr);
      return made;
    };
    const std::unique_ptr<X509, decltype(&X509_free)> about{read(certificate(), PEM_read_X509),
                                                            X509_free};
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair{
        read(key(), PEM_read_PrivateKey), EVP_PKEY_free};
    const std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)> basic{
        OCSP_BASICRESP_new(), OCSP_BASICRESP_free};
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now{
        X509_gmtime_adj(nullptr, -3'600), ASN1_TIME_free};
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> next{
        X509_gmtime_adj(nullptr, seconds), ASN1_TIME_free};
    const std::unique_ptr<OCSP_CERTID, decltype(&OCSP_CERTID_free)> id{
        OCSP_cert_to_id(nullptr, about.get(), about.get()), OCSP_CERTID_free};
    OCSP_basic_add1_status(basic.get(), id.get(), status, 0, now.get(), now.get(), next.get());
    REQUIRE(OCSP_basic_sign(basic.get(), about.get(), pair.get(), EVP_sha256(), nullptr, 0) ==
            1);
    const std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)> made{
        OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()), OCSP_RESPONSE_free};
    unsigned char* bytes = nullptr;
    const auto size = i2d_OCSP_RESPONSE(made.get(), &bytes);
    REQUIRE(size > 0);
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    std::ofstream{response(), std::ios::binary} << der;
    return der;
  }

  template <class Writer>
  static void write(const std::string& path, Writer writer) {
    auto* file = std::fopen(path.c_str(), "we");
    REQUIRE(file != nullptr);
    CHECK(writer(file) == 1);
    std::fclose(file);
  }

  inline static long issued = 0; ///< the serial number of the last certificate
  std::string folder_;
};

} // namespace hubbub::test
