#include "net/trace/recall.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace hubbub {

expected<trace_memory, std::string> recall(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return unexpected(path + " cannot be read: " + std::generic_category().message(errno));
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  auto memory = read_trace(bytes);
  if (!memory) return unexpected(path + " " + memory.error());
  return std::move(*memory);
}

} // namespace hubbub
