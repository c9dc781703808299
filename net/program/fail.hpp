#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

namespace hubbub {

/// Tells the user in one sentence what went wrong, and returns the program's exit status.
inline int fail(const std::string& sentence) {
  std::cerr << "hubbub: " << sentence << '\n';
  return EXIT_FAILURE;
}

} // namespace hubbub
