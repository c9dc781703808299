#pragma once

#include "actors/bridge_interfaces.hpp"
#include "actors/bus_interfaces.hpp"
#include "actors/presence/presence_link.hpp"
#include "actors/store/store_health.hpp"
#include "persistence/store.hpp"

#include <string_view>
#include <vector>

/// What the log says about the store, and the bus between those who share it.
namespace hubbub {

/// Tells that the store failed, works again, or is damaged, and what that means for readiness.
void log_store(const store_news& news);
/// Tells that another program keeps the log of commits from restarting, or that this is over.
void log_wal(const log_length& wal);
/// Tells how far a new search index is.
void log_search(const search_progress& search);
/// Tells that a search index beside the database begins, is complete, or cannot be used.
void log_index(const index_event& event);
/// Tells that the bus between nodes is lost, or carries something again.
void log_bus(const bus_change& change);
/// Tells that this node has lost its lease among the others, or holds it again.
void log_lease(const lease_change& change);
/// Tells of each other node whose settings differ from this one's, and which do.
void log_differences(std::string_view here, const std::vector<node_settings>& others);
/// Returns what tells that the bridge is lost or heard again, and that it refused something.
[[nodiscard]] bridge_watch log_bridge();

} // namespace hubbub
