#include "net/program/trace_command.hpp"

#include "net/program/fail.hpp"
#include "net/program/setting_value.hpp"
#include "net/trace/recall.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

/// Parses an age such as `10m`, or a time in RFC 3339.
std::optional<std::int64_t> parse_since(const std::string& text) {
  if (text.empty()) return 0;
  if (const auto time = parse_rfc3339(text)) return time->value * 1'000;
  const auto age = parse_duration(text);
  if (!age) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now - *age).count();
}

void print_memory(const trace_memory& memory, bool as_json) {
  const auto since = trace_time(memory.whole_since_us);
  if (!as_json) {
    std::cout << "everything since " << since << " is remembered\n";
    return;
  }
  std::string line;
  json::writer{line}.begin_object().field("kind", "memory").field("since", since).end_object();
  std::cout << line << '\n';
}

} // namespace

CLI::App& add_trace_command(CLI::App& app, spoken_trace_command& said) {
  auto* trace = app.add_subcommand(
      "trace", "tell what happened to a user's messages and sessions, or in a room");
  trace->set_help_flag("--help,-h", "print this help");
  trace->add_option("--user", said.user, "the user's id; in open mode the name")
      ->type_name("ID");
  trace->add_option("--room", said.room, "the room's name")->type_name("NAME");
  trace
      ->add_option("--since", said.since,
                   "an age such as 10m, or a time such as 2026-03-01T09:30:00Z")
      ->type_name("TIME");
  trace->add_flag("--json", said.as_json, "an object a line, for programs");
  trace->add_option("--file", said.file, "the recorder's file [that of the server's settings]")
      ->type_name("FILE");
  trace->callback([&said] { said.is_given = true; });
  return *trace;
}

expected<trace_command, std::string> to_trace_command(const spoken_trace_command& said,
                                                      const hubbub_config& config) {
  const auto since = parse_since(said.since);
  if (!since)
    return unexpected<std::string>(
        "--since takes an age such as 10m, of at most 36500d, or a time such as "
        "2026-03-01T09:30:00Z");
  auto file = said.file.empty() ? config.trace_path() : said.file;
  if (file.empty())
    return unexpected<std::string>(
        "a server with these settings has no flight recorder: see trace_file and trace_bytes");
  return trace_command{std::move(file), {said.user, said.room, *since, said.as_json}};
}

int run_trace_command(const trace_command& command) {
  const auto memory = recall(command.file);
  if (!memory) return fail(memory.error());
  print_memory(*memory, command.question.as_json);
  const auto told = tell_trace(*memory, command.question,
                               [](const std::string& line) { std::cout << line << '\n'; });
  if (told == 0 && !command.question.as_json) std::cout << "nothing of this is remembered\n";
  return std::cout.flush() ? EXIT_SUCCESS : fail("cannot write to standard output");
}

} // namespace hubbub
