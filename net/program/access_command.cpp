#include "net/program/access_command.hpp"

#include "actors/crypto/random_id.hpp"
#include "actors/crypto/secret_hash.hpp"
#include "actors/crypto/token_keys.hpp"
#include "actors/store/store_actors.hpp"
#include "net/api/auth_files.hpp"
#include "net/program/fail.hpp"
#include "net/program/setting_value.hpp"
#include "proto/access/api_key_file.hpp"
#include "proto/access/jwt.hpp"
#include "proto/json/base64.hpp"
#include "proto/json/hidden_text.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace hubbub {
namespace {

expected<std::string, std::string> secret_of(const auth_config& auth) {
  if (auto fits = auth.validate(); !fits) return unexpected(std::move(fits.error()));
  if (!auth.jwt_secret.empty()) return auth.jwt_secret;
  if (!auth.jwt_secret_file.empty()) return read_secret_file(auth.jwt_secret_file);
  return unexpected<std::string>("a token is made with the server's secret: set jwt_secret or "
                                 "jwt_secret_file");
}

} // namespace

CLI::App& add_token_command(CLI::App& app, spoken_access_command& said) {
  auto* token = app.add_subcommand("token", "make a token for trying things out");
  token->set_help_flag("--help,-h", "print this help");
  token->add_option("--user", said.user, "whose it is: the user_id")->required();
  token->add_option("--name", said.name, "the username, if it is another");
  token
      ->add_option("--room", said.rooms,
                   "a room it is good for, or a pattern with *; may be repeated [every room]")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  token->add_option("--scope", said.scope, "read, write or admin [write]");
  token->add_option("--ttl", said.lifetime, "how long it is good [1h]")->type_name("DURATION");
  token->callback([&said] { said.verb = access_verb::make_token; });
  return *token;
}

void add_api_key_command(CLI::App& app, spoken_access_command& said) {
  auto* keys = app.add_subcommand("api-key", "keys for servers that use the HTTP API");
  keys->set_help_flag("--help,-h", "print this help");
  keys->require_subcommand(1);
  auto* added =
      keys->add_subcommand("new", "make one: prints it, and the line for api_key_file");
  added->set_help_flag("--help,-h", "print this help");
  added->add_option("NAME", said.name, "who it is for")->required();
  added->callback([&said] { said.verb = access_verb::make_api_key; });
}

expected<token_command, std::string> to_token_command(const spoken_access_command& said,
                                                      const auth_config& auth) {
  token_command command{auth, {}, {}};
  const auto scope = parse_scope(said.scope);
  const auto lifetime = parse_duration(said.lifetime);
  if (!scope) return unexpected<std::string>("--scope takes one of read, write, admin");
  if (!lifetime)
    return unexpected<std::string>(
        "--ttl takes a duration of at most 36500d, such as 1h or 7d");
  command.allowed.scope = *scope;
  command.allowed.user_id = said.user;
  command.allowed.username = said.name.empty() ? said.user : said.name;
  if (!said.rooms.empty()) command.allowed.rooms = said.rooms;
  command.lifetime = *lifetime;
  return command;
}

int run_token_command(const token_command& command) {
  auto secret = secret_of(command.auth);
  if (!secret) return fail(secret.error());
  token_keys keys;
  if (const auto usable = keys.add_secret(*secret); !usable) return fail(usable.error());
  const auto now = wall_clock_now();
  auto allowed = command.allowed;
  allowed.expires_at = timestamp{now.value + command.lifetime.count()};
  const claim_rules rules{command.auth.jwt_issuer, command.auth.jwt_audience,
                          command.auth.jwt_leeway};
  auto text = unsigned_jwt(allowed, rules, now);
  const auto signature = hmac_sha256(*secret, text);
  text += '.';
  append_base64url(text, as_bytes(signature));
  // A token that the server would refuse is useless.
  if (const auto read = parse_jwt(text, chat_limits{}); !read) return fail(read.error());
  std::cout << text << '\n';
  return EXIT_SUCCESS;
}

int run_api_key_command(const api_key_command& command) {
  const auto name = clean_new_name(command.name, chat_limits{}.username, "NAME");
  if (!name || name->starts_with('#')) return fail("NAME must be usable as a username");
  const auto key = std::string{api_key_prefix} + random_id() + random_id();
  std::cout << key << '\n' << api_key_line({*name, sha256(key)}) << std::endl;
  std::cerr << "The first line is the key, which is not shown again; the second goes into the "
               "api_key_file.\n";
  return EXIT_SUCCESS;
}

} // namespace hubbub
