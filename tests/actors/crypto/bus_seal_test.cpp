#include "actors/crypto/bus_seal.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

TEST_CASE("what the secret of the bus signed is opened, and nothing else") {
  const recovery_secret ours{1, 2, 3};
  bus_seal seal{ours};
  const auto sealed = seal.close("text");
  CHECK(sealed.size() == 16 + 4);
  CHECK(seal.open(sealed) == "text");
  CHECK(bus_seal{ours}.open(sealed) == "text");
  CHECK_FALSE(bus_seal{recovery_secret{1, 2, 4}}.open(sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    CHECK_FALSE(seal.open(changed));
  }
  CHECK_FALSE(seal.open(sealed.substr(0, 19)));
  CHECK_FALSE(seal.open(sealed.substr(0, 15)));
  CHECK_FALSE(seal.open(""));
  CHECK(seal.open(seal.close("")) == "");
}

TEST_CASE("a cluster is named on the bus by what tells nothing of its secret") {
  const recovery_secret ours{1, 2, 3};
  CHECK(bus_seal{ours}.cluster() == bus_seal{ours}.cluster());
  CHECK(bus_seal{ours}.cluster().size() == 16);
  CHECK(bus_seal{ours}.cluster() != bus_seal{recovery_secret{1, 2, 4}}.cluster());
  // It is no signature of anything that goes over the bus.
  bus_seal seal{ours};
  CHECK_FALSE(seal.open(seal.cluster()));
}

} // namespace
} // namespace hubbub::test
