#include "net/program/access_command.hpp"
#include "net/program/cluster_command.hpp"
#include "net/program/command_line.hpp"
#include "net/program/database_command.hpp"
#include "net/program/predecessor.hpp"
#include "net/program/serve.hpp"
#include "net/program/trace_command.hpp"
#include "net/program/upgrade_command.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

/// The exit status for a program that was called with wrong arguments.
constexpr int wrong_usage = 2;

int run(const std::vector<std::string>& arguments) {
  const auto command = hubbub::parse_command_line(arguments, hubbub::hubbub_environment());
  if (!command) {
    if (const auto old = hubbub::predecessor::find())
      old->refuse(command.error()); // it reports why
    else
      std::cerr << "hubbub: " << command.error() << '\n';
    return wrong_usage;
  }
  if (const auto* serve = std::get_if<hubbub::serve_command>(&*command))
    return hubbub::run_server(*serve);
  if (const auto* database = std::get_if<hubbub::database_command>(&*command))
    return hubbub::run_database_command(*database);
  if (const auto* token = std::get_if<hubbub::token_command>(&*command))
    return hubbub::run_token_command(*token);
  if (const auto* key = std::get_if<hubbub::api_key_command>(&*command))
    return hubbub::run_api_key_command(*key);
  if (const auto* trace = std::get_if<hubbub::trace_command>(&*command))
    return hubbub::run_trace_command(*trace);
  if (const auto* upgrade = std::get_if<hubbub::upgrade_command>(&*command))
    return hubbub::run_upgrade_command(*upgrade);
  if (const auto* status = std::get_if<hubbub::cluster_status_command>(&*command))
    return hubbub::run_cluster_status(*status);
  std::cout << std::get<hubbub::print_command>(*command).text;
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::cerr << "hubbub: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
