#include "actors/room/room_rights.hpp"

#include <utility>
#include <variant>

namespace hubbub {

room_rights::room_rights(const room_record& record, standing_table standings, bool open_edit,
                         wall_clock now)
    : name_(record.name), policy_(policy_of(record)), standings_(std::move(standings)),
      open_edit_(open_edit), now_(std::move(now)) {}

permissions::room_standing room_rights::standing_of(const std::string& user_id) const {
  permissions::room_standing here{name_, policy_.is_private, {}, policy_.is_closed};
  if (!standings_.empty()) here.mine = standings_.of(user_id, now_());
  here.mine.owner = policy_.owner == user_id;
  return here;
}

permissions::verdict room_rights::may_join(const user& who) const {
  return permissions::may_join(*who.access, standing_of(who.user_id));
}

permissions::verdict room_rights::may_use() const {
  return permissions::may_use({name_, policy_.is_private, {}, policy_.is_closed});
}

permissions::verdict room_rights::may_read(const user& who) const {
  return permissions::may_read(*who.access, standing_of(who.user_id));
}

const standing* room_rights::mute_of(const user& who) const {
  if (standings_.empty()) return nullptr;
  // To an admin it does not apply.
  if (!permissions::may_type(*who.access, standing_of(who.user_id))) return nullptr;
  return standings_.find(standing_kind::mute, who.user_id, now_());
}

bool room_rights::may_repeat(const user& who, const room_command& command) const {
  const auto* sent = std::get_if<command::send_message>(&command);
  return sent != nullptr && sent->client_id &&
         !permissions::may_repeat(*who.access, standing_of(who.user_id));
}

permissions::verdict room_rights::judge(const user& who, const room_command& command) const {
  const auto here = standing_of(who.user_id);
  struct question {
    const access& who;
    const permissions::room_standing& here;
    bool open_edit;

    permissions::verdict operator()(const command::join_room&) const {
      return permissions::may_join(who, here);
    }
    permissions::verdict operator()(const command::leave_room&) const { return std::nullopt; }
    permissions::verdict operator()(const command::send_message&) const {
      return permissions::may_send(who, here);
    }
    permissions::verdict operator()(const command::edit_message&) const {
      return permissions::may_edit(who, here, open_edit);
    }
    permissions::verdict operator()(const command::delete_message&) const {
      return permissions::may_edit(who, here, open_edit);
    }
    permissions::verdict operator()(const command::mark_read&) const {
      return permissions::may_mark_read(who, here);
    }
    permissions::verdict operator()(const command::set_typing&) const {
      return permissions::may_type(who, here);
    }
    permissions::verdict operator()(const command::get_messages&) const {
      return permissions::may_read(who, here);
    }
    permissions::verdict operator()(const command::search_messages&) const {
      return permissions::may_read(who, here);
    }
    permissions::verdict operator()(const command::get_members&) const {
      return permissions::may_read(who, here);
    }
    permissions::verdict operator()(const command::configure_room&) const {
      return may_administer();
    }
    permissions::verdict operator()(const command::put_standing&) const {
      return may_administer();
    }
    permissions::verdict operator()(const command::lift_standing&) const {
      return may_administer();
    }
    permissions::verdict operator()(const command::kick_user&) const {
      return may_administer();
    }
    permissions::verdict operator()(const command::get_standings&) const {
      return may_administer();
    }

   private:
    [[nodiscard]] permissions::verdict may_administer() const {
      return permissions::may_administer(who, here);
    }
  };
  return std::visit(question{*who.access, here, open_edit_}, command);
}

} // namespace hubbub
