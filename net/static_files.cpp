#include "net/static_files.hpp"

#include "net/embedded_files.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {
namespace {

struct cached_file {
  const embedded_file* file = nullptr;
  std::string etag;
};

std::string make_etag(std::string_view content) {
  constexpr auto digits = "0123456789abcdef";
  auto hash = std::hash<std::string_view>{}(content);
  std::string tag = "\"";
  for (std::size_t i = 0; i < 2 * sizeof hash; ++i, hash >>= 4U)
    tag += digits[hash & 15U];
  return tag + '"';
}

const std::unordered_map<std::string_view, cached_file>& files_by_path() {
  static const auto files = [] {
    std::unordered_map<std::string_view, cached_file> made;
    for (const auto& file : embedded_files())
      made.try_emplace(file.name, cached_file{&file, make_etag(file.content)});
    return made;
  }();
  return files;
}

} // namespace

std::optional<http_response> static_file(const http_request& request) {
  const auto path = request.path == "/" ? std::string_view{"/index.html"} : request.path;
  const auto& files = files_by_path();
  const auto found = files.find(path);
  if (found == files.end()) return {};

  const auto& [file, etag] = found->second;
  http_response response{200, std::string{file->content_type}, {}, {}};
  response.headers.emplace_back("ETag", etag);
  // Asked for again each time, so that an upgraded server's page is seen at once; unchanged, it
  // is a 304 without a body.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  const auto known = request.header("if-none-match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    response.status = 304;
    response.content_type.clear();
  } else {
    response.body = file->content;
  }
  return response;
}

} // namespace hubbub
