#include "proto/chat/chat_command.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {

TEST_CASE("a command says whether it goes to the writer or may ask a reader") {
  for (const room_command& command : {room_command{command::send_message{}},
                                      {command::edit_message{}},
                                      {command::delete_message{}},
                                      {command::mark_read{}}}) {
    CHECK(is_write(command));
    CHECK_FALSE(is_read(command));
  }
  for (const room_command& command :
       {room_command{command::join_room{}}, {command::get_messages{}}}) {
    CHECK_FALSE(is_write(command));
    CHECK(is_read(command));
  }
  for (const room_command& command : {room_command{command::leave_room{}},
                                      {command::set_typing{}},
                                      {command::search_messages{}},
                                      {command::get_members{}},
                                      {command::configure_room{}},
                                      {command::put_standing{}},
                                      {command::lift_standing{}},
                                      {command::kick_user{}},
                                      {command::get_standings{}}}) {
    CHECK_FALSE(is_write(command));
    CHECK_FALSE(is_read(command));
  }
}

} // namespace hubbub
