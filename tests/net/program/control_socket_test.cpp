#include "net/program/control_socket.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <stdlib.h>

#include <filesystem>
#include <string>

using namespace hubbub;
using namespace std::chrono_literals;
using local = boost::asio::local::stream_protocol;

namespace {

struct control_world {
  explicit control_world(std::chrono::milliseconds patience) : server(io, patience) {
    char name[] = "/tmp/hubbub-control-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    folder = name;
    REQUIRE(server.open(folder + "/s", [this](std::string_view line, control_answer answer) {
      asked += line;
      answer("you asked " + std::string{line});
    }));
    client.connect(local::endpoint{folder + "/s"});
  }
  ~control_world() {
    server.close();
    std::filesystem::remove_all(folder);
  }
  control_world(const control_world&) = delete;
  control_world& operator=(const control_world&) = delete;

  /// Runs until the server has closed the connection; returns what it said.
  std::string hear() {
    std::string heard;
    bool closed = false;
    boost::asio::async_read(client, boost::asio::dynamic_buffer(heard),
                            [&](boost::system::error_code, std::size_t) { closed = true; });
    while (!closed)
      io.run_one();
    return heard;
  }

  std::string folder;
  std::string asked;
  boost::asio::io_context io{1};
  control_socket server;
  local::socket client{io};
};

} // namespace

TEST_CASE("a line is answered with a line") {
  control_world world{1h};
  boost::asio::write(world.client, boost::asio::buffer(std::string_view{"who\n"}));
  CHECK(world.hear() == "you asked who\n");
}

TEST_CASE("a client of the control socket that asks nothing is dropped") {
  control_world world{1ms};
  boost::asio::write(world.client, boost::asio::buffer(std::string_view{"half a line"}));
  CHECK(world.hear().empty());
  CHECK(world.asked.empty());
}
