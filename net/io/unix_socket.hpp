#pragma once

#include "net/io/listen_place.hpp"
#include "proto/expected.hpp"

#include <sys/types.h>

#include <string>

namespace hubbub {

/// The file of a listening socket, which is removed with this object unless another one has
/// taken its place.
class socket_file {
 public:
  socket_file() = default; ///< no file
  /// Takes the file that a listening socket was just bound to.
  explicit socket_file(std::string path);
  ~socket_file();
  socket_file(socket_file&& other) noexcept;
  socket_file& operator=(socket_file&& other) noexcept;

  /// Leaves the file in place, since another process serves the socket from now on.
  void keep() { path_.clear(); }

 private:
  std::string path_; ///< empty: none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// A socket that listens in the file system.
struct unix_listening {
  int descriptor = -1; ///< belongs to the caller
  socket_file file;
};
/// Binds and listens. `mode` is who may connect, as of a file. A file that a dead server left
/// is replaced; one at which a program listens, and one that is no socket, is not. The error is
/// one sentence.
[[nodiscard]] expected<unix_listening, std::string> listen_at(const unix_place& place,
                                                              mode_t mode);

/// Says what a listening socket that somebody else made listens at. The error is one sentence
/// if it is no stream socket that listens.
[[nodiscard]] expected<listen_place, std::string> place_of_listening(int descriptor);

} // namespace hubbub
