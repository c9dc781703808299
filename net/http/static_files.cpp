#include "net/http/static_files.hpp"

#include "net/http/accept_encoding.hpp"
#include "net/http/embedded_files.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {
namespace {

/// The Content-Security-Policy of pages: they talk only to this server, run no inline scripts,
/// cannot be framed, and a script that would turn text into markup fails.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

struct cached_file {
  const embedded_file* file = nullptr;
  std::string hash;
};

std::string make_hash(std::string_view content) {
  constexpr auto digits = "0123456789abcdef";
  auto hash = std::hash<std::string_view>{}(content);
  std::string text;
  for (std::size_t i = 0; i < 2 * sizeof hash; ++i, hash >>= 4U)
    text += digits[hash & 15U];
  return text;
}

const std::unordered_map<std::string_view, cached_file>& files_by_path() {
  static const auto files = [] {
    std::unordered_map<std::string_view, cached_file> made;
    for (const auto& file : embedded_files())
      made.try_emplace(file.name, cached_file{&file, make_hash(file.content)});
    return made;
  }();
  return files;
}

/// Finds the file at a path; null if there is none. A slash at the end makes no difference, but
/// for pages, whose addresses of other files would mean other ones.
const cached_file* find_file(std::string_view path) {
  const auto& files = files_by_path();
  if (path == "/") path = "/index.html";
  const bool has_slash = path.ends_with('/');
  const auto found = files.find(has_slash ? path.substr(0, path.size() - 1) : path);
  if (found == files.end()) return nullptr;
  const bool is_page = found->second.file->content_type.starts_with("text/html");
  return has_slash && is_page ? nullptr : &found->second;
}

} // namespace

std::optional<http_response> static_file(const http_request& request) {
  const auto* const known_file = find_file(request.path);
  if (known_file == nullptr) return {};

  const auto& [file, hash] = *known_file;
  const bool compressed = accepts_gzip(request.header("accept-encoding"));
  const auto etag = '"' + hash + (compressed ? "-gzip\"" : "\"");
  http_response response{200, std::string{file->content_type}, {}, {}};
  const auto add = [&response](std::string name, std::string_view value) {
    response.headers.emplace_back(std::move(name), std::string{value});
  };
  add("ETag", etag);
  // A file with a fixed name is revalidated each time, so that an upgraded server's page is
  // seen at once; if it is unchanged, the answer is a 304 without a body.
  add("Cache-Control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  add("Vary", "Accept-Encoding");
  add("X-Content-Type-Options", "nosniff");
  if (file->content_type.starts_with("text/html")) {
    add("Content-Security-Policy", page_policy);
    add("Referrer-Policy", "no-referrer");
  }
  const auto known = request.header("if-none-match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  if (compressed) add("Content-Encoding", "gzip");
  response.built_in = compressed ? file->gzip : file->content;
  return response;
}

} // namespace hubbub
