#include "bench/scenario/gathering.hpp"
#include "bench/scenario/history_walk.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace hubbub::bench {
namespace {

constexpr std::string_view searched_word = "platform";

/// Makes one request and waits for its response.
class question final : http_asker {
 public:
  explicit question(run& of) : run_(&of), connection_(of.loop, of.server_for(0), 0) {}

  /// Returns the body of a 200; nothing if there is none, which is then in the fault log.
  std::optional<std::string> ask(const std::string& path) {
    body_.reset();
    answered_ = false;
    connection_.get(path, *this);
    run_->clients.await([this] { return answered_; }, "for " + path);
    if (!body_) run_->faults.add(fault::refused, "the server did not give " + path);
    return body_;
  }

 private:
  void on_response(http_connection& /*from*/, int status, std::string_view body) override {
    answered_ = true;
    if (status == http_ok) body_ = body;
  }
  void on_no_response(http_connection& /*from*/, std::string /*why*/) override {
    answered_ = true;
  }

  run* run_;
  http_connection connection_;
  bool answered_ = false;
  std::optional<std::string> body_;
};

/// Searches one room again and again.
class searcher final : http_asker {
 public:
  searcher(run& of, std::size_t number, const filled_room& room, histogram& times)
      : run_(&of), connection_(of.loop, of.server_for(number), number), times_(&times),
        path_(fill_path(of.words.http.search,
                        {room.name, room.id, {}, searched_word, of.asked.page})) {}

  void ask() {
    asked_at_ = run_->loop.tick();
    connection_.get(path_, *this);
  }
  void stop() { stopped_ = true; }
  [[nodiscard]] bool is_busy() const { return connection_.is_busy(); }

 private:
  void on_response(http_connection& /*from*/, int status, std::string_view body) override {
    times_->add(run_->loop.now() - asked_at_);
    ++run_->measure.counts.requests;
    if (status != http_ok || body.find(searched_word) == std::string_view::npos)
      run_->faults.add(fault::refused,
                       "a search found nothing, status " + std::to_string(status));
    else if (!stopped_)
      ask();
  }
  void on_no_response(http_connection& /*from*/, std::string why) override {
    run_->faults.add(fault::unexpected_close, "a search " + why);
  }

  run* run_;
  http_connection connection_;
  histogram* times_;
  std::string path_;
  moment asked_at_{};
  bool stopped_ = false;
};

/// Looks up a room in the list that the server returns.
std::optional<std::string> find_id(run& of, question& http, const std::string& name) {
  const auto& words = of.words.http;
  if (words.rooms.empty()) return "";
  const auto body = http.ask(fill_path(words.rooms, {name, {}, {}, {}, of.asked.page}));
  if (!body) return {};
  const auto parsed = json::parse(*body, max_json_depth);
  if (!parsed) return {};
  const auto root = parsed->root();
  const auto rooms = words.rooms_list.empty() ? root : root.find(words.rooms_list);
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (rooms.at(i).find("name").string() != name) continue;
    std::string id;
    if (const auto text = rooms.at(i).find("id").string())
      id = *text;
    else
      rooms.at(i).find("id").dump(id);
    return id;
  }
  of.faults.add(fault::refused, "the server does not list room " + name);
  return {};
}

bool offers_search(run& of, question& http) {
  const auto& words = of.words.http;
  if (words.search.empty()) return false;
  if (words.search_feature.empty()) return true;
  if (words.info.empty()) return false;
  const auto body = http.ask(words.info);
  if (!body) return false;
  const auto parsed = json::parse(*body, max_json_depth);
  if (!parsed) return false;
  const auto features = parsed->root().find("features");
  for (std::size_t i = 0; i < features.size(); ++i)
    if (features.at(i).string() == words.search_feature) return true;
  return false;
}

void report_cost(run& of, const std::string& what, const measurement& found) {
  if (found.knows_server && found.done.requests > 0)
    of.report.figures.push_back({"server's CPU a " + what,
                                 static_cast<double>(found.server.cpu.count()) /
                                     static_cast<double>(found.done.requests),
                                 unit::nanoseconds});
}

void walk_and_measure(run& of, const std::vector<filled_room>& rooms) {
  histogram times;
  std::deque<history_walk> walks;
  for (std::size_t i = 0; i < of.asked.readers; ++i)
    walks.emplace_back(of, i, times);
  std::size_t next = 0;
  std::uint64_t whole = 0;
  of.shown.stage("paging", of.asked.duration);
  of.measure.begin(sampling);
  const auto until = of.loop.tick() + of.asked.duration;
  while (of.loop.tick() < until && of.faults.total() == 0) {
    for (auto& walk : walks)
      if (!walk.is_busy()) {
        walk.begin(rooms[next++ % rooms.size()]);
        ++whole;
      }
    of.clients.turn_for(std::chrono::milliseconds{1}, [&walks] {
      return std::any_of(walks.begin(), walks.end(),
                         [](auto& walk) { return !walk.is_busy(); });
    });
  }
  const auto found = of.measure.read();
  of.measure.stop();
  of.clients.await(
      [&walks] {
        return std::none_of(walks.begin(), walks.end(),
                            [](auto& walk) { return walk.is_busy(); });
      },
      "for their pages");
  of.report.figures.push_back({"histories read", static_cast<double>(whole), unit::count});
  of.report.latencies.push_back(make_curve("page", times));
  report_measurement(of, found);
  report_cost(of, "page", found);
}

void search_and_measure(run& of, const std::vector<filled_room>& rooms) {
  histogram times;
  std::deque<searcher> searchers;
  for (std::size_t i = 0; i < of.asked.readers; ++i)
    searchers.emplace_back(of, i, rooms[i % rooms.size()], times);
  of.shown.stage("searching", of.asked.duration);
  of.measure.begin(sampling);
  for (auto& one : searchers)
    one.ask();
  of.clients.turn_for(of.asked.duration);
  const auto found = of.measure.read();
  of.measure.stop();
  for (auto& one : searchers)
    one.stop();
  of.clients.await(
      [&searchers] {
        return std::none_of(searchers.begin(), searchers.end(),
                            [](auto& one) { return one.is_busy(); });
      },
      "for their searches");
  of.report.figures.push_back(
      {"searches", found.per_second(found.done.requests), unit::per_second});
  of.report.latencies.push_back(make_curve("search", times));
  report_measurement(of, found, "searching: ");
  report_cost(of, "search", found);
}

} // namespace

void suit_history(options& defaults) {
  defaults.rooms = 4;
  defaults.connections = 8;
  defaults.senders = 8;
  defaults.window = 20;
  defaults.messages = 20'000;
}

/// Fills rooms, then reads them over HTTP from end to beginning, page by page, as often as it
/// can; and searches them if the server offers that.
void run_history(run& of) {
  if (!gather(of)) return;
  traffic talk{of};
  of.shown.stage("filling", of.asked.patience);
  talk.begin();
  talk.finish();
  if (of.faults.total() > 0) return;

  question http{of};
  std::vector<filled_room> rooms;
  for (std::size_t i = 0; i < of.asked.rooms; ++i) {
    filled_room room{of.clients.room_name(i), {}, &talk.log_of(i)};
    const auto id = find_id(of, http, room.name);
    if (!id) return;
    room.id = *id;
    rooms.push_back(std::move(room));
  }
  walk_and_measure(of, rooms);
  if (of.faults.total() == 0 && offers_search(of, http)) search_and_measure(of, rooms);
}

} // namespace hubbub::bench
