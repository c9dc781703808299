#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace hubbub::test {

/// A script of this folder that runs a server until its standard input ends, which is at the
/// end of this object.
class server_script {
 public:
  server_script(const std::string& name, const std::vector<std::string>& arguments);
  server_script(const server_script&) = delete;
  server_script& operator=(const server_script&) = delete;
  ~server_script();

  /// Returns the line that the script printed once the server answered; empty if it ended.
  [[nodiscard]] const std::string& first_line() const { return first_line_; }

 private:
  pid_t process_ = -1;
  int input_ = -1;
  std::string first_line_;
};

} // namespace hubbub::test
