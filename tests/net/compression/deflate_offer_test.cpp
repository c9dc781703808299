#include "net/compression/deflate_offer.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {
namespace {

std::string chosen(const std::vector<std::string_view>& values) {
  const auto offer = choose_deflate_offer(values);
  if (!offer) return "(none)";
  return "yes" + (offer->client_window.empty() ? "" : ", client " + offer->client_window) +
         (offer->names_window ? ", server 15" : "");
}

} // namespace

TEST_CASE("the offers of browsers and of Node are taken up") {
  CHECK(chosen({"permessage-deflate"}) == "yes");
  CHECK(chosen({"permessage-deflate; client_max_window_bits"}) == "yes");
  CHECK(chosen({"Permessage-Deflate; server_no_context_takeover; client_no_context_takeover; "
                "client_max_window_bits=10"}) == "yes, client 10");
  CHECK(chosen({"permessage-deflate; server_max_window_bits=15"}) == "yes, server 15");
}

TEST_CASE("an offer that needs a smaller window is declined, and the next one looked at") {
  for (const auto* bits : {"8", "9", "10", "14"}) {
    const auto offer = "permessage-deflate; server_max_window_bits=" + std::string{bits};
    CHECK(chosen({offer}) == "(none)");
    CHECK(chosen({offer + ", permessage-deflate"}) == "yes");
    CHECK(chosen({offer, "permessage-deflate; server_max_window_bits=15"}) == "yes, server 15");
  }
}

TEST_CASE("a malformed offer is declined") {
  for (const auto* offer :
       {"", "x-webkit-deflate-frame", "permessage-deflate; unknown",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=ten",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10"}) {
    CAPTURE(offer);
    CHECK(chosen({offer}) == "(none)");
  }
}

} // namespace hubbub
