#include "net/program/command_line.hpp"

#include "net/manual/help_command.hpp"
#include "net/manual/help_format.hpp"
#include "net/manual/unknown_word.hpp"
#include "net/program/agreed_settings.hpp"
#include "net/program/cluster_command.hpp"
#include "net/program/manual_text.hpp"
#include "net/program/setting_table.hpp"
#include "net/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

constexpr auto footer =
    R"(Each option is also a variable (--ping-interval: HUBBUB_PING_INTERVAL) and a key of the
file (ping_interval), which HUBBUB_CONFIG may name too; the command line wins over the environment, the environment over the
file. Durations are in milliseconds unless they carry a unit: 500ms, 25s, 2m, 24h, 7d.)";

std::string version_line() {
  return "hubbub " + std::string{hubbub_version} + "\n";
}

/// The variable that names the file if the command line does not.
constexpr std::string_view file_variable = "HUBBUB_CONFIG";

/// The contents of the command line, before they are interpreted.
struct spoken {
  std::vector<std::pair<const setting*, std::string>> values;
  std::string file;
};

void add_option(CLI::App& serve, const setting& s, spoken& said) {
  const auto shown = s.show(hubbub_config{});
  const auto is_switch = s.kind == "BOOL";
  const auto take = [&s, &said, is_switch](const std::vector<std::string>& texts) {
    const auto text = texts.empty() ? std::string{} : texts.back();
    // A switch without a value means true.
    said.values.emplace_back(&s, is_switch && text.empty() ? "true" : text);
    return true;
  };
  auto* option = serve.add_option(option_name(s), take, std::string{s.help});
  option->group(std::string{s.group})
      ->type_name(std::string{s.kind} + (shown.empty() ? "" : " [" + shown + "]"))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  if (is_switch) option->expected(0, 1);
}

/// Puts the settings of all sources together. Each is checked by itself; whether they fit each
/// other is not.
expected<serve_command, std::string> gather(const spoken& said, settings_text variables,
                                            std::vector<std::string> warnings) {
  serve_command serve;
  serve.warnings = std::move(warnings);
  auto& config = serve.config;
  const auto named = variables.extract(std::string{file_variable});
  const auto file = said.file.empty() && named ? named.mapped() : said.file;
  auto done = file.empty() ? expected<void, std::string>{} : apply_file(config, file);
  if (done) done = apply_environment(config, variables, serve.warnings);
  for (const auto& [setting, text] : said.values)
    if (done) done = apply_setting(config, *setting, option_name(*setting), text);
  if (!done) return unexpected(std::move(done.error()));
  return serve;
}

/// Puts the settings of a server together and checks that they fit each other. Commands that
/// need only a few of them use `gather`, since the server may have got others by its own
/// command line.
expected<serve_command, std::string> settle(const spoken& said, settings_text variables,
                                            std::vector<std::string> warnings) {
  auto serve = gather(said, std::move(variables), std::move(warnings));
  if (!serve) return serve;
  if (auto fits = serve->config.validate(); !fits) return unexpected(std::move(fits.error()));
  serve->config.agreed_settings = agreed_settings(serve->config);
  return serve;
}

/// True for the settings that matter to `hubbub token`.
bool is_for_tokens(const setting& s) {
  return s.name == "jwt_secret" || s.name == "jwt_secret_file" || s.name == "jwt_issuer" ||
         s.name == "jwt_audience";
}

expected<parsed_command, std::string> settle_token(const spoken_access_command& access,
                                                   const spoken& said,
                                                   const settings_text& variables) {
  const auto gathered = gather(said, variables, {});
  if (!gathered) return unexpected(gathered.error());
  return to_token_command(access, gathered->config.auth).map([](token_command done) {
    return parsed_command{std::move(done)};
  });
}

/// True for the settings that say where the flight recorder's file is.
bool is_for_trace(const setting& s) {
  return s.name == "db" || s.name == "search_index" || s.name == "trace_file";
}

expected<parsed_command, std::string> settle_trace(const spoken_trace_command& trace,
                                                   const spoken& said,
                                                   const settings_text& variables) {
  const auto gathered = gather(said, variables, {});
  if (!gathered) return unexpected(gathered.error());
  return to_trace_command(trace, gathered->config).map([](trace_command done) {
    return parsed_command{std::move(done)};
  });
}

/// True for the settings that say where a server listens for `hubbub upgrade`.
bool is_for_upgrade(const setting& s) {
  return s.name == "db" || s.name == "search_index" || s.name == "node_id" ||
         s.name == "control";
}

expected<parsed_command, std::string> settle_upgrade(const spoken_upgrade_command& upgrade,
                                                     const spoken& said,
                                                     const settings_text& variables) {
  const auto gathered = gather(said, variables, {});
  if (!gathered) return unexpected(gathered.error());
  return to_upgrade_command(upgrade, gathered->config).map([](upgrade_command done) {
    return parsed_command{std::move(done)};
  });
}

expected<parsed_command, std::string> settle_status(const spoken_cluster_command& status,
                                                    const spoken& said,
                                                    const settings_text& variables) {
  const auto gathered = gather(said, variables, {});
  if (!gathered) return unexpected(gathered.error());
  const auto& path = status.path.empty() ? gathered->config.store.path : status.path;
  return cluster_status_command{path, status.as_json};
}

/// Answers `help`, `version` and `completion`.
expected<parsed_command, std::string> answer(CLI::App& app, const spoken_help_command& help) {
  if (help.verb == help_verb::version) return print_command{version_line()};
  if (help.verb == help_verb::completion)
    return print_command{completion_text(app, help.shell)};
  if (help.wants_file) return print_command{settings_file()};
  if (!help.page.empty()) return print_command{manual_text(app, help.page)};
  return help_of(app, help.command).map([](std::string text) {
    return parsed_command{print_command{std::move(text)}};
  });
}

} // namespace

expected<parsed_command, std::string>
parse_command_line(const std::vector<std::string>& arguments,
                   const settings_text& environment) {
  std::vector<std::string> warnings;
  const auto variables = own_variables(environment, warnings);
  spoken said;
  CLI::App app{"Hubbub: an actor-model message broker that speaks Socket.IO", "hubbub"};
  use_help_format(app);
  app.set_version_flag("--version", version_line(), "print the version");
  app.set_help_flag("--help,-h", "print this help");
  app.require_subcommand(0, 1); // after help and a word, another word is no second command
  auto* serve = app.add_subcommand("serve", "run the chat server");
  serve->set_help_flag("--help,-h", "print this help");
  serve->footer(footer);
  serve->add_option("--config", said.file, "a TOML file with settings")->type_name("FILE");
  for (const auto& s : all_settings())
    add_option(*serve, s, said);
  spoken_database_command database;
  add_database_commands(app, database);
  spoken_access_command access;
  auto& token = add_token_command(app, access);
  token.add_option("--config", said.file, "a TOML file with settings")->type_name("FILE");
  for (const auto& s : all_settings())
    if (is_for_tokens(s)) add_option(token, s, said);
  add_api_key_command(app, access);
  spoken_cluster_command cluster;
  add_cluster_commands(app, cluster)
      .add_option("--config", said.file, "a TOML file with settings")
      ->type_name("FILE");
  spoken_trace_command trace;
  auto& told = add_trace_command(app, trace);
  told.add_option("--config", said.file, "a TOML file with settings")->type_name("FILE");
  for (const auto& s : all_settings())
    if (is_for_trace(s)) add_option(told, s, said);
  spoken_upgrade_command upgrade;
  auto& replaced = add_upgrade_command(app, upgrade);
  replaced.add_option("--config", said.file, "a TOML file with settings")->type_name("FILE");
  for (const auto& s : all_settings())
    if (is_for_upgrade(s)) add_option(replaced, s, said);
  spoken_help_command help;
  add_help_commands(app, help, manual_names())
      .add_flag("--config", help.wants_file, "print a file with every setting at its default");

  auto reversed = arguments; // in the order that CLI11 expects
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return print_command{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return print_command{version.what()};
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string what{e.what()};
    return unexpected(what.substr(0, what.find(':')) + " needs a value (try --help)");
  } catch (const CLI::ParseError& e) {
    // An unknown word is often the reason why another one seems to be missing.
    if (auto unknown = unknown_word(app, arguments)) return unexpected(*std::move(unknown));
    return unexpected(std::string{e.what()} + " (try --help)");
  }
  if (database.verb) {
    const auto named = variables.find("HUBBUB_DB");
    return to_command(database, named == variables.end() ? store_config{}.path : named->second);
  }
  if (access.verb == access_verb::make_token) return settle_token(access, said, variables);
  if (access.verb == access_verb::make_api_key) return api_key_command{std::move(access.name)};
  if (cluster.is_said)
    return to_proxy_config_command(cluster).map([](const proxy_config_command& command) {
      return parsed_command{print_command{proxy_config(command)}};
    });
  if (cluster.asks_status) return settle_status(cluster, said, variables);
  if (trace.is_given) return settle_trace(trace, said, variables);
  if (upgrade.is_given) return settle_upgrade(upgrade, said, variables);
  if (help.verb != help_verb::none) return answer(app, help);
  if (!serve->parsed()) return print_command{app.help()};
  return settle(said, variables, std::move(warnings)).map([](serve_command done) {
    return parsed_command{std::move(done)};
  });
}

} // namespace hubbub
