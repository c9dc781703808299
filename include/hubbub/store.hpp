#pragma once

/// The interface of a store of messages, for a host that brings its own
/// (`broker_config::own_store`), and `open_store` for one that puts something around ours.
///
/// It is the one that the chat itself is written against, and what it demands is said at each
/// function. It is not part of the ABI's promise: it may change with every version.
///
/// A content may be that of an event of the host's own (`own_event`), of which an edit changes
/// the text alone: `with_readable_text` makes the content that `op::edit_message` leaves.
#include "persistence/store.hpp"
#include "proto/own_event.hpp"
