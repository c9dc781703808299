#include "net/store_log.hpp"

#include "net/log/log.hpp"
#include "net/settings_comparison.hpp"

#include <string>

namespace hubbub {
namespace {

void log_failure(const store_news& news) {
  if (news.why == store_error::full)
    log(log_event::disk_full,
        "the disk is full: nothing can be stored, and senders are told so; free some space",
        {{"failed_commits", news.failed}});
  else
    log(log_event::store_failed,
        "the store cannot be written to: nothing is stored, and senders are told so",
        {{"reason", std::string_view{"io"}}, {"failed_commits", news.failed}});
  if (!news.was_unready)
    log(log_event::not_ready, "/readyz answers 503: the store failed",
        {{"reason", std::string_view{"store"}}});
}

} // namespace

void log_store(const store_news& news) {
  switch (news.what) {
  case store_change::failed: return log_failure(news);
  case store_change::damaged:
    log(log_event::database_damaged, "the database is damaged: nothing is written any more "
                                     "until a restart; what can be read "
                                     "is served; run hubbub db check");
    if (!news.was_unready)
      log(log_event::not_ready, "/readyz answers 503: the database is damaged",
          {{"reason", std::string_view{"damage"}}});
    return;
  case store_change::slow:
    log(log_event::commit_slow, "a commit took long: the disk, or PostgreSQL, is slow",
        {{"took_ms", std::int64_t{news.lasted.count()}}});
    return;
  case store_change::untried:
    log(log_event::ready, "/readyz answers 200: whether the store works is tried again",
        {{"reason", std::string_view{"untried"}}});
    return;
  case store_change::well:
    log(log_event::store_well, "the store can be written to again",
        {{"reason", std::string_view{news.why == store_error::full ? "full" : "io"}},
         {"failed_commits", news.failed},
         {"lasted_ms", std::int64_t{news.lasted.count()}}});
    if (news.was_unready)
      log(log_event::ready, "/readyz answers 200: the store works",
          {{"reason", std::string_view{"store"}}});
    return;
  }
}

void log_wal(const log_length& wal) {
  if (wal.is_held)
    log(log_event::wal_held,
        "the -wal file beside the database grows: another program keeps a transaction on the "
        "database open",
        {{"bytes", wal.bytes}});
  else
    log(log_event::wal_short, "the -wal file beside the database is short again",
        {{"bytes", wal.bytes}});
}

void log_search(const search_progress& search) {
  if (search.disk_too_full)
    log(log_event::search_waits,
        "the search is not indexed anew: the disk is too full for a second index; the old one "
        "stays in use",
        {{"missing", search.behind}, {"of", search.of}});
  else if (search.building)
    log(log_event::search_indexing,
        "the search is being indexed anew; the old index answers meanwhile",
        {{"missing", search.behind}});
  else
    log(log_event::search_indexed, "the search is indexed anew");
}

void log_bus(const bus_change& change) {
  if (change.is_heard)
    log(log_event::bus_heard, "the bus between the servers works again",
        {{"lasted_ms", std::int64_t{change.lasted.count()}}});
  else
    log(log_event::bus_lost,
        "the bus between the servers is lost: what other servers write arrives with the next "
        "head_poll",
        {{"reason", change.why}});
}

void log_lease(const lease_change& change) {
  if (change.is_held)
    log(log_event::lease_held,
        "the lease of this server is held again: the other servers are told who is in rooms "
        "here",
        {{"lasted_ms", std::int64_t{change.lasted.count()}}});
  else
    log(log_event::lease_lost, "the lease of this server could not be renewed in time: its "
                               "connections are closed, and "
                               "their clients come back here or to another server");
}

void log_differences(std::string_view here, const std::vector<node_settings>& others) {
  for (const auto& [node, lines] : others) {
    std::string list;
    for (const auto& each : differences(here, lines))
      list += (list.empty() ? "" : ", ") + each.name + " (here '" + each.here + "', there '" +
              each.there + "')";
    if (!list.empty())
      log(log_event::settings_differ,
          "another server on this database has other settings: give all of them the same",
          {{"node", node}, {"settings", list}});
  }
}

bridge_watch log_bridge() {
  bridge_watch watch;
  watch.lost = [](const std::string& why) {
    log(log_event::bridge_lost,
        "the bridge is lost: events that programs publish on its Redis do not arrive",
        {{"reason", why}});
  };
  watch.heard = [](std::chrono::milliseconds lasted) {
    log(log_event::bridge_heard, "the bridge works again",
        {{"lasted_ms", std::int64_t{lasted.count()}}});
  };
  watch.refused = [](bridge_refusal why, const std::string& event, const std::string& more) {
    log(log_event::bridge_refused,
        more.empty() ? "an event of the bridge was refused"
                     : "an event of the bridge was not stored: " + more,
        {{"reason", to_string(why)}, {"name", event}});
  };
  return watch;
}

void log_index(const index_event& event) {
  using what = index_event::what;
  switch (event.kind) {
  case what::begun:
    return log(log_event::search_indexing,
               "the search index is being built; searches find what it has meanwhile",
               {{"path", event.path}});
  case what::complete:
    return log(log_event::search_indexed, "the search index is complete",
               {{"path", event.path}});
  case what::unusable:
    return log(log_event::search_unusable,
               "the search index cannot be used; messages are not affected",
               {{"path", event.path},
                {"reason", std::string_view{event.why == store_error::full      ? "full"
                                            : event.why == store_error::corrupt ? "damage"
                                                                                : "io"}}});
  case what::usable:
    return log(log_event::search_usable, "the search index can be used again",
               {{"path", event.path}});
  }
}

} // namespace hubbub
