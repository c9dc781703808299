#include "bench/options.hpp"

#include "bench/scenario/scenario.hpp"
#include "net/manual/completion.hpp"
#include "net/manual/help_command.hpp"
#include "net/manual/help_format.hpp"
#include "net/manual/manual_page.hpp"
#include "net/manual/unknown_word.hpp"
#include "net/version.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace hubbub::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t many = 100'000'000;
constexpr std::int64_t longest_run_ms = std::int64_t{366} * 86'400'000;
constexpr double slowest_rate = 0.001;
constexpr double fastest_rate = 10'000'000;

/// Refuses numbers outside of this range, and what is not a number; with `zero`, 0 is allowed
/// as well.
CLI::Validator within(double lowest, double highest, bool zero, const std::string& sentence) {
  const auto why_not = [=](const std::string& text) {
    double value = 0;
    const auto is_read = CLI::detail::lexical_cast(text, value);
    const bool is_fine =
        is_read && ((value >= lowest && value <= highest) || (zero && value == 0));
    return is_fine ? std::string{} : sentence;
  };
  return {why_not, {}};
}

std::optional<milliseconds> read_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0) return {};
  const std::string_view unit{stop, static_cast<std::size_t>(end - stop)};
  const std::map<std::string_view, std::int64_t> units{{"ms", 1}, {"s", 1'000}, {"m", 60'000}};
  const auto found = units.find(unit);
  if (found == units.end() || number > longest_run_ms / found->second) return {};
  return milliseconds{number * found->second};
}

std::string write_duration(milliseconds time) {
  if (time.count() % 1'000 == 0) return std::to_string(time.count() / 1'000) + "s";
  return std::to_string(time.count()) + "ms";
}

template <class Value>
std::string one_of(const std::map<std::string, Value>& values) {
  std::string names;
  for (const auto& [name, value] : values)
    names.append(names.empty() ? "" : "|").append(name);
  return names;
}

/// The options of one scenario; their values live as long as the command line.
class option_list {
 public:
  option_list(CLI::App& app, options& to) : app_(&app), to_(&to) {}

  void server() {
    list("--url", to_->urls, "http://host:port; several share the clients")
        ->type_name("URL")
        ->default_str(to_->urls.front());
    file("--dialect", to_->dialect_file, "the server's words, in TOML; Hubbub's by default");
    text("--label", to_->label, "what to call this run; the dialect's name by default");
    list("--server-pid", to_->server_pids,
         "whose CPU and memory to report, with its children; several are added up")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, many).description(""));
  }
  void connections() {
    choice("--transport", to_->transport,
           {{"websocket", transport_kind::websocket}, {"polling", transport_kind::polling}},
           "how to connect");
    number("--connections", to_->connections, 1, "clients");
    number("--connecting", to_->connecting, 1, "handshakes at the same time");
    number("--source-addresses", to_->source_addresses, 0,
           "addresses 127.0.0.x to connect from; 0: as many as needed");
    number("--rooms", to_->rooms, 1, "client i is in room i mod this");
    number("--largest-room", to_->largest_room, 0,
           "rooms of 1, 2 and so on up to this many clients in turn; 0: all of one size");
    duration("--settle", to_->settle, "quiet to wait for before the load begins");
    duration("--patience", to_->patience, "silence after which what is missing is lost");
  }
  void load() {
    number("--senders", to_->senders, 1, "the first so many clients send");
    number("--window", to_->window, 1, "messages of a sender under way, in the closed loop");
    real("--rate", to_->rate, "messages a second of all senders, instead of the window");
    number("--size", to_->size, 1, "bytes of a message's content");
    number("--messages", to_->messages, 0,
           "ends after so many messages, whatever the duration");
    time();
  }
  void time() {
    duration("--duration", to_->duration, "how long to measure");
    duration("--warmup", to_->warmup, "load before that");
  }
  void output() {
    file("--json", to_->json, "write the report here");
    file("--html", to_->html, "write a page with plots here");
    app_->add_flag("--progress,!--no-progress", to_->progress, "a line of progress");
  }
  void of_scenario() {
    const auto& name = to_->scenario;
    if (name == "fanout")
      choice("--event", to_->event,
             {{"message", event_kind::message}, {"typing", event_kind::typing}},
             "what to send");
    if (name == "storm") {
      choice("--phase", to_->phase,
             {{"all", storm_phase::all},
              {"connect", storm_phase::connect},
              {"reconnect", storm_phase::reconnect},
              {"churn", storm_phase::churn}},
             "all of it, or one");
      number("--cycles", to_->cycles, 1, "churn: clients that come and go at the same time");
    }
    if (name == "jitter" || name == "slow")
      app_->add_option("--share", to_->share,
                       "of the clients that do not send: who does it, from 0 to 1")
          ->capture_default_str()
          ->check(within(0, 1, false, "takes 0 to 1"))
          ->type_name("N");
    if (name == "jitter") {
      duration("--every", to_->every, "time between two drops of one client");
      duration("--away", to_->away, "how long it is gone");
    }
    if (name == "slow")
      number("--read-rate", to_->read_rate, 0, "bytes a second that a slow client reads");
    if (name == "hostile")
      number("--attackers", to_->attackers, 0, "connections that attack, each way in turn");
    if (name == "history") {
      number("--page", to_->page, 1, "messages of a page");
      number("--readers", to_->readers, 1, "requests at the same time");
    }
  }

 private:
  void text(const char* name, std::string& to, const char* help) {
    app_->add_option(name, to, help)->capture_default_str();
  }
  void file(const char* name, std::filesystem::path& to, const char* help) {
    app_->add_option_function<std::string>(
            name, [&to](const std::string& path) { to = path; }, help)
        ->type_name("FILE");
  }
  /// An option that may be given several times, each time with one value.
  template <class Value>
  CLI::Option* list(const char* name, std::vector<Value>& to, const char* help) {
    return app_->add_option(name, to, help)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  template <class Number>
  void number(const char* name, Number& to, std::size_t least, const char* help) {
    app_->add_option(name, to, help)
        ->capture_default_str()
        ->check(CLI::Range(least, many).description(""))
        ->type_name("N");
  }
  void real(const char* name, double& to, const char* help) {
    app_->add_option(name, to, help)
        ->capture_default_str()
        ->check(within(slowest_rate, fastest_rate, true, "takes 0, or 0.001 to 10000000"))
        ->type_name("N");
  }
  void duration(const char* name, milliseconds& to, const char* help) {
    const auto set = [&to, name](const std::string& text) {
      const auto read = read_duration(text);
      if (!read)
        throw CLI::ValidationError(name, "takes a time such as 10s or 500ms, up to a year");
      to = *read;
    };
    app_->add_option_function<std::string>(name, set, help)
        ->default_str(write_duration(to))
        ->type_name("TIME");
  }
  template <class Value>
  void choice(const char* name, Value& to, const std::map<std::string, Value>& values,
              const char* help) {
    std::string current;
    for (const auto& [word, value] : values)
      if (value == to) current = word;
    app_->add_option(name, to, help)
        ->transform(CLI::CheckedTransformer(values, CLI::ignore_case).description(""))
        ->default_str(current)
        ->type_name(one_of(values));
  }

  CLI::App* app_;
  options* to_;
};

/// Checks what no option can check alone.
std::string check(const options& asked) {
  if (asked.senders > asked.connections) return "--senders is more than --connections";
  if (asked.rooms > asked.connections) return "--rooms is more than --connections";
  if (const auto most = asked.largest_room; most > 0) {
    if (asked.rooms % most != 0) return "--rooms must be a multiple of --largest-room";
    if (asked.connections != asked.rooms / most * (most * (most + 1) / 2))
      return "--connections must be as many as the rooms of 1 to --largest-room have";
    if (asked.senders > asked.rooms) return "--senders is more than --rooms";
  }
  return {};
}

std::string version_line() {
  return "hubbub-bench " + std::string{hubbub_version};
}

std::string manual_text(const CLI::App& app) {
  const auto project = "hubbub " + std::string{hubbub_version};
  manual_page page{
      {"hubbub-bench", '1', "load tester for chats over Socket.IO", project, manual_date()}};
  page.section("Synopsis");
  page.text("`hubbub-bench` SCENARIO [OPTION...]");
  page.section("Description");
  page.text("Connects many clients to a chat, lets some of them send, checks that each message "
            "arrives once and in order at everybody who should get it, and measures rates and "
            "latencies. It says so if it was itself the limit. A dialect file teaches it the "
            "words of another server.");
  page.commands(hubbub::describe(app));
  page.section("Exit status");
  page.item("`0`", "it ran, and nothing was lost or doubled");
  page.item("`1`", "something was lost, doubled or out of order");
  page.item("`2`", "the arguments are wrong, or the server could not be reached");
  page.section("Examples");
  page.example("hubbub-bench fanout --connections 1000 --rooms 10 --duration 30s\n"
               "hubbub-bench send --json run.json && hubbub-bench report run.json");
  page.section("See also");
  page.text("`hubbub`(1)");
  return page.written();
}

/// One parse of the command line. Some defaults follow from `connections`.
class command_line {
 public:
  explicit command_line(std::size_t connections) {
    app_.require_subcommand(1);
    use_help_format(app_);
    for (std::size_t i = 0; i < scenarios.size(); ++i)
      add(scenarios[i], read_[i], connections);
    auto* compare = app_.add_subcommand("report", "compare runs by their --json files");
    compare->add_option("runs", compare_.reports, "the files")->required()->type_name("FILE");
    compare->add_option("--html", compare_.html, "write a page with plots here");
    compare_.scenario = "report";
    app_.set_version_flag("--version", version_line(), "print the version");
    add_help_commands(app_, help_, {"hubbub-bench"});
  }

  /// Returns 0 if a run is asked for, -1 if what was asked for has been printed, and otherwise
  /// the exit status for wrong arguments.
  int parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& e) {
      app_.exit(e);
      return -1;
    } catch (const CLI::ParseError& e) {
      const auto unknown = unknown_word(app_, {argv + 1, argv + argc});
      return complain(unknown ? *unknown : std::string{e.what()} + " (try --help)");
    }
    return help_.verb == help_verb::none ? 0 : print_help();
  }
  [[nodiscard]] const options& found() const {
    const auto name = app_.get_subcommands().front()->get_name();
    for (const auto& one : read_)
      if (one.scenario == name) return one;
    return compare_;
  }

 private:
  static int complain(const std::string& sentence) {
    std::fprintf(stderr, "hubbub-bench: %s\n", sentence.c_str());
    return 2;
  }
  int print_help() {
    expected<std::string, std::string> text{version_line() + "\n"};
    if (help_.verb == help_verb::completion)
      text = completion(hubbub::describe(app_), help_.shell);
    else if (!help_.page.empty())
      text = manual_text(app_);
    else if (help_.verb == help_verb::help)
      text = help_of(app_, help_.command);
    if (!text) return complain(text.error());
    std::fputs(text->c_str(), stdout);
    return -1;
  }
  void add(const scenario& what, options& to, std::size_t connections) {
    to.scenario = what.name;
    to.connections = connections;
    what.suit(to);
    auto* sub = app_.add_subcommand(std::string{what.name}, std::string{what.help});
    option_list list{*sub, to};
    list.server();
    list.connections();
    list.load();
    list.of_scenario();
    list.output();
  }

  CLI::App app_{"Loads a Socket.IO chat, checks what arrives, and measures", "hubbub-bench"};
  std::array<options, scenarios.size()> read_;
  options compare_;
  spoken_help_command help_;
};

} // namespace

expected<options, int> parse_options(int argc, const char* const* argv) {
  command_line first{options{}.connections};
  if (const auto status = first.parse(argc, argv); status != 0)
    return unexpected(status < 0 ? 0 : status);
  command_line second{first.found().connections};
  second.parse(argc, argv);
  auto found = second.found();
  if (const auto wrong = check(found); !wrong.empty()) {
    std::fprintf(stderr, "hubbub-bench: %s\n", wrong.c_str());
    return unexpected(2);
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> describe(const options& asked) {
  std::vector<std::pair<std::string, std::string>> words;
  const auto add = [&words](std::string name, std::string value) {
    words.emplace_back(std::move(name), std::move(value));
  };
  const auto count = [&add](std::string name, std::size_t number) {
    add(std::move(name), std::to_string(number));
  };
  const auto& name = asked.scenario;
  add("transport", asked.transport == transport_kind::polling ? "polling" : "websocket");
  if (asked.urls.size() > 1) count("servers", asked.urls.size());
  count("connections", asked.connections);
  count("rooms", asked.rooms);
  if (asked.largest_room > 0) count("clients in the largest room", asked.largest_room);
  if (name == "storm") {
    if (asked.rate > 0)
      count("cycles a second", static_cast<std::size_t>(asked.rate));
    else
      count("cycles at the same time", asked.cycles);
  }
  if (name == "idle" || name == "storm") return words;
  count("senders", asked.senders);
  if (asked.rate > 0)
    count("messages a second", static_cast<std::size_t>(asked.rate));
  else
    count("window", asked.window);
  if (asked.event == event_kind::typing)
    add("event", "typing");
  else
    count("bytes of a message", asked.size);
  if (asked.messages > 0) count("messages", asked.messages);
  if (name == "jitter" || name == "slow")
    count("share of the listeners, %", static_cast<std::size_t>(asked.share * 100));
  if (name == "jitter") {
    add("time between drops", write_duration(asked.every));
    add("time away", write_duration(asked.away));
  }
  if (name == "slow") count("bytes a second read by the slow", asked.read_rate);
  if (name == "hostile") count("attackers", asked.attackers);
  if (name == "history") {
    count("messages of a page", asked.page);
    count("readers", asked.readers);
  }
  return words;
}

std::size_t options::room_of(std::size_t connection) const {
  return seat_of(connection).room;
}

std::size_t options::server_of(std::size_t connection) const {
  const auto [room, member] = seat_of(connection);
  return (room + member) % urls.size();
}

options::seat options::seat_of(std::size_t connection) const {
  if (largest_room == 0 || connection < rooms) return {connection % rooms, connection / rooms};
  // The connections after the first ones fill the rooms up: of each `largest_room` rooms the
  // first gets none, the second one, and so on.
  const auto in_turn = largest_room * (largest_room - 1) / 2;
  const auto more = connection - rooms;
  auto rest = more % in_turn;
  std::size_t room = 1;
  for (; rest >= room; ++room)
    rest -= room;
  return {more / in_turn * largest_room + room, rest + 1};
}

} // namespace hubbub::bench
