#include "persistence/sqlite/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubbub {

void create_for_owner(const std::string& path) {
  constexpr mode_t for_the_owner = S_IRUSR | S_IWUSR;
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, for_the_owner);
  if (made >= 0) ::close(made);
}

} // namespace hubbub
