#include "net/io/unix_socket.hpp"
#include "tests/persistence/temporary_folder.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace hubbub {
namespace {

unix_place place_in(const test::temporary_folder& folder) {
  return {folder.file("s")};
}

bool can_connect(const std::string& path) {
  const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  const bool done =
      ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(client);
  return done;
}

TEST_CASE("a socket in the file system listens with the permissions that were asked for") {
  const test::temporary_folder folder;
  for (const mode_t mode : {0660U, 0666U, 0600U}) {
    const auto made = listen_at(place_in(folder), mode);
    REQUIRE(made);
    struct stat found {};
    REQUIRE(::stat(place_in(folder).path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == mode);
    CHECK(can_connect(place_in(folder).path));
    CHECK(place_of_listening(made->descriptor) == listen_place{place_in(folder)});
    ::close(made->descriptor);
  }
}

TEST_CASE("the file of a socket goes with it") {
  const test::temporary_folder folder;
  {
    const auto made = listen_at(place_in(folder), 0600);
    REQUIRE(made);
    ::close(made->descriptor);
  }
  CHECK_FALSE(exists(folder.path() / "s"));
}

TEST_CASE("a file that has taken the place of the socket stays") {
  const test::temporary_folder folder;
  {
    const auto made = listen_at(place_in(folder), 0600);
    REQUIRE(made);
    ::close(made->descriptor);
    std::filesystem::rename(folder.path() / "s", folder.path() / "old");
    std::ofstream{folder.path() / "s"} << "another";
  }
  CHECK(exists(folder.path() / "s"));
}

TEST_CASE("the socket of a dead server is replaced, that of a living one is not") {
  const test::temporary_folder folder;
  auto first = listen_at(place_in(folder), 0600);
  REQUIRE(first);
  const auto second = listen_at(place_in(folder), 0600);
  REQUIRE_FALSE(second);
  CHECK(second.error().find("another program listens there") != std::string::npos);
  CHECK(can_connect(place_in(folder).path));

  ::close(first->descriptor); // the file is still there, as after a kill
  REQUIRE(exists(folder.path() / "s"));
  const auto third = listen_at(place_in(folder), 0600);
  REQUIRE(third);
  CHECK(can_connect(place_in(folder).path));
  ::close(third->descriptor);
}

TEST_CASE("a file that is no socket is left alone") {
  const test::temporary_folder folder;
  std::ofstream{folder.path() / "s"} << "precious";
  const auto made = listen_at(place_in(folder), 0600);
  REQUIRE_FALSE(made);
  CHECK(made.error().find("no socket") != std::string::npos);
  CHECK(file_size(folder.path() / "s") == 8);
}

TEST_CASE("a folder that is not there is told") {
  const auto made = listen_at({"/no/such/folder/s"}, 0600);
  REQUIRE_FALSE(made);
  CHECK(made.error() == "cannot listen at /no/such/folder/s: No such file or directory");
}

TEST_CASE("a descriptor that does not listen is no place") {
  const int idle = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK_FALSE(place_of_listening(idle));
  ::close(idle);
  CHECK_FALSE(place_of_listening(0x7fff));
}

} // namespace
} // namespace hubbub
