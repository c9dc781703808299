#include "net/http/embedded_files.hpp"
#include "net/http/http_head.hpp"
#include "net/http/static_files.hpp"
#include "tests/support/catch.hpp"

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

} // namespace hubbub
