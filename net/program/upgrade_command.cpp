#include "net/program/upgrade_command.hpp"

#include "net/program/control_socket.hpp"
#include "net/program/fail.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace hubbub {

CLI::App& add_upgrade_command(CLI::App& app, spoken_upgrade_command& said) {
  auto* upgrade = app.add_subcommand(
      "upgrade", "have a server on this machine replaced by a new process, without a pause");
  upgrade->set_help_flag("--help,-h", "print this help");
  upgrade->add_flag("--migrate", said.may_migrate,
                    "also if the database is migrated, which older versions then refuse");
  upgrade->callback([&said] { said.is_given = true; });
  return *upgrade;
}

expected<upgrade_command, std::string> to_upgrade_command(const spoken_upgrade_command& said,
                                                          const hubbub_config& config) {
  auto socket = config.control_path();
  if (socket.empty())
    return unexpected<std::string>(
        "a server whose database is in memory cannot be replaced: everything would be lost");
  return upgrade_command{std::move(socket), said.may_migrate};
}

int run_upgrade_command(const upgrade_command& command) {
  const auto answer = ask_control(
      command.socket, command.may_migrate ? upgrade_request_with_migration : upgrade_request);
  if (!answer) return fail(answer.error());
  const std::string_view text{*answer};
  const std::string_view done{upgrade_done_answer};
  const std::string_view refused{upgrade_refused_answer};
  if (text.starts_with(refused))
    return fail("the server was not replaced: " + std::string{text.substr(refused.size())});
  if (!text.starts_with(done))
    return fail("the server answered what this version does not know: " + *answer);
  std::cout << "process " << text.substr(done.size()) << " serves now\n";
  return std::cout.flush() ? EXIT_SUCCESS : fail("cannot write to standard output");
}

} // namespace hubbub
