#include "net/http/static_files.hpp"

#include "net/http/embedded_files.hpp"
#include "proto/json/ascii_case.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <functional>
#include <optional>
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

/// True for `q=0`, `q=0.0` and the like, by which a client refuses an encoding.
bool is_refusal(std::string_view name, std::string_view value) {
  return equal_in_any_case(name, "q") && value.starts_with('0') &&
         value.find_first_not_of("0.") == std::string_view::npos;
}

/// True if this element of `Accept-Encoding` takes gzip, false if it refuses gzip, and nothing
/// if it is about another coding.
std::optional<bool> takes_gzip(std::string_view element) {
  for (const auto& [coding, parameters] : boost::beast::http::ext_list{element}) {
    if (!equal_in_any_case(coding, "gzip")) break;
    return std::ranges::none_of(
        parameters, [](const auto& each) { return is_refusal(each.first, each.second); });
  }
  return std::nullopt;
}

bool accepts_gzip(std::string_view accept_encoding) {
  // Each element is given to Beast separately: in a list of several it gives one the parameters
  // of the one before it (Beast 1.81).
  while (!accept_encoding.empty()) {
    const auto end = std::min(accept_encoding.find(','), accept_encoding.size());
    if (const auto takes = takes_gzip(accept_encoding.substr(0, end))) return *takes;
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
  }
  return false;
}

} // namespace

std::optional<http_response> static_file(const http_request& request) {
  const auto path = request.path == "/" ? std::string_view{"/index.html"} : request.path;
  const auto& files = files_by_path();
  const auto found = files.find(path);
  if (found == files.end()) return {};

  const auto& [file, hash] = found->second;
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
