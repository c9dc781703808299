// Routes of the page for people on call: what is happening now, and what they may do about it.
#include "net/api/admin_json.hpp"
#include "net/api/api_service.hpp"
#include "net/api/dismissal.hpp"
#include "net/api/figure_history.hpp"
#include "net/engine/engine_connection.hpp"
#include "net/http/static_files.hpp"
#include "net/log/log.hpp"
#include "net/version.hpp"
#include "proto/chat/field_reader.hpp"
#include "proto/chat/query_reader.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

using std::chrono::steady_clock;

constexpr unsigned accepted = 202;
constexpr unsigned permanent_redirect = 308;
/// How many rooms, users and slow readers are shown.
constexpr std::size_t most_shown = 20;

timed_snapshot_ptr taken_now(const metrics_snapshot& counters) {
  return std::make_shared<const timed_snapshot>(timed_snapshot{counters, steady_clock::now()});
}

/// Returns the sessions of one thread for which most waits, the longest queue first.
std::vector<waiting_client> longest_queues(const session_walk& sessions) {
  std::vector<waiting_client> found;
  sessions([&found](engine_connection& each) {
    if (const auto bytes = each.queued_bytes(); bytes > 0)
      found.push_back({each.number(), each.user_id ? *each.user_id : std::string{},
                       to_string(each.client), bytes});
  });
  cut_to_longest(found, most_shown);
  return found;
}

/// Returns the time in microseconds, or the nearest one that there is.
std::int64_t in_microseconds(timestamp time) {
  constexpr std::int64_t micros = 1'000;
  constexpr auto last = std::numeric_limits<std::int64_t>::max() / micros;
  return std::clamp(time.value, -last, last) * micros;
}

void log_act(const api_call& call, std::string_view act, std::string_view user_id) {
  log(log_event::admin_act, "somebody on call did something to the server",
      {{"act", act},
       {"by", call.access()->user_id},
       {"user", user_id},
       {"client", to_string(call.request().client)}});
}

} // namespace

void api_service::look_around_then(const thread_look& look, std::function<void()> then) {
  if (setup_->look) return setup_->look(index_, look, std::move(then));
  look(index_, [](const auto&) {});
  then();
}

void api_service::show_admin_page(const api_call_ptr& call) {
  auto request = call->request();
  const auto absent = [&call] {
    call->fail({error_code::not_found, "there is nothing at this path"});
  };
  if (!auth_->current->has_keys()) return absent();
  if (request.path.ends_with('/')) { // its relative links would lead elsewhere
    http_response moved;
    moved.status = permanent_redirect;
    moved.headers.emplace_back("Location", "../admin");
    return call->answer(std::move(moved));
  }
  request.path = "admin"; // no path of a request, so that it is served here only
  auto page = static_file(request);
  if (!page) return absent(); // built without the web client
  call->answer(std::move(*page));
}

/// Takes a sample of the figures, and has the next one taken after the interval. Without keys
/// nobody could look at it.
void api_service::sample() {
  compat::delayed_send(this, api_actor{this}, figure_history::interval, take_sample{});
  if (!auth_->current->has_keys()) return;
  gather_metrics([history = setup_->history, clock = setup_->clock](const auto& counters) {
    history->add(taken_now(counters), clock());
  });
}

void api_service::tell_now(const api_call_ptr& call) {
  query_reader read{call->request().query};
  const auto since = read.finish(read.number("since", {}, 0));
  if (!since) return call->fail(since.error());
  const auto told = std::make_shared<state_now>();
  told->at = setup_->clock();
  told->version = hubbub_version;
  told->node = setup_->node;
  const auto look = [told, history = setup_->history,
                     since = static_cast<std::uint64_t>(*since)](std::size_t thread,
                                                                 const session_walk&) {
    if (thread != 0 || !history) return;
    told->base = history->base();
    told->samples = history->after(since);
  };
  look_around_then(look, [this, call, told] {
    // This came from the threads, which may be later than the end of this actor.
    if (!setup_) return call->fail({error_code::overloaded, "the server is stopping"});
    gather_metrics([this, call, told](const metrics_snapshot& counters) {
      told->stopping = stopping_;
      call->answer_json(200, now_json(*told, *taken_now(counters)));
    });
  });
}

void api_service::tell_activity(const api_call_ptr& call) {
  struct thread_part {
    busy_report busy;
    std::vector<waiting_client> slow;
  };
  const auto threads = std::max<std::size_t>(setup_->relays.size(), 1);
  const auto parts = std::make_shared<std::vector<thread_part>>(threads);
  const auto look = [parts, counters = setup_->actors.refusals](std::size_t thread,
                                                                const session_walk& sessions) {
    if (thread >= parts->size()) return;
    auto& mine = (*parts)[thread];
    if (thread < counters.size())
      mine.busy = counters[thread]->activity().look(steady_clock::now());
    mine.slow = longest_queues(sessions);
  };
  look_around_then(look, [call, parts] {
    thread_part sum;
    for (auto& each : *parts) {
      sum.busy.add(each.busy);
      std::ranges::move(each.slow, std::back_inserter(sum.slow));
    }
    sum.busy.cut(most_shown);
    cut_to_longest(sum.slow, most_shown);
    call->answer_json(200, activity_json(sum.busy, sum.slow));
  });
}

void api_service::tell_trace_of(const api_call_ptr& call) {
  constexpr number_range limits{1, 1'000};
  constexpr std::int64_t usual = 200;
  query_reader read{call->request().query};
  trace_search search;
  search.question.user = read.optional_text("user").value_or("");
  search.question.room = read.optional_text("room").value_or("");
  if (const auto since = read.time("since")) search.question.since_us = in_microseconds(*since);
  search.question.as_json = true;
  const auto most = read.finish(read.number("limit", limits, usual));
  if (!most) return call->fail(most.error());
  search.most = static_cast<std::size_t>(*most);
  if (!setup_->trace)
    return call->fail({error_code::not_found,
                       "this server has no flight recorder: see trace_file and trace_bytes"});
  if (setup_->trace_turn.use_count() > 1)
    return call->fail({error_code::rate_limited,
                       "the flight recorder is being read for somebody else; try again",
                       std::chrono::seconds{1}});
  search.turn = setup_->trace_turn;
  ask(call, setup_->trace, std::move(search), [call](const trace_outcome& told) {
    if (!told) return call->fail({error_code::storage_error, told.error()});
    call->answer_json(200, trace_json(*told));
  });
}

void api_service::disconnect_user(const api_call_ptr& call) {
  const auto body = parse_object(call->request().body);
  if (!body) return call->fail(body.error());
  object_reader read{body->root(), setup_->settings.limits};
  const auto user_id = read.finish(read.user_id("user_id"));
  if (!user_id) return call->fail(user_id.error());
  log_act(*call, "disconnect", *user_id);
  if (setup_->actors.presence)
    compat::anon_send(setup_->actors.presence, dismiss_elsewhere{*user_id});
  const auto threads = std::max<std::size_t>(setup_->relays.size(), 1);
  const auto counts = std::make_shared<std::vector<std::size_t>>(threads);
  const auto look = [counts, wanted = dismissed_users{*user_id}](std::size_t thread,
                                                                 const session_walk& sessions) {
    if (thread < counts->size()) (*counts)[thread] = dismiss_on_thread(wanted, sessions);
  };
  look_around_then(look, [call, counts] {
    const auto all = std::accumulate(counts->begin(), counts->end(), std::size_t{0});
    call->answer_json(200, disconnected_json(all));
  });
}

void api_service::drain_server(const api_call_ptr& call) {
  if (!setup_->drain)
    return call->fail({error_code::not_found, "the program around this server must stop it"});
  log_act(*call, "drain", {});
  call->answer_json(accepted, R"({"status":"draining"})");
  // Once it is stopping, another request would have it stop at once.
  if (!stopping_) setup_->drain();
}

} // namespace hubbub
