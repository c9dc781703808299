// What the policy says of this room: it is asked before anything a client wants is done.
#include "actors/room/room.hpp"

#include <variant>

namespace hubbub {

policy::room_standing room::standing_of(const std::string& user_id) const {
  policy::room_standing here{name_, is_private_, {}};
  if (!standings_.empty()) here.mine = standings_.of(user_id, setup_->now());
  here.mine.owner = owner_ == user_id;
  return here;
}

policy::verdict room::judge(const user& who, const chat_command& command) const {
  const auto here = standing_of(who.user_id);
  struct question {
    const access& who;
    const policy::room_standing& here;
    bool open_edit;

    policy::verdict operator()(const join_room&) const { return policy::may_join(who, here); }
    policy::verdict operator()(const leave_room&) const { return std::nullopt; }
    policy::verdict operator()(const send_message&) const {
      return policy::may_send(who, here);
    }
    policy::verdict operator()(const revise_message&) const {
      return policy::may_edit(who, here, open_edit);
    }
    policy::verdict operator()(const retract_message&) const {
      return policy::may_edit(who, here, open_edit);
    }
    policy::verdict operator()(const set_read&) const {
      return policy::may_mark_read(who, here);
    }
    policy::verdict operator()(const set_typing&) const { return policy::may_type(who, here); }
    policy::verdict operator()(const get_messages&) const {
      return policy::may_read(who, here);
    }
    policy::verdict operator()(const search_messages&) const {
      return policy::may_read(who, here);
    }
    policy::verdict operator()(const get_members&) const { return policy::may_read(who, here); }
    policy::verdict operator()(const configure_room&) const { return may_administer(); }
    policy::verdict operator()(const put_standing&) const { return may_administer(); }
    policy::verdict operator()(const lift_standing&) const { return may_administer(); }
    policy::verdict operator()(const kick_user&) const { return may_administer(); }
    policy::verdict operator()(const get_standings&) const { return may_administer(); }

   private:
    [[nodiscard]] policy::verdict may_administer() const {
      return policy::may_administer(who, here);
    }
  };
  return std::visit(question{*who.access, here, setup_->settings.open_edit}, command);
}

members_outcome room::list(const list_members& query) {
  if (const auto why = policy::may_read(*query.access, standing_of(query.access->user_id)))
    return unexpected(*why);
  return show_members(query.after, query.limit);
}

} // namespace hubbub
