// The metrics: every actor that counts is asked for a copy of its counters.
#include "net/api/api_service.hpp"
#include "net/api/metrics_page.hpp"
#include "net/api/openmetrics_page.hpp"
#include "net/version.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {
namespace {

/// How long an actor may take to answer; scrapers wait for ten seconds.
constexpr std::chrono::seconds patience_for_counters{3};

std::string numbered(const char* name, std::size_t number) {
  return std::string{name} + "_" + std::to_string(number);
}

} // namespace

/// A snapshot while it is put together; it is passed on when the last part has come, or will
/// not come any more.
class metrics_gathering {
 public:
  explicit metrics_gathering(snapshot_handler done) : done_(std::move(done)) {}

  metrics_snapshot snapshot;

  /// Counts an actor that is asked; returns its number.
  std::size_t begin(std::string actor) {
    snapshot.answers.push_back({std::move(actor), std::nullopt});
    ++missing_;
    return snapshot.answers.size() - 1;
  }
  void answered(std::size_t actor, std::optional<std::uint64_t> mail) {
    snapshot.answers[actor].mail = mail;
    snapshot.answers[actor].seconds =
        std::chrono::duration<double>{std::chrono::steady_clock::now() - begun_}.count();
    got_one();
  }
  /// Counts an answer that is not an actor's.
  void begin() { ++missing_; }
  void got_one() {
    if (--missing_ > 0) return;
    snapshot.process = ask_process();
    snapshot.allocator = ask_allocator();
    done_(snapshot);
  }

 private:
  snapshot_handler done_;
  std::size_t missing_ = 0;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// Asks an actor for its counters; `take` gets the place in the snapshot and the answer. If
/// there is none in time, nothing of this kind is shown. With a null place only the time that
/// it takes is shown.
template <class Part, class Handle, class Question, class Take>
void api_service::gather(const metrics_gathering_ptr& page, std::string actor,
                         const Handle& whom, Question question,
                         std::optional<Part> metrics_snapshot::*place, Take take) {
  const auto number = page->begin(std::move(actor));
  compat::request(this, whom, patience_for_counters, question)
      .then(
          [page, number, place, take](const Part& part) {
            // A part of which another thread's share is missing stays missing.
            if (place != nullptr)
              if (auto& sum = page->snapshot.*place) take(*sum, part);
            if constexpr (requires { part.mail; })
              page->answered(number, part.mail);
            else
              page->answered(number, std::nullopt);
          },
          [page, place](const caf::error&) {
            if (place != nullptr) (page->snapshot.*place).reset();
            page->got_one();
          });
}

void api_service::tell_metrics(const api_call_ptr& call) {
  gather_metrics([call](const metrics_snapshot& snapshot) {
    http_response response;
    response.content_type = metrics_content_type;
    response.body = metrics_page(snapshot, hubbub_version);
    if (wants_openmetrics(call->request().header("accept"))) {
      response.content_type = openmetrics_content_type;
      response.body =
          openmetrics_page(response.body, snapshot.measures ? &*snapshot.measures : nullptr);
    }
    call->answer(std::move(response));
  });
}

void api_service::gather_metrics(snapshot_handler then) {
  using all = metrics_snapshot;
  const auto page = std::make_shared<metrics_gathering>(std::move(then));
  auto& to = page->snapshot;
  to.store.emplace();
  to.searches.emplace();
  to.rooms.emplace();
  to.rates.emplace();
  to.users.emplace();
  to.relays.emplace();
  to.refusals.emplace();
  to.measures.emplace();
  to.bus.emplace();
  to.bridge.emplace();
  to.presence.emplace();
  const auto copy = [](auto& part, const auto& answer) { part = answer; };
  const auto& actors = setup_->actors;
  gather(page, "writer", actors.writer, ask_writer_stats{}, &all::store, copy);
  gather(page, "searcher", actors.searcher, ask_search_stats{}, &all::searches, copy);
  gather(page, "directory", actors.directory, ask_directory_stats{}, &all::rooms, copy);
  gather(page, "limiter", actors.limiter, ask_limiter_stats{}, &all::rates, copy);
  if (actors.bus) {
    gather(page, "bus", actors.bus.actor, ask_bus_stats{}, &all::bus, copy);
    actors.bus.ring();
  }
  if (actors.bridge) {
    gather(page, "bridge", actors.bridge.actor, ask_bridge_stats{}, &all::bridge, copy);
    actors.bridge.ring();
  }
  if (actors.presence)
    gather(page, "presence", actors.presence, ask_presence_stats{}, &all::presence, copy);
  gather(page, "connection_counter", actors.connection_counter, ask_connection_counts{},
         &all::users, copy);
  for (std::size_t i = 0; i < actors.readers.size(); ++i)
    gather(page, numbered("reader", i), actors.readers[i], ask_search_stats{},
           static_cast<std::optional<search_stats> all::*>(nullptr), copy);
  for (std::size_t i = 0; i < setup_->relays.size(); ++i)
    gather(page, numbered("relay", i), setup_->relays[i], ask_relay_stats{}, &all::relays,
           [](relay_stats& sum, const relay_stats& part) {
             sum.delivered += part.delivered;
             sum.connections += part.connections;
           });
  for (std::size_t i = 0; i < actors.gates.size(); ++i) {
    gather(page, numbered("gate", i), actors.gates[i], ask_measures{}, &all::measures,
           [page, i](chat_measures& sum, const chat_measures& part) {
             sum += part;
             page->snapshot.threads.push_back(
                 {i, part.writes_waiting, part.oldest_write, part.room_mail, part.oldest_mail});
           });
    page->begin();
    compat::request(this, actors.gates[i], patience_for_counters, ask_refusals{})
        .then(
            [page](const refusal_counts& counts) {
              if (auto& sum = page->snapshot.refusals)
                for (std::size_t j = 0; j < refused_by_count; ++j)
                  sum->by_reason[j] += counts.by_reason[j];
              page->got_one();
            },
            [page](const caf::error&) {
              page->snapshot.refusals.reset();
              page->got_one();
            });
  }
  page->begin();
  server_counters_([page](const server_stats& stats) {
    page->snapshot.server = stats;
    page->got_one();
  });
}

} // namespace hubbub
