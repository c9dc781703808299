#include "net/io/asn1_time.hpp"
#include "net/io/certificate_watch.hpp"
#include "tests/support/catch.hpp"

#include <memory>

using namespace hubbub;
using namespace std::chrono_literals;
using wall = std::chrono::system_clock;

namespace {

/// Returns the time that is written like this, as certificates write it: `YYYYMMDDHHMMSSZ`.
wall::time_point read(const char* text) {
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> made{ASN1_TIME_new(),
                                                                   ASN1_TIME_free};
  REQUIRE((made && ASN1_TIME_set_string(made.get(), text) == 1));
  return time_of(made.get());
}

} // namespace

TEST_CASE("a time of a certificate is read to the second") {
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> made{ASN1_TIME_new(),
                                                                   ASN1_TIME_free};
  const auto then = std::chrono::floor<std::chrono::seconds>(wall::now()) + 3'600s;
  REQUIRE(ASN1_TIME_set(made.get(), wall::to_time_t(then)) != nullptr);
  const auto off = time_of(made.get()) - then;
  CHECK((off <= 1s && off >= -1s)); // the second may end meanwhile
  CHECK(time_of(nullptr) == wall::time_point::max());
}

TEST_CASE("a certificate without a real end ends at the end of the clock, not in the past") {
  const auto last = wall::time_point::max() - 1s;
  for (const auto* text : {"99991231235959Z", "22620412000000Z", "30000101000000Z"}) {
    CAPTURE(text);
    CHECK(read(text) > last);
    CHECK_FALSE(days_to_tell(read(text), wall::now()));
  }
  CHECK(read("22000101000000Z") < last);
  CHECK(read("19500101000000Z") == wall::time_point{});
  CHECK(days_to_tell(read("19500101000000Z"), wall::now()) < 0);
}
