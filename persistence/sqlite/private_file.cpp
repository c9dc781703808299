#include "persistence/sqlite/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace hubbub {

void create_for_owner(const std::string& path) {
  constexpr mode_t for_the_owner = S_IRUSR | S_IWUSR;
  // A file that is there is not even opened: SQLite's locks of this process would end with its
  // descriptor. A symbolic link that leads nowhere is followed, as SQLite does.
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return;
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_the_owner);
  if (made >= 0) ::close(made);
}

void share_like(const std::string& model, const std::string& path) {
  using std::filesystem::perms;
  std::error_code failed;
  const auto given = std::filesystem::status(model, failed).permissions();
  if (failed) return;
  const auto shared = given & (perms::group_read | perms::group_write | perms::others_read |
                               perms::others_write);
  std::filesystem::permissions(path, shared | perms::owner_read | perms::owner_write, failed);
}

} // namespace hubbub
