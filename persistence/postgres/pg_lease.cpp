#include "persistence/postgres/pg_lease.hpp"

#include "persistence/postgres/pg_clock.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

namespace hubbub {

namespace {

using clock = std::chrono::steady_clock;

/// A lease is renewed within seconds or not at all.
constexpr std::chrono::seconds lease_patience{3};
constexpr std::chrono::seconds look_interval{1};
constexpr std::chrono::seconds tidy_interval{60};
/// Which version of what nodes tell each other a lease is for. There is only one.
constexpr std::int64_t lease_wire = 1;

// All statements see one moment, so that what is read of a run fits to whether it lives.
constexpr pg::statement begin_pass{"begin_pass", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
constexpr pg::statement end_pass{"end_pass", "COMMIT"};
constexpr pg::statement take_lease{
    "take_lease", "INSERT INTO node_leases (run, node_id, wire, url, alive_until, settings)"
                  " VALUES ($1::bigint, $2::bigint, $3::bigint, $4::text,"
                  " clock_timestamp() + $5::bigint * interval '1 ms', $6::text)"};
constexpr pg::statement find_settings{
    "find_settings", "SELECT DISTINCT ON (node_id) node_id, settings FROM node_leases"
                     " WHERE node_id <> $1::bigint AND settings <> ''"
                     " AND alive_until > clock_timestamp() ORDER BY node_id, alive_until DESC"};
// Waits for one that is still being taken. One that was not taken by now never is.
constexpr pg::statement end_runs{
    "end_runs", "INSERT INTO node_leases AS l (run, node_id, wire, url, alive_until)"
                " SELECT run, $2::bigint, $3::bigint, '', clock_timestamp()"
                " FROM unnest($1::bigint[]) AS i(run) ON CONFLICT (run)"
                " DO UPDATE SET alive_until = least(l.alive_until, clock_timestamp())"};
constexpr pg::statement renew_lease{
    "renew_lease", "UPDATE node_leases"
                   " SET alive_until = clock_timestamp() + $2::bigint * interval '1 ms'"
                   " WHERE run = $1::bigint AND alive_until > clock_timestamp() RETURNING run"};
#define HUBBUB_PG_OWN_HOLDS                                                                    \
  " WHERE EXISTS (SELECT FROM node_leases o WHERE o.run = $1::bigint"                          \
  " AND o.alive_until > clock_timestamp())"
constexpr pg::statement put_members{
    "put_members",
    "INSERT INTO run_members AS m (run, room_id, user_id, username, sockets, reason, change)"
    " SELECT $1::bigint, i.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[],"
    " $6::bigint[], $7::bigint[]) AS i" HUBBUB_PG_OWN_HOLDS
    " ON CONFLICT (run, room_id, user_id) DO UPDATE SET"
    " username = excluded.username, sockets = excluded.sockets, reason = excluded.reason,"
    " change = excluded.change WHERE m.change < excluded.change"};
constexpr pg::statement find_runs{"find_runs",
                                  "SELECT run, node_id, url FROM node_leases"
                                  " WHERE run <> $1::bigint"
                                  " AND alive_until > clock_timestamp() ORDER BY alive_until"};
#define HUBBUB_PG_MEMBER "m.run, m.room_id, m.user_id, m.username, m.sockets, m.reason"
constexpr pg::statement find_changes{
    "find_changes",
    "SELECT " HUBBUB_PG_MEMBER ", m.change FROM node_leases l"
    " LEFT JOIN unnest($2::bigint[], $3::bigint[]) AS c(run, change) ON c.run = l.run"
    " CROSS JOIN LATERAL (SELECT * FROM run_members n WHERE n.run = l.run"
    " AND n.change > coalesce(c.change, 0) ORDER BY n.change) m"
    " WHERE l.run <> $1::bigint AND l.alive_until > clock_timestamp()"};
constexpr pg::statement find_members{
    "find_members", "SELECT " HUBBUB_PG_MEMBER " FROM run_members m JOIN node_leases l"
                    " ON l.run = m.run WHERE m.room_id = ANY($2::bigint[]) AND m.sockets > 0"
                    " AND m.run <> $1::bigint AND l.alive_until > clock_timestamp()"};
#undef HUBBUB_PG_MEMBER
// Told once the other node has told of the user in all rooms of the session, or has had time
// to: else the user would seem to leave, and to join again a moment later.
constexpr pg::statement find_taken{
    "find_taken",
    "SELECT t.session, t.claims FROM taken_sessions t LEFT JOIN recoverable r USING (session)"
    " WHERE t.node_id = $1::bigint AND (t.taken_at < clock_timestamp() - interval '2 s'"
    " OR NOT EXISTS (SELECT FROM recoverable_rooms j WHERE j.session = t.session"
    " AND NOT EXISTS (SELECT FROM node_leases l JOIN run_members m ON m.run = l.run"
    " WHERE l.node_id = r.node_id AND l.alive_until > clock_timestamp()"
    " AND m.room_id = j.room_id AND m.user_id = r.user_id AND m.sockets > 0)))"};
// What another transaction has locked is left for the next time: nothing that is removed here
// is waited for, so that nobody who waits for this has to.
constexpr pg::statement forget_taken{
    "forget_taken",
    "DELETE FROM taken_sessions WHERE node_id = $1::bigint AND session IN"
    " (SELECT t.session FROM unnest($2::bigint[], $3::bigint[]) AS i(session, claims)"
    " JOIN taken_sessions t ON t.node_id = $1::bigint AND t.session = i.session"
    " AND t.claims = i.claims FOR UPDATE OF t SKIP LOCKED)"};
// Those of a node that does not come back.
constexpr pg::statement forget_old_taken{
    "forget_old_taken", "DELETE FROM taken_sessions WHERE (node_id, session) IN"
                        " (SELECT node_id, session FROM taken_sessions"
                        " WHERE taken_at < clock_timestamp() - interval '10 minutes'"
                        " FOR UPDATE SKIP LOCKED)"};
constexpr pg::statement dismiss_users{
    "dismiss_users", "INSERT INTO dismissed_users (node_id, user_id)"
                     " SELECT l.node_id, u.user_id FROM (SELECT DISTINCT node_id"
                     " FROM node_leases WHERE node_id <> $2::bigint"
                     " AND alive_until > clock_timestamp()) l,"
                     " unnest($3::text[]) AS u(user_id)" HUBBUB_PG_OWN_HOLDS};
constexpr pg::statement take_dismissed{"take_dismissed",
                                       "DELETE FROM dismissed_users" HUBBUB_PG_OWN_HOLDS
                                       " AND node_id = $2::bigint RETURNING user_id,"
                                       " said_at > clock_timestamp() - interval '10 s'"};
// Those of a node that does not come back; the connections of then are long gone.
constexpr pg::statement forget_old_dismissed{
    "forget_dismissed", "DELETE FROM dismissed_users WHERE ctid = ANY(ARRAY"
                        " (SELECT ctid FROM dismissed_users"
                        " WHERE said_at < clock_timestamp() - interval '10 minutes'"
                        " FOR UPDATE SKIP LOCKED))"};
#undef HUBBUB_PG_OWN_HOLDS
constexpr pg::statement end_leases{"end_leases", "SELECT end_leases(" HUBBUB_PG_CLOCK ")"};
constexpr pg::statement forget_gone{"forget_gone",
                                    "DELETE FROM run_members"
                                    " WHERE (run, room_id, user_id) IN"
                                    " (SELECT run, room_id, user_id FROM run_members"
                                    " WHERE run = $1::bigint AND sockets = 0"
                                    " AND change <= $2::bigint FOR UPDATE SKIP LOCKED)"};

/// Returns a number that no other run has.
node_run new_run() {
  std::random_device source;
  const auto high = static_cast<std::uint64_t>(source()) << 32U;
  return static_cast<node_run>((high | source()) >> 1U);
}

foreign_member member_of(const pg::result& rows, int i) {
  const auto reason = std::clamp<std::int64_t>(rows.integer(i, 5), 0,
                                               static_cast<std::int64_t>(leave_reason::kicked));
  return {rows.integer(i, 0),
          {rows.number<room_id>(i, 1), rows.text(i, 2), rows.text(i, 3), rows.integer(i, 4),
           static_cast<leave_reason>(reason)}};
}

} // namespace

pg::connection* pg_lease::connected() {
  if (open_ && !open_->is_lost()) return &*open_;
  open_.reset();
  auto opened = pg::open_session(address_, pg::role::writer, durability::full);
  if (!opened) return nullptr;
  return &open_.emplace(*std::move(opened));
}

expected<lease_news, store_error> pg_lease::renew(const lease_report& report,
                                                  std::chrono::milliseconds length) {
  auto* open = connected();
  if (open == nullptr) return unexpected(store_error::io);
  lease_news news;
  if (report.afresh) {
    run_ = new_run();
    changes_ = settled_ = 0;
  }
  found_ = report.afresh ? std::map<node_run, std::int64_t>{} : read_;
  pg::exchange all{*open};
  all.add(begin_pass);
  if (report.afresh) {
    begin(all, report, length, news);
  } else {
    all.add(renew_lease, pg::parameters::of(run_, std::int64_t{length.count()}),
            [&news](const pg::result& rows) { news.is_over = rows.empty(); });
  }
  tell(all, report);
  ask(all, report, news);
  all.add(end_pass);
  if (const auto done = all.run(lease_patience); !done) {
    if (!done.error().connection_lost)
      open->roll_back();
    else if (report.afresh)
      unsure_.push_back(run_);
    return unexpected(pg::error_of(done.error()));
  }
  if (report.afresh) unsure_.clear();
  if (news.is_over) return lease_news{.is_over = true};
  // After a run was lost everything is read anew, for what was missed may be removed by now.
  for (const auto& [run, change] : read_)
    if (report.afresh || !found_.contains(run)) news.gone.push_back(run);
  read_ = std::move(found_);
  news.runs = std::ssize(read_);
  taken_ = news.taken;
  tidy(clock::now());
  return news;
}

/// Begins a run. In the same moment those end that may have begun, since nobody was told
/// whether their COMMIT came through: else their members would be kept for the length of a
/// lease.
void pg_lease::begin(pg::exchange& all, const lease_report& report,
                     std::chrono::milliseconds length, lease_news& news) {
  all.add(take_lease,
          pg::parameters::of(run_, node_, lease_wire, std::string_view{report.url},
                             std::int64_t{length.count()}, std::string_view{report.settings}));
  all.add(find_settings, pg::parameters::of(node_), [&news](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      news.settings.push_back({rows.integer(i, 0), rows.text(i, 1)});
  });
  if (unsure_.empty()) return;
  pg::array runs{pg::element::number};
  for (const auto run : unsure_)
    runs.add(run);
  all.add(end_runs, pg::parameters::of(runs, node_, lease_wire));
}

void pg_lease::tell(pg::exchange& all, const lease_report& report) {
  if (!report.dismissed.empty()) {
    pg::array dismissed{pg::element::text};
    for (const auto& user : report.dismissed)
      dismissed.add(std::string_view{user});
    all.add(dismiss_users, pg::parameters::of(run_, node_, dismissed));
  }
  if (report.members.empty()) return;
  pg::array rooms{pg::element::number};
  pg::array users{pg::element::text};
  pg::array names{pg::element::text};
  pg::array sockets{pg::element::number};
  pg::array reasons{pg::element::number};
  pg::array changes{pg::element::number};
  for (const auto& each : report.members) {
    rooms.add(each.room);
    users.add(std::string_view{each.user_id});
    names.add(std::string_view{each.username});
    sockets.add(each.sockets);
    reasons.add(static_cast<std::int64_t>(each.reason));
    changes.add(++changes_);
  }
  all.add(put_members,
          pg::parameters::of(run_, rooms, users, names, sockets, reasons, changes));
}

void pg_lease::ask(pg::exchange& all, const lease_report& report, lease_news& news) {
  pg::array runs{pg::element::number};
  pg::array changes{pg::element::number};
  for (const auto& [run, change] : found_) {
    runs.add(run);
    changes.add(change);
  }
  all.add(find_runs, pg::parameters::of(run_), [this, &news](const pg::result& rows) {
    std::map<node_run, std::int64_t> alive;
    std::map<std::int64_t, std::string> urls; // a node that was restarted has its last one
    for (int i = 0; i < rows.size(); ++i) {
      urls[rows.integer(i, 1)] = rows.text(i, 2);
      const auto before = found_.find(rows.integer(i, 0));
      alive[rows.integer(i, 0)] = before == found_.end() ? 0 : before->second;
    }
    found_ = std::move(alive);
    for (auto& [node, url] : urls)
      if (node != node_) news.nodes.push_back({node, std::move(url)});
  });
  all.add(find_changes, pg::parameters::of(run_, runs, changes),
          [this, &news](const pg::result& rows) {
            for (int i = 0; i < rows.size(); ++i) {
              news.changed.push_back(member_of(rows, i));
              auto& at = found_[rows.integer(i, 0)];
              at = std::max(at, rows.integer(i, 6));
            }
          });
  all.add(find_taken, pg::parameters::of(node_), [&news](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      news.taken.push_back({rows.number<recovery_id>(i, 0), rows.integer(i, 1)});
  });
  all.add(take_dismissed, pg::parameters::of(run_, node_),
          [&news, is_new = report.afresh](const pg::result& rows) {
            // Before a run begins, the connections of then were closed: what was said long ago
            // is not meant for those of now.
            for (int i = 0; i < rows.size(); ++i)
              if (!is_new || rows.boolean(i, 1)) news.dismissed.push_back(rows.text(i, 0));
          });
  if (report.rooms.empty()) return;
  pg::array wanted{pg::element::number};
  for (const auto room : report.rooms)
    wanted.add(room);
  all.add(find_members, pg::parameters::of(run_, wanted), [&news](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      news.wanted.push_back(member_of(rows, i));
  });
}

/// Removes what nobody has to read any more, and what dead nodes have left. If it fails, the
/// next time does it.
void pg_lease::tidy(clock::time_point now) {
  if (now - looked_ < look_interval) return;
  looked_ = now;
  pg::exchange care{*open_};
  care.add(end_leases);
  if (!taken_.empty()) forget(care, taken_);
  if (now - tidied_ >= tidy_interval) {
    care.add(forget_gone, pg::parameters::of(run_, settled_));
    care.add(forget_old_taken);
    care.add(forget_old_dismissed);
    settled_ = changes_;
    tidied_ = now;
  }
  const auto done = care.run(lease_patience);
  if (!done && !done.error().connection_lost) open_->roll_back();
}

/// Removes sessions of which the node has been told.
void pg_lease::forget(pg::exchange& care, const std::vector<taken_session>& told) const {
  pg::array sessions{pg::element::number};
  pg::array claims{pg::element::number};
  for (const auto& each : told) {
    sessions.add(each.session);
    claims.add(each.claims);
  }
  care.add(forget_taken, pg::parameters::of(node_, sessions, claims));
}

} // namespace hubbub
