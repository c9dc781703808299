#include "actors/presence/presence_link.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

namespace {

/// Pause before a report, in which changes gather.
constexpr std::chrono::milliseconds gathering{20};
/// Pause after a report that failed, and after the lease was lost.
constexpr std::chrono::milliseconds pause{200};
/// Maximum number of states in a report.
constexpr std::size_t states_a_report = 20'000;

} // namespace

presence_link::presence_link(caf::actor_config& config, presence_setup setup)
    : presence_actor::base(config), setup_(std::move(setup)),
      lease_(setup_.length, setup_.every) {}

presence_link::behavior_type presence_link::make_behavior() {
  tick_at(now());
  return {
      [this](const member_state& state) {
        if (frozen_) return;
        own_.take(state);
        report_soon();
      },
      [this](const presence_listen& order) { listen(order); },
      [this](const presence_unlisten& order) { unlisten(order); },
      [this](const dismiss_elsewhere& order) {
        dismissed_.take(order.user_id, now());
        report_soon();
      },
      [this](presence_due) { on_due(); },
      [this](presence_moved) {
        moved_ = true;
        report_soon();
      },
      [this](const taken_watcher& who) { setup_.on_taken = who; },
      [this](presence_freeze) {
        frozen_ = true;
        return true;
      },
      [this](ask_presence_stats) { return stats(); },
  };
}

void presence_link::on_exit() {
  listeners_.clear();
  setup_ = {};
}

void presence_link::listen(const presence_listen& order) {
  listeners_[order.room] = order.who;
  wanted_.insert(order.room);
  report_soon();
}

/// Ends what a room asked for, unless it has woken up again already and asked anew.
void presence_link::unlisten(const presence_unlisten& order) {
  const auto found = listeners_.find(order.room);
  if (found == listeners_.end() || found->second->id() != order.who) return;
  listeners_.erase(found);
  wanted_.erase(order.room);
}

void presence_link::on_due() {
  if (!ticks_.take(now())) return;
  if (lease_.is_late(now())) lose();
  if (const auto rest = rest_after_loss(); rest.count() > 0) return tick_at(now() + rest);
  if (!reporting_ && (has_news() || lease_.is_due(now()))) return report();
  tick_on();
}

/// Returns for how long nothing is reported yet since the lease was lost: the connections that
/// are given up are closed meanwhile. Else the new run would begin with their users, and the
/// others would be told that they join and leave.
lease_clock::duration presence_link::rest_after_loss() const {
  const auto lost = lease_.lost_for(now());
  return lost ? std::max(pause - *lost, lease_clock::duration{0}) : lease_clock::duration{0};
}

/// Sets the tick for when something is due. While a report is under way, that is only the end
/// of the lease.
void presence_link::tick_on() {
  if (!reporting_) return tick_at(now() + lease_.until_next(now()));
  if (lease_.is_held()) tick_at(now() + std::max(lease_.left(now()), lease_clock::duration{1}));
}

void presence_link::report_soon() {
  if (!reporting_) tick_at(now() + gathering);
}

void presence_link::report() {
  reporting_ = true;
  moved_ = false;
  lease_.begin(now());
  const auto told = std::make_shared<const lease_report>(
      lease_report{.afresh = is_fresh_,
                   .members = own_.next(is_fresh_, states_a_report),
                   .rooms = {wanted_.begin(), wanted_.end()},
                   .url = setup_.url,
                   .settings = is_fresh_ ? setup_.settings : std::string{},
                   .dismissed = dismissed_.next(now())});
  wanted_.clear();
  compat::request(this, setup_.lease, caf::infinite, *told)
      .then(
          [this, told](const lease_outcome& outcome) { on_reported(*told, outcome); },
          [this, told](const caf::error&) { on_reported(*told, unexpected(store_error::io)); });
  tick_on();
}

void presence_link::on_reported(const lease_report& told, const lease_outcome& outcome) {
  reporting_ = false;
  const bool is_over = outcome && outcome->is_over;
  if (!outcome || is_over) {
    ++stats_.failed;
    moved_ = true;
    own_.take_back(told.members);
    wanted_.insert(told.rooms.begin(), told.rooms.end());
    dismissed_.take_back();
    if (!is_over) return tick_at(now() + pause);
    lose(); // and the others have noticed it
    return tick_at(now() + rest_after_loss());
  }
  pass_on(told, *outcome);
  if (is_fresh_ && !told.afresh) { // the run was given up meanwhile
    moved_ = true;
    return tick_at(now() + rest_after_loss());
  }
  is_fresh_ = false;
  if (const auto lost = lease_.lost_for(now()); lost && setup_.on_lease)
    setup_.on_lease({.is_held = true, .lasted = *lost});
  lease_.renewed();
  stats_.reported += told.members.size();
  stats_.nodes = outcome->runs;
  const bool is_news = outcome->nodes != stats_.places;
  stats_.places = outcome->nodes;
  if ((is_news || told.afresh) && setup_.on_nodes) setup_.on_nodes(stats_.places);
  if (!outcome->settings.empty() && setup_.on_settings) setup_.on_settings(outcome->settings);
  if (!outcome->dismissed.empty() && setup_.on_dismissed)
    setup_.on_dismissed(outcome->dismissed);
  if (told.afresh || !told.members.empty() || !told.dismissed.empty())
    setup_.bus.send(presence_moved{});
  tick_at(now() + (has_news() ? gathering : lease_.until_next(now())));
}

bool presence_link::has_news() const {
  return own_.has_news() || !wanted_.empty() || dismissed_.has_news() || moved_;
}

/// Tells each room what concerns it, in the order in which it was read, and which sessions were
/// taken. A room that has asked for all its members since hears of nothing before those: it may
/// have begun with later ones.
void presence_link::pass_on(const lease_report& told, const lease_news& news) {
  const std::set<room_id> whole{told.rooms.begin(), told.rooms.end()};
  std::unordered_map<room_id, std::vector<foreign_member>> by_room;
  const auto sort = [&](const std::vector<foreign_member>& members, bool are_whole) {
    for (const auto& each : members)
      if (const auto room = each.state.room;
          whole.contains(room) == are_whole && listeners_.contains(room))
        by_room[room].push_back(each);
  };
  sort(news.changed, false);
  sort(news.wanted, true);
  stats_.heard += news.changed.size() + news.wanted.size();
  if (setup_.on_members && (!news.changed.empty() || !news.gone.empty()))
    compat::anon_send(setup_.on_members, members_elsewhere{news.changed, news.gone});
  if (!news.taken.empty() && setup_.on_taken)
    compat::anon_send(setup_.on_taken, sessions_taken{news.taken});
  for (const auto& [room, who] : listeners_) {
    const bool is_whole = whole.contains(room);
    const auto found = by_room.find(room);
    if (wanted_.contains(room) || (found == by_room.end() && news.gone.empty() && !is_whole))
      continue;
    compat::anon_send(who,
                      members_elsewhere{found == by_room.end() ? std::vector<foreign_member>{}
                                                               : std::move(found->second),
                                        news.gone, is_whole});
  }
}

/// Gives up the node's members, once. What they do from here on is not told: the run ends by
/// itself, by when they are back on this node or another, or gone.
void presence_link::lose() {
  is_fresh_ = true;
  if (!lease_.is_held()) return;
  lease_.lose(now());
  ++stats_.lost;
  if (setup_.on_lease) setup_.on_lease({});
  if (setup_.give_up) setup_.give_up();
}

void presence_link::tick_at(time_point when) {
  if (!ticks_.set(when)) return;
  const auto delay = std::max(when - now(), time_point::duration::zero());
  compat::delayed_send(this, presence_actor{this}, delay, presence_due{});
}

presence_stats presence_link::stats() const {
  auto all = stats_;
  all.is_used = true;
  all.is_held = lease_.is_held();
  all.left = lease_.left(now());
  return all;
}

} // namespace hubbub
