#include "net/program/handover_channel.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

using namespace hubbub;

namespace {

/// Both ends of a channel.
struct channel_pair {
  channel_pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) == 0); }
  std::array<int, 2> ends{};
};

} // namespace

TEST_CASE("a message between two processes arrives whole, with its descriptors") {
  const channel_pair made;
  const handover_channel old_end{made.ends[0]};
  const handover_channel new_end{made.ends[1]};
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);

  CHECK(old_end.send({"offer", "some text", {pipe[0], pipe[1]}}));
  CHECK(old_end.send({"go"}));
  const auto offer = new_end.receive();
  REQUIRE(offer);
  CHECK(offer->word == "offer");
  CHECK(offer->text == "some text");
  REQUIRE(offer->descriptors.size() == 2);
  CHECK(::write(offer->descriptors[1], "x", 1) == 1);
  char read = 0;
  CHECK(::read(pipe[0], &read, 1) == 1);
  CHECK(read == 'x');
  const auto go = new_end.receive();
  REQUIRE(go);
  CHECK(go->word == "go");
  CHECK(go->text.empty());
  CHECK(go->descriptors.empty());
  for (const auto each : {pipe[0], pipe[1], offer->descriptors[0], offer->descriptors[1]})
    ::close(each);
}

TEST_CASE("a process hears of the end of the other one") {
  const channel_pair made;
  const handover_channel new_end{made.ends[1]};
  { const handover_channel old_end{made.ends[0]}; }
  CHECK_FALSE(new_end.receive());
  CHECK_FALSE(new_end.send({"able"}));
}

TEST_CASE("the last words of a process that read nothing are heard") {
  const channel_pair made;
  const handover_channel old_end{made.ends[0]};
  {
    const handover_channel new_end{made.ends[1]};
    CHECK(old_end.send({"offer", "never read"}));
    CHECK(new_end.send({"refused", "why"}));
  }
  const auto heard = old_end.receive();
  REQUIRE(heard);
  CHECK(heard->text == "why");
  CHECK_FALSE(old_end.receive());
}

TEST_CASE("an offer is read as it was written, and one of another version is not") {
  const auto read = decode_offer(encode({"/var/lib/my chat.db", true, false}));
  REQUIRE(read);
  CHECK(read->database == "/var/lib/my chat.db");
  CHECK(read->owns_files);
  CHECK_FALSE(read->may_migrate);
  const auto other = decode_offer(encode({"chat.db", false, true}));
  REQUIRE(other);
  CHECK_FALSE(other->owns_files);
  CHECK(other->may_migrate);
  CHECK_FALSE(decode_offer("2 1 1 chat.db"));
  CHECK_FALSE(decode_offer(""));
}
