#include "actors/store/store_errors.hpp"

namespace hubbub {

error to_error(store_error why) {
  switch (why) {
  case store_error::full: return {error_code::storage_full, "the disk of the server is full"};
  case store_error::io:
    return {error_code::storage_error, "the server could not store or read"};
  case store_error::corrupt:
    return {error_code::storage_error, "the database of the server is damaged"};
  case store_error::no_such_room: return {error_code::not_found, "there is no such room"};
  case store_error::already_exists:
    return {error_code::already_exists, "a room of this name exists"};
  case store_error::not_repeated: return {error_code::not_a_member, "join the room first"};
  case store_error::no_such_message: return {error_code::not_found, "there is no such message"};
  case store_error::session_over:
    // Nobody is left to be told, or the store could not resume a recovered session yet.
    return {error_code::storage_error, "the connection has ended"};
  case store_error::too_many_rooms:
    return {error_code::limit_exceeded, "the server has as many rooms as it may have"};
  case store_error::stale: // the room asks again by itself
  case store_error::busy:
    return {error_code::overloaded, "too many messages wait to be stored; try again soon"};
  case store_error::not_the_author:
    return {error_code::forbidden, "only its author may change a message"};
  case store_error::no_search:
    return {error_code::storage_error, "this server does not search"};
  case store_error::no_index:
    return {error_code::storage_error,
            "the search index of the server cannot be used; it is built anew"};
  case store_error::index_full:
    return {error_code::storage_full, "the disk of the search index is full"};
  }
  return {error_code::storage_error, "the server could not store or read"};
}

const error& search_overload() {
  static const error why{error_code::overloaded, "too many searches at once; try again soon"};
  return why;
}

} // namespace hubbub
