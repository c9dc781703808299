// What the policy says of this room: it is asked before anything a client wants is done.
#include "actors/room.hpp"

#include <variant>

namespace hubbub {

policy::room_standing room::standing() const {
  return {name_};
}

policy::verdict room::judge(const access& who, const chat_command& command) const {
  const auto here = standing();
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
  };
  return std::visit(question{who, here, setup_->settings.open_edit}, command);
}

members_outcome room::list(const list_members& query) const {
  if (const auto why = policy::may_read(*query.access, standing())) return unexpected(*why);
  return members_.page(query.after, query.limit);
}

} // namespace hubbub
