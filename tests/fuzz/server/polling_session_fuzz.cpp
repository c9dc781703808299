#include "proto/json/text.hpp"
#include "tests/fuzz/server/served_bytes.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <string>

using namespace hubbub;
using namespace hubbub::fuzz;

namespace {

/// Python-engineio accepts no more.
constexpr std::ptrdiff_t most_packets = 16;

/// One session, and the connections on which its client sends requests.
class polling_session {
 public:
  explicit polling_session(served_chat& chat) : chat_(&chat) {
    served_client client{chat};
    client.send("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string_view answer{client.received()};
    constexpr std::string_view mark = "\"sid\":\"";
    const auto at = answer.find(mark);
    require(at != std::string_view::npos, "a session begins with its handshake");
    const auto from = at + mark.size();
    sid_ = answer.substr(from, answer.find('"', from) - from);
  }

  void act(char action, std::string_view data) {
    switch (action) {
    case 'g': get(); break;
    case 'c': polls_.clear(); break; // every client of a poll goes
    case 'n': idle_.clear(); break;  // the next request comes on a new connection
    case 'p': post(data); break;
    case 'u':
      upgrade_.emplace(*chat_);
      upgrade_->send(upgrade_request(sid_));
      break;
    case 't':
      if (upgrade_) upgrade_->send(client_frame(0x81, data));
      break;
    case 'b':
      if (upgrade_) upgrade_->send(client_frame(0x82, data));
      break;
    case 'x': upgrade_.reset(); break;
    case 'w': chat_->let_pass(std::chrono::seconds{15}); break; // empty rooms end
    default: break;
    }
    hear();
  }

  void end() {
    upgrade_.reset();
    post("1");
    hear();
    polls_.clear();
    idle_.clear();
  }

 private:
  [[nodiscard]] std::string target() const {
    return " /socket.io/?EIO=4&transport=polling&sid=" + sid_ + " HTTP/1.1\r\nHost: x\r\n";
  }
  /// Moves a connection to the end of `to`, on which nothing is under way.
  served_client& connect(std::list<served_client>& to) {
    if (idle_.empty()) return to.emplace_back(*chat_);
    to.splice(to.end(), idle_, idle_.begin());
    return to.back();
  }
  /// Keeps a connection: the next bytes on it are the answer to the next request.
  void keep(std::list<served_client>& from, std::list<served_client>::iterator client) {
    client->forget();
    if (client->ended())
      from.erase(client);
    else
      idle_.splice(idle_.end(), from, client);
  }
  void get() { connect(polls_).send("GET" + target() + "\r\n"); }
  void post(std::string_view body) {
    std::list<served_client> posting;
    auto& client = connect(posting);
    client.send("POST" + target() + "Content-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + std::string{body});
    check_answer(client.received());
    require(!client.received().empty(), "a POST is answered");
    keep(posting, posting.begin());
  }
  void hear() {
    for (auto each = polls_.begin(); each != polls_.end();) {
      const auto poll = each++;
      poll->receive();
      const std::string_view answer{poll->received()};
      if (answer.empty()) continue;
      check_answer(answer);
      require(valid_utf8(answer), "what a poll brings is UTF-8");
      require(std::ranges::count(answer, '\x1e') < most_packets, "a poll brings few packets");
      keep(polls_, poll);
    }
    if (!upgrade_) return;
    upgrade_->receive();
    const std::string_view received{upgrade_->received()};
    check_answer(received);
    if (received.starts_with("HTTP/1.1 101 "))
      checked_frames(received.substr(received.find("\r\n\r\n") + 4));
  }

  served_chat* chat_;
  std::string sid_;
  std::list<served_client> polls_; ///< each waits for an answer
  std::list<served_client> idle_;
  std::optional<served_client> upgrade_;
};

} // namespace

/// Takes the actions of a client that uses a session by long-polling, each a letter and its
/// data, up to 0xff.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Each action costs a connection.
  constexpr int most_actions = 64;
  script input{data, size};
  auto& chat = shared_chat();
  {
    polling_session session{chat};
    for (int i = 0; i < most_actions && !input.ended(); ++i) {
      const auto action = static_cast<char>(input.byte());
      session.act(action, input.until('\xff'));
    }
    session.end();
  }
  const auto left = chat.stats();
  require(left.sessions_open == 0, "a session ends when its client says so");
  require(left.sockets_open == 0, "nothing is left of its connections");
  return 0;
}
