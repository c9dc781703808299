#include "net/program/command_line.hpp"
#include "net/program/config.hpp"
#include "net/program/setting_table.hpp"
#include "net/program/setting_value.hpp"
#include "net/version.hpp"
#include "tests/net/source_file.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

/// A file with this content that exists as long as the object.
class temporary_file {
 public:
  explicit temporary_file(std::string_view content) {
    char name[] = "/tmp/hubbub-config-XXXXXX";
    const int descriptor = mkstemp(name);
    REQUIRE(descriptor >= 0);
    close(descriptor);
    path_ = name;
    std::ofstream{path_} << content;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

hubbub_config serve(std::vector<std::string> arguments, const settings_text& variables = {}) {
  arguments.insert(arguments.begin(), "serve");
  auto parsed = parse_command_line(arguments, variables);
  if (!parsed) FAIL(parsed.error());
  REQUIRE(std::holds_alternative<serve_command>(*parsed));
  return std::get<serve_command>(*parsed).config;
}

std::string refusal(std::vector<std::string> arguments, const settings_text& variables = {}) {
  arguments.insert(arguments.begin(), "serve");
  const auto parsed = parse_command_line(arguments, variables);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().find('\n') == std::string::npos);
  return parsed.error();
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("without options the defaults of the contract hold") {
  const auto config = serve({});
  CHECK(config.server.host.empty());
  CHECK(config.server.port == 5005);
  CHECK(config.server.engine.ping_interval == 25s);
  CHECK(config.server.engine.ping_timeout == 20s);
  CHECK(config.server.engine.max_payload == 1'000'000);
  CHECK(config.server.socket.limits.max_attachments == 10);
  CHECK(config.server.socket.connect_timeout == 45s);
  CHECK(config.chat.auto_create_rooms);
  CHECK_FALSE(config.chat.echo_to_sender);
  CHECK(config.store.level == durability::full);
  CHECK(config.store.dedupe_window_ms == 86'400'000);
}

TEST_CASE("the command line wins over the environment, the environment over the file") {
  const temporary_file file{"port = 1001\nping_interval = 1001\nping_timeout = '1001ms'\n"};
  const settings_text variables{{"HUBBUB_PORT", "1002"}, {"HUBBUB_PING_INTERVAL", "1002"}};
  const auto config = serve({"--config", file.path(), "--port=1003"}, variables);
  CHECK(config.server.port == 1003);
  CHECK(config.server.engine.ping_interval == 1002ms);
  CHECK(config.server.engine.ping_timeout == 1001ms);
}

TEST_CASE("the environment names a file where the command line does not") {
  const temporary_file one{"port = 1001\n"};
  const temporary_file other{"port = 1002\n"};
  CHECK(serve({}, {{"HUBBUB_CONFIG", one.path()}}).server.port == 1001);
  CHECK(serve({"--config", other.path()}, {{"HUBBUB_CONFIG", one.path()}}).server.port == 1002);
}

TEST_CASE("io_threads is a number of them, or the server's choice") {
  CHECK(serve({"--io-threads", "2"}).server.io_threads == 2);
  CHECK(serve({"--io-threads", "auto"}).server.io_threads == 0);
  CHECK(mentions(refusal({"--io-threads", "0"}), "--io-threads takes"));
}

TEST_CASE("a host is an address or a name, and digits are an address") {
  for (const auto* host : {"", "127.0.0.1", "::1", "chat.example"})
    CHECK(serve({"--host", host}).server.host == host);
  CHECK(serve({"--host", "*"}).server.host.empty());
  for (const auto* host : {"999.1.1.1", "no host", "a/b"})
    CHECK(mentions(refusal({"--host", host}), "--host takes"));
}

TEST_CASE("a file may use every type of TOML that has a meaning") {
  const temporary_file file{"host = '127.0.0.1'\nio_threads = 3\necho_to_sender = true\n"
                            "durability = \"normal\"\ndb = \":memory:\"\n"
                            "cors_origins = ['https://a.example', 'http://b.example:81']\n"};
  const auto config = serve({"--config", file.path()});
  CHECK(config.server.host == "127.0.0.1");
  CHECK(config.server.io_threads == 3);
  CHECK(config.chat.echo_to_sender);
  CHECK(config.store.level == durability::normal);
  CHECK(config.store.path == ":memory:");
  CHECK(config.server.cors_origins == "https://a.example,http://b.example:81");
}

TEST_CASE("a file that is missing, broken or knows too much is refused by name") {
  const temporary_file broken{"port = = 1\n"};
  const temporary_file unknown{"prot = 1\n"};
  const temporary_file table{"[port]\nvalue = 1\n"};
  const temporary_file fraction{"port = 1.5\n"};
  const temporary_file range{"port = 65536\n"};
  CHECK(mentions(refusal({"--config", "/no/such/file"}), "/no/such/file"));
  CHECK(mentions(refusal({"--config", "/tmp"}), "/tmp"));
  CHECK(mentions(refusal({"--config", broken.path()}), broken.path() + " is not TOML: line 1"));
  CHECK(mentions(refusal({"--config", unknown.path()}),
                 "prot in " + unknown.path() + " is not a setting"));
  for (const auto* file : {&table, &fraction, &range})
    CHECK(mentions(refusal({"--config", file->path()}),
                   "port in " + file->path() + " takes a whole number from 0 to 65535"));
}

TEST_CASE("a bad value is refused with the name of the setting and what it takes") {
  CHECK(mentions(refusal({"--port", "65536"}), "--port takes a whole number from 0 to 65535"));
  CHECK(mentions(refusal({"--port", "-1"}), "--port takes"));
  CHECK(mentions(refusal({"--port", "0x10"}), "--port takes"));
  CHECK(mentions(refusal({"--port", ""}), "--port takes"));
  CHECK(mentions(refusal({"--port"}), "--port needs a value"));
  CHECK(mentions(refusal({"--ping-interval", "5 s"}), "--ping-interval takes a duration"));
  CHECK(mentions(refusal({"--durability", "most"}), "--durability takes one of full, normal"));
  CHECK(mentions(refusal({"--echo-to-sender=maybe"}), "--echo-to-sender takes true or false"));
  CHECK(mentions(refusal({"--cors-origins", "chat.example"}), "--cors-origins takes"));
  CHECK(mentions(refusal({"--cors-origins", "https://a/b"}), "--cors-origins takes"));
  CHECK(mentions(refusal({"--cors-origins", "https://a.example,*"}), "--cors-origins takes"));
  for (const auto* origins :
       {"*", "null", "https://Chat.Example, https://shop.example:443,https://*.example.com"})
    CHECK(serve({"--cors-origins", origins}).server.cors_origins == origins);
  CHECK(mentions(refusal({"--db", ""}), "--db takes the path of a file"));
  CHECK(mentions(refusal({}, {{"HUBBUB_PORT", "many"}}), "HUBBUB_PORT takes"));
}

TEST_CASE("unknown options, words and doubtful combinations are refused") {
  CHECK(mentions(refusal({"--prot", "1"}), "--prot"));
  CHECK(mentions(refusal({"now"}), "now"));
  CHECK(mentions(refusal({"--max-queue-bytes=10000", "--max-volatile-bytes=10001"}),
                 "max_volatile_bytes"));
}

TEST_CASE("of several words that mean nothing the first is told, with what was meant") {
  const auto told = [](const std::vector<std::string>& arguments) {
    const auto parsed = parse_command_line(arguments, {});
    return parsed ? "understood" : parsed.error();
  };
  CHECK(told({"serve", "--prot", "5"}) ==
        "hubbub serve has no option --prot; did you mean --port? (try hubbub serve --help)");
  CHECK(told({"serve", "--db", "x.db", "--prot=5", "now"}) ==
        "hubbub serve has no option --prot; did you mean --port? (try hubbub serve --help)");
  CHECK(told({"serve", "--colour", "--prot"}) ==
        "hubbub serve has no option --colour (try hubbub serve --help)");
  CHECK(told({"serve", "now"}) == "hubbub serve does not take 'now' (try hubbub serve --help)");
  CHECK(told({"sevre"}) == "hubbub has no command sevre; did you mean serve? (try --help)");
  CHECK(told({"db", "chekc"}) ==
        "hubbub db has no command chekc; did you mean check? (try --help)");
  CHECK(told({"db", "export", "--rom", "tea"}) ==
        "hubbub db export has no option --rom; did you mean --room? (try hubbub db export "
        "--help)");
  const temporary_file file{"prot = 1\n"};
  CHECK(told({"serve", "--config", file.path()}) ==
        "prot in " + file.path() + " is not a setting; did you mean port?");
}

TEST_CASE("the secrets that stand in the settings file are known by name") {
  const auto secrets = [](const temporary_file& file) {
    std::set<std::string> names;
    for (const auto& [setting, place] :
         serve({"--config", file.path(), "--bridge", "redis://:tea@h"},
               {{"HUBBUB_BUS", "redis://:tea@h"}, {"HUBBUB_NODE_ID", "1"}})
             .secrets_in_file) {
      CHECK(place == file.path());
      names.insert(setting);
    }
    return names;
  };
  CHECK(secrets(temporary_file{"jwt_secret = \"0123456789abcdef0123456789abcdef\"\n"
                               "db = \"postgres://ann:tea@h/chat\"\nnode_id = 1\n"
                               "bus = \"redis://:tea@h\"\nbridge = \"redis://ann:tea@h\"\n"}) ==
        std::set<std::string>{"jwt_secret", "db", "bus", "bridge"});
  CHECK(secrets(temporary_file{"db = \"host=h dbname=chat password=tea\"\n"}) ==
        std::set<std::string>{"db"});
  CHECK(secrets(temporary_file{"db = \"postgres://ann@h/chat?passfile=/p\"\nnode_id = 1\n"
                               "bus = \"redis://h\"\nbridge = \"redis://h\"\n"
                               "jwt_secret_file = \"/s\"\njwt_secret = \"\"\n"})
            .empty());
  CHECK(secrets(temporary_file{"db = \"hubbub.db\"\nbus = \"\"\n"}).empty());
}

TEST_CASE("the state of a cluster is asked of the database that the settings name") {
  const temporary_file file{"db = \"postgres://h/chat\"\nnode_id = 3\n"};
  const auto asked = [](const std::vector<std::string>& more, const settings_text& variables) {
    std::vector<std::string> words{"cluster", "status"};
    words.insert(words.end(), more.begin(), more.end());
    const auto parsed = parse_command_line(words, variables);
    if (!parsed) FAIL(parsed.error());
    return std::get<cluster_status_command>(*parsed).path;
  };
  CHECK(asked({"--config", file.path()}, {}) == "postgres://h/chat");
  CHECK(asked({}, {{"HUBBUB_CONFIG", file.path()}}) == "postgres://h/chat");
  CHECK(asked({"--config", file.path(), "--db", "postgres://h/other"}, {}) ==
        "postgres://h/other");
  CHECK(asked({}, {{"HUBBUB_DB", "postgres://h/third"}}) == "postgres://h/third");
}

TEST_CASE("an unknown variable is told, not refused") {
  const auto parsed = parse_command_line({"serve"}, {{"HUBBUB_PROT", "1"}});
  REQUIRE(parsed);
  const auto& warnings = std::get<serve_command>(*parsed).warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(mentions(warnings.front(), "HUBBUB_PROT"));
}

TEST_CASE("what Kubernetes says of a Service named hubbub is told in one line and ignored") {
  const settings_text links{{"HUBBUB_PORT", "tcp://10.96.0.17:5005"},
                            {"HUBBUB_PORT_5005_TCP", "tcp://10.96.0.17:5005"},
                            {"HUBBUB_PORT_5005_TCP_ADDR", "10.96.0.17"},
                            {"HUBBUB_PORT_5005_TCP_PORT", "5005"},
                            {"HUBBUB_PORT_5005_TCP_PROTO", "tcp"},
                            {"HUBBUB_SERVICE_HOST", "10.96.0.17"},
                            {"HUBBUB_SERVICE_PORT", "5005"},
                            {"HUBBUB_SERVICE_PORT_HTTP", "5005"}};
  const auto parsed = parse_command_line({"serve"}, links);
  REQUIRE(parsed);
  const auto& command = std::get<serve_command>(*parsed);
  CHECK(command.config.server.port == 5005);
  REQUIRE(command.warnings.size() == 1);
  for (const auto& [name, value] : links)
    CHECK(mentions(command.warnings.front(), name));
  for (const auto* value : {"tcp://[fd00::17]:5005", "udp://10.96.0.17:53", "sctp://fd00::1:9"})
    CHECK(serve({"--port", "7"}, {{"HUBBUB_PORT", value}}).server.port == 7);
  for (const auto* value : {"tcp://10.96.0.17", "http://10.96.0.17:5005", "tcp://:5005",
                            "tcp://10.96.0.17:many", "tcp//10.96.0.17:5005"})
    CHECK(mentions(refusal({}, {{"HUBBUB_PORT", value}}), "HUBBUB_PORT takes"));
}

TEST_CASE("a variable that is empty is not set") {
  const temporary_file file{"port = 1001\ntls_handshake_timeout = '2s'\n"};
  const auto config = serve({"--config", file.path()}, {{"HUBBUB_PORT", ""},
                                                        {"HUBBUB_CONFIG", ""},
                                                        {"HUBBUB_DB", ""},
                                                        {"HUBBUB_DURABILITY", ""},
                                                        {"HUBBUB_ECHO_TO_SENDER", ""},
                                                        {"HUBBUB_TLS_HANDSHAKE_TIMEOUT", ""}});
  CHECK(config.server.port == 1001);
  CHECK(config.server.tls_handshake_timeout == 2s);
  CHECK(config.store.path == "hubbub.db");
  const auto unknown = parse_command_line({"serve"}, {{"HUBBUB_PROT", ""}});
  REQUIRE(unknown);
  CHECK(std::get<serve_command>(*unknown).warnings.empty());
  const auto check = parse_command_line({"db", "check"}, {{"HUBBUB_DB", ""}});
  REQUIRE(check);
  CHECK(std::get<database_command>(*check).path == "hubbub.db");
}

TEST_CASE("hsts takes values of the header, and needs TLS") {
  const auto with = [](std::string value) {
    return refusal({"--tls-cert", "c", "--tls-key", "k", "--hsts", std::move(value)});
  };
  for (const auto* value : {"max-age=", "31536000", "max-age=1y", "max-age=1, X: y",
                            "max-age=1; preload; includeSubDomains", "max-age=1; other"})
    CHECK(mentions(with(value), "hsts takes"));
  for (const auto* value : {"", "max-age=0", "max-age=31536000; includeSubDomains; preload"})
    CHECK(serve({"--tls-cert", "c", "--tls-key", "k", "--hsts", value}).server.hsts == value);
  CHECK(mentions(refusal({"--hsts", "max-age=1"}), "hsts needs tls_cert"));
  CHECK(mentions(refusal({"--tls-ocsp", "r"}), "tls_ocsp needs tls_cert"));
}

TEST_CASE("a switch needs no value, and of repeated options the last counts") {
  CHECK(serve({"--echo-to-sender", "--port", "1"}).chat.echo_to_sender);
  CHECK_FALSE(serve({"--auto-create-rooms=false"}).chat.auto_create_rooms);
  CHECK_FALSE(serve({"--auto-create-rooms", "off"}).chat.auto_create_rooms);
  CHECK(serve({"--port", "1", "--port", "2"}).server.port == 2);
}

TEST_CASE("durations are milliseconds unless they carry a unit") {
  CHECK(parse_duration("250") == 250ms);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("25s") == 25s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("7d") == 7 * 24h);
  for (const auto* bad : {"", "s", "-1s", "1.5s", "1 s", "1S", "1w", "1s1s",
                          "9223372036854775807s", "99999999999999999999"})
    CHECK_FALSE(parse_duration(bad));
  for (const auto* longest :
       {"3153600000000ms", "3153600000s", "52560000m", "876000h", "36500d"})
    CHECK(parse_duration(longest) == longest_duration);
  for (const auto* longer : {"3153600000001ms", "3153600001s", "52560001m", "876001h", "36501d",
                             "9223372036854775807ms", "106751991167d"})
    CHECK_FALSE(parse_duration(longer));
}

TEST_CASE("a duration is shown as it is read") {
  for (const auto* text : {"0ms", "1ms", "1500ms", "25s", "1m", "90s", "36h", "7d"})
    CHECK(show_duration(parse_duration(text).value()) == text);
}

TEST_CASE("the manual lists every setting as it is") {
  const auto manual = test::source_file("docs/settings.md");
  for (const auto& s : all_settings()) {
    const auto shown = s.show({});
    const auto row = "| `" + std::string{s.name} + "` | " +
                     (shown.empty() ? "" : "`" + shown + "` ") + "| " + std::string{s.help} +
                     " | " + s.takes + " |\n";
    INFO(row);
    CHECK(mentions(manual, row));
  }
}

TEST_CASE("help names every option, its default and its kind; no verb means help") {
  for (const auto& arguments :
       {std::vector<std::string>{"serve", "--help"}, {"--help", "serve"}}) {
    const auto parsed = parse_command_line(arguments, {});
    REQUIRE(parsed);
    REQUIRE(std::holds_alternative<print_command>(*parsed));
  }
  const auto help = std::get<print_command>(*parse_command_line({"serve", "--help"}, {})).text;
  for (const auto& s : all_settings())
    CHECK(mentions(help, option_name(s) + " " + std::string{s.kind}));
  CHECK(mentions(help, "[5005]"));
  CHECK(mentions(std::get<print_command>(*parse_command_line({}, {})).text, "serve"));
  CHECK(mentions(std::get<print_command>(*parse_command_line({"--version"}, {})).text,
                 std::string{hubbub_version}));
}

TEST_CASE("every setting takes back the default that it shows") {
  std::set<std::string_view> names;
  for (const auto& s : all_settings()) {
    CHECK(names.insert(s.name).second);
    hubbub_config config;
    const auto shown = s.show(config);
    INFO(s.name << " = " << shown);
    CHECK(s.set(config, shown));
    CHECK(s.show(config) == shown);
  }
  CHECK(hubbub_config{}.validate());
}

TEST_CASE("retention is a list in the file, and text with commas elsewhere") {
  const temporary_file file{R"(retention = ["vip=all", "*=90d/1000"])"};
  for (const auto& config :
       {serve({"--config", file.path()}), serve({"--retention", "vip=all,*=90d/1000"})}) {
    REQUIRE(config.store.retention.size() == 2);
    CHECK(config.store.retention[0].room_pattern == "vip");
    CHECK(config.store.retention[1].max_messages == 1000);
  }
  CHECK(serve({"--retention", "5", "--retention", ""}).store.retention.empty());
  CHECK(mentions(refusal({"--retention", "soon"}), "--retention takes rules such as 30d"));
}

} // namespace
} // namespace hubbub
