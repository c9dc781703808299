#include "bench/client/chat_codec.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <string>

using namespace hubbub::bench;

TEST_CASE("events are written in Hubbub's words") {
  const dialect words;
  const chat_writer write{words};
  CHECK(write.join(1, 7, "r", {}) == R"(21["join_room",{"room":"r","history":0}])");
  CHECK(write.join(1, 7, "r", 12) == R"(21["join_room",{"room":"r","history":0,"since":12}])");
  CHECK(write.leave(2, "r") == R"(22["leave_room",{"room":"r"}])");
  CHECK(write.message(5, 7, "r", {7, 2}, 5) ==
        R"(25["send_message",{"room":"r","content":"~7:2~"}])");
  CHECK(write.typing(5, 7, "r", true) == R"(25["typing",{"room":"r","is_typing":true}])");
}

TEST_CASE("events are written in another server's words") {
  const auto words = parse_dialect(R"(
[join]
event = "join"
room = ""
reply = "joined"
[send]
event = "message"
room = "channel"
content = "text"
username = "from"
extra = '"kind":1'
confirm = "echo"
[typing]
confirm = "delivery"
)");
  REQUIRE(words);
  const chat_writer write{*words};
  CHECK(write.join(1, 7, "r", 12) == R"(2["join","r"])");
  CHECK(write.message(5, 7, "r", {7, 2}, 5) ==
        R"(2["message",{"channel":"r","from":"user-7","kind":1,"text":"~7:2~"}])");
  CHECK(write.typing(5, 7, "r", false) == R"(2["typing",{"room":"r","is_typing":false}])");
}

TEST_CASE("a content has its size and keeps its key") {
  for (const std::size_t size : {0U, 5U, 16U, 128U, 400U, 4'000U}) {
    const auto content = make_content({12, 345'678}, size);
    CHECK(content.size() == std::max<std::size_t>(size, 11));
    CHECK(content.back() != ' ');
    CHECK(read_content(content) == message_key{12, 345'678});
  }
  CHECK_FALSE(read_content(""));
  CHECK_FALSE(read_content("~1:2"));
  CHECK_FALSE(read_content("~99999999999:2~"));
}

TEST_CASE("messages are known by their event and their key and seq are found") {
  const dialect words;
  const chat_reader read{words};
  const std::string packet =
      R"(2["new_message",{"id":9,"seq":41,"username":"user-3","content":"~3:8~ and","x":1}])";
  CHECK(read.is_message(packet));
  CHECK_FALSE(read.is_message(R"(2["new_messages",{}])"));
  CHECK(read.key(packet) == message_key{3, 8});
  CHECK(read.seq(packet) == 41);
  const std::string spaced = R"(2["new_message", {"seq": 41, "content": "~3:8~ and"}])";
  CHECK(read.key(spaced) == message_key{3, 8});
  CHECK(read.seq(spaced) == 41);
  CHECK_FALSE(read.key(R"(2["new_message",{"title":"~3:8~"}])"));
  CHECK_FALSE(read.seq(R"(2["new_message",{"seq":null}])"));
}

TEST_CASE("typing is known by who types and whether") {
  const dialect words;
  const chat_reader read{words};
  const std::string packet =
      R"(2["typing",{"room":"r","username":"user-31","is_typing":true}])";
  CHECK(read.is_typing(packet));
  REQUIRE(read.typing(packet));
  CHECK(read.typing(packet)->client == 31);
  CHECK(read.typing(packet)->is_typing);
  CHECK_FALSE(read.typing(R"(2["typing",{"username":"bob","is_typing":true}])"));
  CHECK_FALSE(read.typing(R"(2["typing",{"username":"user-1"}])"));
}

TEST_CASE("an ack has an id and an argument and is good if it begins as it should") {
  const dialect words;
  const chat_reader read{words};
  const auto ack = chat_reader::ack(R"(317[{"ok":true,"x":[1]}])");
  REQUIRE(ack);
  CHECK(ack->id == 17);
  CHECK(ack->argument == R"({"ok":true,"x":[1]})");
  CHECK(read.is_good(*ack));
  CHECK_FALSE(read.is_good(*chat_reader::ack(R"(317[{"ok":false}])")));
  CHECK(chat_reader::ack("31[]")->argument.empty());
  for (const auto* broken : {"", "3", "3[]", "31", "31[", "21[]", "3x[]"})
    CHECK_FALSE(chat_reader::ack(broken));
}

TEST_CASE("no bytes at all upset the reader") {
  const dialect words;
  const chat_reader read{words};
  std::mt19937_64 random{11};
  const std::string letters = R"(23[]{}"~:,0123456789content"new_message" true seq)";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 60, '\0');
    for (auto& byte : text)
      byte = letters[random() % letters.size()];
    if (const auto key = read.key(text)) CHECK(text.find('~') != std::string::npos);
    if (const auto ack = chat_reader::ack(text)) CHECK(ack->argument.size() < text.size());
    static_cast<void>(read.seq(text));
    static_cast<void>(read.typing(text));
  }
}
