// What the library costs its host: posts and deliveries beside plain CAF that does the same
// with a list of handles and no store, in turn in one run.
#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <hubbub/hubbub.hpp>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// A room that does no more than answer.
using plain_room = caf::typed_actor<caf::replies_to<api::post>::with<api::message>>;

namespace {

constexpr std::size_t content_bytes = 128;
/// Posts that a sender has under way, and fewer when each goes to a thousand subscribers.
constexpr std::int64_t window = 100;
constexpr std::int64_t narrow_window = 10;
constexpr std::int64_t many = 1'000;
constexpr std::int64_t all_credit = 100'000;
constexpr std::chrono::minutes patience{10};
constexpr double target = 0.5;
constexpr double megabyte = 1e6;

/// What the actors here tell the one that measures.
enum sign : std::int32_t { subscribed, has_all, has_posted };

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "embed_bench: " << why << '\n';
  std::_Exit(1);
}

struct host_config : caf::actor_system_config {
  host_config() {
    load<caf::io::middleman>();
    broker::configure(*this);
  }
};

struct figure {
  double seconds = 0;
  double cpu_seconds = 0;
};

double cpu_now() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

template <class Work>
figure measure(Work work) {
  const auto before = cpu_now();
  const auto begun = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun;
  return {passed.count(), cpu_now() - before};
}

/// Numbers what is posted and sends it to all of its members.
plain_room::behavior_type plain_rooms(plain_room::pointer /*self*/,
                                      const std::vector<caf::actor>& members) {
  const auto last = std::make_shared<std::int64_t>(0);
  return {[members, last](const api::post& what) {
    ++*last;
    api::room_event event;
    event.room_id = 1;
    event.room = what.room.name;
    event.at = {*last, *last};
    event.what = {1, 1, what.room.name, *last, *last, what.by, what.content, "", 1, 0, 0};
    for (const auto& each : members)
      caf::anon_send(each, api::subscription_id{1}, event);
    return event.what;
  }};
}

/// Counts messages, and says each time that it has so many of them.
class listener : public caf::event_based_actor {
 public:
  /// Makes a listener; it subscribes to the lobby if there are rooms.
  listener(caf::actor_config& config, gateway_actor rooms, std::int64_t credit,
           std::int64_t expected, caf::actor whom)
      : caf::event_based_actor(config), rooms_(std::move(rooms)), credit_(credit),
        expected_(expected), whom_(std::move(whom)) {}

  caf::behavior make_behavior() override {
    if (rooms_)
      request(rooms_, patience, api::subscribe{"lobby", api::from_now(), credit_, {}})
          .then([this](const api::subscribed&) { send(whom_, std::int32_t{subscribed}); },
                [this](const caf::error& why) { give_up(system().render(why)); });
    return {[this](api::subscription_id id, const api::room_event& event) {
      if (event.kind != api::event_kind::message) return;
      ++seen_;
      if (seen_ % expected_ == 0) send(whom_, std::int32_t{has_all});
      if (rooms_ && seen_ % (all_credit / 2) == 0) send(rooms_, api::grant{id, all_credit / 2});
    }};
  }
  void on_exit() override {
    rooms_ = nullptr;
    whom_ = nullptr;
  }

 private:
  gateway_actor rooms_;
  std::int64_t credit_;
  std::int64_t expected_;
  std::int64_t seen_ = 0;
  caf::actor whom_;
};

/// Posts `count` times, so many at a time.
template <class Rooms>
class sender : public caf::event_based_actor {
 public:
  sender(caf::actor_config& config, Rooms rooms, std::int64_t count, std::int64_t at_a_time,
         caf::actor whom)
      : caf::event_based_actor(config), rooms_(std::move(rooms)), left_(count),
        open_(std::min(count, at_a_time)), whom_(std::move(whom)) {}

  caf::behavior make_behavior() override {
    const auto first = open_;
    for (std::int64_t i = 0; i < first; ++i)
      post();
    return {[](std::int32_t) {}};
  }
  void on_exit() override {
    rooms_ = nullptr;
    whom_ = nullptr;
  }

 private:
  void post() {
    --left_;
    request(rooms_, caf::infinite,
            api::post{"lobby", {"ann", "Ann"}, std::string(content_bytes, 'x'), ""})
        .then(
            [this](const api::message&) {
              if (left_ > 0) return post();
              if (--open_ > 0) return;
              send(whom_, std::int32_t{has_posted});
              quit();
            },
            [this](const caf::error& why) { give_up(system().render(why)); });
  }

  Rooms rooms_;
  std::int64_t left_;
  std::int64_t open_;
  caf::actor whom_;
};

/// Waits for so many signs.
void await(caf::scoped_actor& self, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    self->receive([](std::int32_t) {},
                  caf::after(patience) >> [] { give_up("something is lost"); });
}

/// Posts, and waits until each of `listeners` has everything.
template <class Rooms>
figure posting(caf::scoped_actor& self, const Rooms& rooms, std::int64_t count,
               std::int64_t at_a_time, std::int64_t listeners) {
  return measure([&] {
    self->spawn<sender<Rooms>>(rooms, count, at_a_time, caf::actor_cast<caf::actor>(self));
    await(self, 1 + listeners);
  });
}

struct hosted {
  explicit hosted(broker_config settings = {}) : chat(system, one_thread(std::move(settings))) {
    if (const auto why = chat.start()) give_up(system.render(why));
  }
  static broker_config one_thread(broker_config settings) {
    settings.io_threads = 1;
    return settings;
  }

  host_config config;
  caf::actor_system system{config};
  broker chat;
};

/// So many listeners hear so many messages: in rooms, or of a list of handles.
figure fan_out(bool in_rooms, std::int64_t listeners, std::int64_t messages,
               std::int64_t at_a_time) {
  hosted host;
  caf::scoped_actor self{host.system};
  const auto me = caf::actor_cast<caf::actor>(self);
  std::vector<caf::actor> members;
  for (std::int64_t i = 0; i < listeners; ++i) {
    members.push_back(host.system.spawn<listener>(
        in_rooms ? host.chat.gateway() : gateway_actor{}, all_credit, messages, me));
    if (in_rooms) await(self, 1);
  }
  const auto taken = in_rooms
                         ? posting(self, host.chat.gateway(), messages, at_a_time, listeners)
                         : posting(self, host.system.spawn(plain_rooms, members), messages,
                                   at_a_time, listeners);
  for (const auto& each : members)
    self->send_exit(each, caf::exit_reason::user_shutdown);
  return taken;
}

/// Posts from another node, to rooms or to an actor that does no more than answer.
figure from_afar(bool to_rooms, std::int64_t messages) {
  hosted host;
  host_config config;
  caf::actor_system far{config};
  caf::scoped_actor self{far};
  if (to_rooms) {
    const auto port = host.chat.publish(0);
    if (!port) give_up(host.system.render(port.error()));
    const auto rooms = remote_gateway(far, "127.0.0.1", *port);
    if (!rooms) give_up(far.render(rooms.error()));
    const auto taken = posting(self, *rooms, messages, window, 0);
    self->send_exit(*rooms, caf::exit_reason::user_shutdown);
    return taken;
  }
  const auto plain = host.system.spawn(plain_rooms, std::vector<caf::actor>{});
  const auto port = host.system.middleman().publish(plain, 0, "127.0.0.1");
  if (!port) give_up(host.system.render(port.error()));
  const auto rooms = far.middleman().remote_actor<plain_room>("127.0.0.1", *port);
  if (!rooms) give_up(far.render(rooms.error()));
  const auto taken = posting(self, *rooms, messages, window, 0);
  self->send_exit(*rooms, caf::exit_reason::user_shutdown);
  return taken;
}

/// Returns how much of the heap is in use when nothing is under way. CAF keeps the time limit
/// of a request until it is over, also when the answer has come; large blocks are mapped by
/// themselves, and count too.
double heap_in_use() {
  std::this_thread::sleep_for(gateway_patience + std::chrono::seconds{1});
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

/// Returns by how many bytes the heap grows while messages pass, with or without a subscriber
/// that grants no credit. The store is a file, so that the messages themselves are none of it.
double growth(bool is_subscribed, std::int64_t messages, const std::string& folder) {
  broker_config settings;
  settings.store = folder + (is_subscribed ? "/with.db" : "/without.db");
  settings.survives_power_loss = false;
  hosted host{settings};
  caf::scoped_actor self{host.system};
  const auto me = caf::actor_cast<caf::actor>(self);
  posting(self, host.chat.gateway(), messages / 10, window, 0); // caches fill
  const auto silent = host.system.spawn<listener>(
      is_subscribed ? host.chat.gateway() : gateway_actor{}, std::int64_t{0}, messages, me);
  if (is_subscribed) await(self, 1);
  const auto before = heap_in_use();
  posting(self, host.chat.gateway(), messages, window, 0);
  const auto after = heap_in_use();
  self->send_exit(silent, caf::exit_reason::user_shutdown);
  return after - before;
}

void row(const std::string& what, double plain, double ours) {
  std::cout << "| " << std::left << std::setw(58) << what << std::right << std::fixed
            << std::setprecision(0) << " | " << std::setw(10) << plain << " | " << std::setw(10)
            << ours << " | " << std::setprecision(2) << std::setw(5) << ours / plain << " | "
            << target << " |\n"
            << std::flush;
}

double middle(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

/// Runs both in turn, and prints the middle of what each did.
template <class Run, class Value>
void compare(const std::string& what, int rounds, Run run, Value value) {
  std::vector<double> plain;
  std::vector<double> ours;
  for (int i = 0; i < rounds; ++i) {
    plain.push_back(value(run(false)));
    ours.push_back(value(run(true)));
  }
  row(what, middle(plain), middle(ours));
}

void run_all(int rounds, std::int64_t messages) {
  std::cout << "| " << std::left << std::setw(58) << ""
            << " | plain CAF  | Hubbub     | ratio | target |\n"
            << "| --- | ---: | ---: | ---: | ---: |\n";
  const auto per_second = [](std::int64_t count) {
    return [count](const figure& taken) { return static_cast<double>(count) / taken.seconds; };
  };
  compare(
      "messages a second, from a post to one's own subscription", rounds,
      [&](bool rooms) { return fan_out(rooms, 1, messages, window); }, per_second(messages));
  const auto few = messages / 50;
  compare(
      "deliveries a CPU-second, to 1,000 subscriptions", rounds,
      [&](bool rooms) { return fan_out(rooms, many, few, narrow_window); },
      [few](const figure& taken) {
        return static_cast<double>(few * many) / taken.cpu_seconds;
      });
  compare(
      "posts a second, through another node", rounds,
      [&](bool rooms) { return from_afar(rooms, messages); }, per_second(messages));
}

void run_silent(std::int64_t messages) {
  auto folder = (std::filesystem::temp_directory_path() / "embed_bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) give_up("no folder for the database");
  const auto without = growth(false, messages, folder);
  const auto with = growth(true, messages, folder);
  std::filesystem::remove_all(folder);
  std::cout << "\nThe heap while " << messages << " messages pass grows by " << std::fixed
            << std::setprecision(3) << without / megabyte
            << " MB, and with a subscriber without credit by " << with / megabyte
            << " MB: it costs " << (with - without) / megabyte << " MB (target: below 1).\n";
}

} // namespace
} // namespace hubbub::bench

/// embed_bench [rounds [messages [messages that pass a subscriber without credit]]]
int main(int argc, char** argv) {
  const auto number = [argc, argv](int at, long otherwise) {
    return argc > at ? std::strtol(argv[at], nullptr, 10) : otherwise;
  };
  hubbub::bench::run_all(static_cast<int>(number(1, 5)), number(2, 50'000));
  if (const auto silent = number(3, 1'000'000); silent > 0) hubbub::bench::run_silent(silent);
}
