#include "net/api/auth_files.hpp"
#include "tests/actors/crypto/token_samples.hpp"
#include "tests/actors/session/tokens.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// A folder whose files are removed at the end of the test.
class folder {
 public:
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hubbub-auth-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return path_ / name; }
  [[nodiscard]] std::string write(std::string_view name, std::string_view text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

bool takes(const auth_config& config, std::string_view token) {
  const auto loaded = load_authenticator(config, {});
  if (!loaded) UNSCOPED_INFO(loaded.error());
  REQUIRE(loaded);
  return loaded->authenticator->check_token(token, timestamp{1'700'000'000'000}).has_value();
}
std::string why_refused(const auth_config& config) {
  const auto loaded = load_authenticator(config, {});
  REQUIRE_FALSE(loaded);
  return loaded.error();
}

} // namespace

TEST_CASE("nothing configured is open mode") {
  const auto loaded = load_authenticator({}, {});
  REQUIRE(loaded);
  CHECK_FALSE(loaded->authenticator->wants_tokens());
  CHECK(loaded->warnings.empty());
}

TEST_CASE("keys come from a setting and from files, all at once") {
  const folder files;
  auth_config config;
  config.jwt_secret_file = files.write("secret", std::string{test_secret}.append("\r\n"));
  config.jwt_public_key =
      files.write("rsa.pem", rs256_pem) + " , " + files.write("ed.pem", eddsa_pem) + ",";
  config.jwks = files.write("set.json", R"({"keys":[)" + std::string{es256_jwk} + "]}");
  for (const auto token : {hs256_token, rs256_token, es256_token, eddsa_token})
    CHECK(takes(config, token));
  CHECK_FALSE(takes(config, confused_token));
  auth_config secret;
  secret.jwt_secret = test_secret;
  CHECK(takes(secret, hs256_token));
  CHECK_FALSE(takes(secret, rs256_token));
}

TEST_CASE("a byte order mark in front of a file of keys is passed over") {
  const folder files;
  const std::string mark = "\xef\xbb\xbf";
  auth_config config;
  config.jwt_public_key = files.write("rsa.pem", mark + std::string{rs256_pem});
  config.jwks = files.write("set.json", mark + R"({"keys":[)" + std::string{es256_jwk} + "]}");
  config.api_key_file =
      files.write("keys", mark + api_key_line({"billing", sha256(api_key_text)}) + "\n");
  CHECK(takes(config, rs256_token));
  CHECK(takes(config, es256_token));
  const auto key = load_authenticator(config, {})->authenticator->check_api_key(api_key_text);
  REQUIRE(key);
  CHECK(key->user_id == "billing");
}

TEST_CASE("issuer and audience are passed on") {
  auth_config config;
  config.jwt_secret = test_secret;
  config.jwt_issuer = "me";
  CHECK_FALSE(takes(config, token_with(R"("sub":"ann")")));
  CHECK(takes(config, token_with(R"("sub":"ann","iss":"me")")));
  config.jwt_audience = "chat";
  CHECK_FALSE(takes(config, token_with(R"("sub":"ann","iss":"me")")));
  CHECK(takes(config, token_with(R"("sub":"ann","iss":"me","aud":"chat")")));
}

TEST_CASE(
    "what is wrong is one sentence with the setting and the file, and nothing of a secret") {
  const folder files;
  const auto with = [&](std::string auth_config::*field, const std::string& value) {
    auth_config config;
    config.*field = value;
    return why_refused(config);
  };
  CHECK(with(&auth_config::jwt_secret, "hunter2") ==
        "jwt_secret: a secret for tokens must have at least 32 bytes");
  const auto missing = files.path("nowhere");
  CHECK(with(&auth_config::jwt_secret_file, missing) ==
        "jwt_secret_file '" + missing + "': No such file or directory");
  CHECK(with(&auth_config::jwt_public_key, missing).starts_with("jwt_public_key '" + missing));
  CHECK(with(&auth_config::jwks, missing).starts_with("jwks '" + missing));
  CHECK(with(&auth_config::api_key_file, missing).starts_with("api_key_file '" + missing));
  const auto text = files.write("bad", "hunter2");
  for (const auto field : {&auth_config::jwt_secret_file, &auth_config::jwt_public_key,
                           &auth_config::jwks, &auth_config::api_key_file}) {
    const auto why = with(field, text);
    CHECK(why.find(text) != std::string::npos);
    CHECK(why.find("hunter2") == std::string::npos);
    CHECK(why.find('\n') == std::string::npos);
  }
  CHECK_FALSE(with(&auth_config::jwks, files.path(".")).empty());
  CHECK_FALSE(with(&auth_config::jwt_public_key, files.write("empty", "")).empty());
}

TEST_CASE("API keys come from their file; an empty one revokes them all") {
  const folder files;
  auth_config config;
  config.api_key_file =
      files.write("keys", api_key_line({"billing", sha256(api_key_text)}) + "\n");
  CHECK(load_authenticator(config, {})->authenticator->check_api_key(api_key_text));
  config.api_key_file = files.write("keys", "");
  const auto none = load_authenticator(config, {});
  REQUIRE(none);
  CHECK_FALSE(none->authenticator->check_api_key(api_key_text));
}

TEST_CASE("a key that is of no use is told by setting and file, and spoils no other") {
  const folder files;
  auth_config config;
  config.jwks = files.write("set.json", R"({"keys":[{"kty":"RSA","kid":"old","n":"AQAB"},)" +
                                            std::string{es256_jwk} + "]}");
  config.api_key_file =
      files.write("keys", "hunter2\n" + api_key_line({"billing", sha256(api_key_text)}) + "\n");
  CHECK(takes(config, es256_token));
  const auto loaded = load_authenticator(config, {});
  REQUIRE(loaded);
  CHECK(loaded->authenticator->check_api_key(api_key_text));
  REQUIRE(loaded->warnings.size() == 2);
  CHECK(loaded->warnings[0].starts_with("jwks '" + config.jwks +
                                        "': key 1 (\"old\") is ignored: its n is not"));
  CHECK(loaded->warnings[1] ==
        "api_key_file '" + config.api_key_file +
            "': line 1 is ignored: it is not a name and 64 hexadecimal digits");
  config.api_key_file = files.write("keys", "hunter2\n");
  CHECK(why_refused(config).find("there is no key in it: line 1") != std::string::npos);
}
