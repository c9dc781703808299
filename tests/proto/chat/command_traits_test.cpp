#include "proto/chat/chat_command.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {

TEST_CASE("a command says whether it goes to the writer or may ask a reader") {
  for (const chat_command& command :
       {chat_command{send_message{}}, {revise_message{}}, {retract_message{}}, {set_read{}}}) {
    CHECK(is_write(command));
    CHECK_FALSE(is_read(command));
  }
  for (const chat_command& command : {chat_command{join_room{}}, {get_messages{}}}) {
    CHECK_FALSE(is_write(command));
    CHECK(is_read(command));
  }
  for (const chat_command& command : {chat_command{leave_room{}},
                                      {set_typing{}},
                                      {search_messages{}},
                                      {get_members{}},
                                      {configure_room{}},
                                      {put_standing{}},
                                      {lift_standing{}},
                                      {kick_user{}},
                                      {get_standings{}}}) {
    CHECK_FALSE(is_write(command));
    CHECK_FALSE(is_read(command));
  }
}

} // namespace hubbub
