#include "net/api/auth_files.hpp"

#include "proto/json/comma_list.hpp"
#include "proto/json/text.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

/// Largest file of keys, in bytes.
constexpr std::size_t max_file_bytes = 1'000'000;
constexpr std::size_t least_node_secret = 32;
constexpr std::size_t longest_node_secret = 1'000;

using sentence = std::string;
using sentences = std::vector<std::string>;

sentence about(std::string_view setting, const std::string& path, const std::string& why) {
  return std::string{setting} + " '" + path + "': " + why;
}

expected<std::string, sentence> read_file(std::string_view setting, const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return unexpected(about(setting, path, std::strerror(errno)));
  std::string text(max_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unexpected(about(setting, path, "cannot be read"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_file_bytes) return unexpected(about(setting, path, "is too large"));
  return text;
}

/// Returns the paths in a list; what is empty is none.
std::vector<std::string> paths_in(std::string_view list) {
  auto paths = split_at_commas(list);
  std::erase(paths, "");
  return paths;
}

expected<sentences, sentence> without_warnings(expected<void, sentence> done) {
  return std::move(done).map([] { return sentences{}; });
}

/// Reads files into keys. Remembers the first failure, and warnings about ignored keys.
class key_loader {
 public:
  template <class Add>
  void from_file(std::string_view setting, const std::string& path, Add add) {
    if (failure_ || path.empty()) return;
    auto text = read_file(setting, path);
    if (!text) {
      failure_ = std::move(text.error());
      return;
    }
    const expected<sentences, sentence> done = add(std::move(*text));
    if (!done) failure_ = about(setting, path, done.error());
    for (const auto& each : done.value_or(sentences{}))
      warnings_.push_back(about(setting, path, each));
  }
  [[nodiscard]] const std::optional<sentence>& failure() const { return failure_; }
  [[nodiscard]] const sentences& warnings() const { return warnings_; }

 private:
  sentences warnings_;
  std::optional<sentence> failure_;
};

std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

} // namespace

expected<std::string, std::string> read_secret_file(const std::string& path) {
  return read_file("jwt_secret_file", path).map(without_line_end);
}

bool is_exposed(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0;
}

std::vector<std::string> exposed_files(const std::string& list) {
  auto files = paths_in(list);
  std::erase_if(files, [](const std::string& path) { return !is_exposed(path); });
  return files;
}

expected<std::string, std::string> read_node_secret(const std::string& path) {
  constexpr std::string_view name = "node_secret_file";
  auto secret = read_file(name, path).map(without_line_end);
  if (!secret) return secret;
  const bool fits_a_header =
      std::ranges::all_of(*secret, [](char c) { return c > ' ' && c <= '~'; });
  if (secret->size() < least_node_secret || secret->size() > longest_node_secret ||
      !fits_a_header)
    return unexpected(about(name, path,
                            "it needs one line of 32 to 1000 letters, digits and signs without "
                            "spaces, for example of `openssl rand -hex 32`"));
  return secret;
}

expected<loaded_keys, std::string> load_authenticator(const auth_config& config,
                                                      const chat_limits& limits) {
  token_keys keys;
  std::vector<api_key_record> api_keys;
  key_loader load;
  if (!config.jwt_secret.empty()) {
    if (auto done = keys.add_secret(config.jwt_secret); !done)
      return unexpected("jwt_secret: " + done.error());
  }
  load.from_file("jwt_secret_file", config.jwt_secret_file, [&keys](std::string text) {
    return without_warnings(keys.add_secret(without_line_end(std::move(text))));
  });
  for (const auto& path : paths_in(config.jwt_public_key))
    load.from_file("jwt_public_key", path, [&keys](const std::string& text) {
      return without_warnings(keys.add_pem(without_bom(text)));
    });
  load.from_file("jwks", config.jwks,
                 [&keys](const std::string& text) { return keys.add_jwks(without_bom(text)); });
  load.from_file("api_key_file", config.api_key_file, [&api_keys](const std::string& text) {
    return parse_api_keys(without_bom(text)).map([&api_keys](api_key_list read) {
      api_keys = std::move(read.keys);
      return std::move(read.ignored);
    });
  });
  if (load.failure()) return unexpected(*load.failure());
  auto made = std::make_shared<authenticator>(
      std::move(keys), claim_rules{config.jwt_issuer, config.jwt_audience, config.jwt_leeway},
      std::move(api_keys), limits);
  made->check_by(config.own_check);
  return loaded_keys{std::move(made), load.warnings()};
}

} // namespace hubbub
