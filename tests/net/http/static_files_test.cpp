#include "net/http/embedded_files.hpp"
#include "net/http/http_head.hpp"
#include "net/http/static_files.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

using Catch::Matchers::Contains;

TEST_CASE("a file is answered from where it lies in the program, without a copy") {
  for (const auto& file : embedded_files()) {
    http_request request;
    request.method = "GET";
    request.path = file.name;
    const auto plain = static_file(request);
    REQUIRE(plain);
    CHECK(plain->content().data() == file.content.data());
    CHECK(plain->content().size() == file.content.size());
    CHECK(plain->body.empty());
    CHECK_THAT(response_head(*plain, http_version::v1_1, true),
               Contains("Content-Length: " + std::to_string(file.content.size()) + "\r\n"));
    request.headers.emplace_back("accept-encoding", "gzip");
    const auto compressed = static_file(request);
    REQUIRE(compressed);
    CHECK(compressed->content().data() == file.gzip.data());
    CHECK(compressed->content().size() == file.gzip.size());
  }
}

TEST_CASE("a file is compressed for clients that take gzip, wherever in their list it stands") {
  const auto is_compressed = [](std::string_view accepted) {
    http_request request;
    request.method = "GET";
    request.path = embedded_files().front().name;
    request.headers.emplace_back("accept-encoding", accepted);
    const auto response = static_file(request);
    REQUIRE(response);
    return std::ranges::count(response->headers, "Content-Encoding",
                              &std::pair<std::string, std::string>::first) == 1;
  };
  for (const auto* accepted :
       {"gzip", "br, GZip", "br;q=0, gzip", "br;q=0 ,gzip;q=0.5", "gzip;q=1.0, br", ",gzip,"}) {
    CAPTURE(accepted);
    CHECK(is_compressed(accepted));
  }
  for (const auto* accepted :
       {"", "br", "identity", "gzip;q=0", "br, gzip;q=0.0", "xgzip", ","}) {
    CAPTURE(accepted);
    CHECK_FALSE(is_compressed(accepted));
  }
}

} // namespace hubbub
