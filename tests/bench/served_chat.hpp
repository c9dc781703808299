#pragma once

#include "bench/client/file_descriptor.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hubbub::bench {

/// A real `hubbub serve` on a free port, with a database in a folder of its own. It ends with
/// the object. The constructor throws if it cannot be started, since then the test cannot run.
class served_chat {
 public:
  explicit served_chat(const std::vector<std::string>& options = {});
  ~served_chat();
  served_chat(const served_chat&) = delete;
  served_chat& operator=(const served_chat&) = delete;

  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void read_port();

  pid_t process_ = 0;
  std::uint16_t port_ = 0;
  std::filesystem::path folder_;
  file_descriptor output_;
};

} // namespace hubbub::bench
