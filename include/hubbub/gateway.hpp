#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <hubbub/errc.hpp>
#include <hubbub/requests.hpp>
#include <hubbub/values.hpp>

#include <chrono>
#include <cstdint>

namespace hubbub {

/// How long each actor on the way of a request may take to answer.
inline constexpr std::chrono::seconds gateway_patience{10};

/// The way in for the host's actors: a typed actor that does to rooms what clients do over
/// sockets, by the same path. Errors are those of `errc`. Each actor on a request's way, of
/// which there are at most two, has `gateway_patience`; then the answer is `late`.
using gateway_actor = caf::typed_actor<
    /// Answers with the stored message. Idempotent with a client_id. Errors: `bad_request`,
    /// `too_large`, `not_found` (with `auto_create_rooms` off), `overloaded`, `storage_error`.
    caf::replies_to<api::post>::with<api::message>,
    /// Answer with the message as it is now. Errors: also `forbidden` for another's message.
    caf::replies_to<api::edit>::with<api::message>,
    caf::replies_to<api::erase>::with<api::message>,
    /// Errors: `bad_request`, `not_found`.
    caf::replies_to<api::history>::with<api::history_page>,
    caf::replies_to<api::search>::with<api::search_page>,
    caf::replies_to<api::find_room>::with<api::room>,
    /// Error: `already_exists`.
    caf::replies_to<api::create_room>::with<api::room>,
    caf::replies_to<api::list_rooms>::with<api::room_page>,
    caf::replies_to<api::change_room>::with<api::room>,
    caf::replies_to<api::members>::with<api::member_page>,
    /// Answer when the change is stored and those concerned have been told: with the number of
    /// sockets that were removed, the standing as it is now, and true. Idempotent.
    caf::replies_to<api::kick>::with<std::int64_t>,
    caf::replies_to<api::put_standing>::with<api::standing>,
    caf::replies_to<api::lift_standing>::with<bool>,
    /// Answered when the room has sent it: with false if members on other nodes of a cluster
    /// are not told. Errors: `bad_request`, `not_found`.
    caf::replies_to<api::broadcast>::with<bool>,
    caf::replies_to<api::ask_online>::with<api::online>,
    /// Answered before the first event. Errors: `not_found`, `forbidden`, `limit_exceeded`.
    caf::replies_to<api::subscribe>::with<api::subscribed>,
    caf::replies_to<api::subscribe_all>::with<api::subscribed>,
    /// Not answered; an unknown subscription is ignored, since it may have ended.
    caf::reacts_to<api::grant>,
    /// Answered with true; no event follows the answer. Error: `not_found`.
    caf::replies_to<api::unsubscribe>::with<bool>,
    /// As `post`, after everything that this member asked for before. Errors: also
    /// `not_a_member`, `not_found` for a subscription that has ended. What is `late` and stored
    /// after all comes as an event, like everything that this member says.
    caf::replies_to<api::say>::with<api::message>,
    /// Not answered. Only for members.
    caf::reacts_to<api::type>,
    /// Answered with the number, at once.
    caf::replies_to<api::ping>::with<std::uint64_t>,
    /// Answered at once; see `remote_gateway`.
    caf::replies_to<api::ask_version>::with<api::version>>;

} // namespace hubbub

/// The number from which on the library's types of messages are counted; the same as when the
/// library was built (the CMake variable of this name).
#ifndef HUBBUB_FIRST_TYPE_ID
#define HUBBUB_FIRST_TYPE_ID (caf::first_custom_type_id + 10'000)
#endif

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(hubbub_api, HUBBUB_FIRST_TYPE_ID)
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::room_key))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::user))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::cursor))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::message))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::room))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::member))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::standing))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::room_event))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::post))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::edit))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::erase))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::history))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::history_page))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::search))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::search_page))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::find_room))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::create_room))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::list_rooms))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::room_page))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::change_room))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::members))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::member_page))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::kick))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::put_standing))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::lift_standing))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::broadcast))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::ask_online))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::online))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::subscribe))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::subscribe_all))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::subscription_id))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::subscribed))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::grant))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::unsubscribe))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::say))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::type))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::ping))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::ask_version))
CAF_ADD_TYPE_ID(hubbub_api, (hubbub::api::version))
CAF_END_TYPE_ID_BLOCK(hubbub_api)
// clang-format on
