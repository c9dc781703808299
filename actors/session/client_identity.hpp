#pragma once

#include "actors/session/arrival.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session_interface.hpp"
#include "actors/store/store_actors.hpp"
#include "proto/access/connect_refusal.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/socket/application.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// Returns the answer that keeps a client out, with the error as its data.
[[nodiscard]] refusal refused(const error& why);

/// Says why a client is kept out.
struct kept_out {
  refusal answer;
  connect_refusal why = connect_refusal::bad_request;
  std::string sentence = {}; ///< what is wrong, for the log; contains nothing of a token
  std::string user_id = {};  ///< whose token it showed, if that is known
  std::string key_id = {};   ///< see `token_refusal`
};

/// Knows who the client of a connection is, what it may do, and until when. It decides and no
/// more: it neither sends anything nor waits for anything.
class client_identity {
 public:
  /// Makes the identity of a client without a name. `keys` are those of its thread;
  /// `clock` outlives the identity.
  client_identity(std::shared_ptr<const auth_slot> keys, const wall_clock& clock);

  /// Returns the user, never null; its name is empty until the handshake or the first join
  /// gives one.
  [[nodiscard]] const user_ptr& current() const { return user_; }
  const user* operator->() const { return user_.get(); }

  /// Fills in the name and the rights of a client that connects, or returns why it is refused.
  [[nodiscard]] std::optional<kept_out> identify(json::value auth, const chat_limits& limits,
                                                 arrival& to) const;
  /// Is this user from now on. With `by_host` the program around the chat has given the rights,
  /// and no token changes them.
  void become(user_ptr now, bool by_host = false) {
    user_ = std::move(now);
    by_host_ = by_host;
  }
  /// Takes a name that nothing proves; without one, that of a guest.
  void take_name(const std::optional<std::string>& name);
  /// Takes the rights of a newer token of the same user. Returns the rights before, or why the
  /// old ones stay.
  [[nodiscard]] expected<access_ptr, error> renew(const std::optional<std::string>& token);

  /// True if the client's token has expired.
  [[nodiscard]] bool expired() const;
  /// Returns after how long to ask `expired` again; nothing if the token never expires.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_check() const;

 private:
  std::shared_ptr<const auth_slot> keys_;
  const wall_clock* clock_;
  user_ptr user_;
  bool by_host_ = false;
};

} // namespace hubbub
