#pragma once

#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hubbub::test {

/// Returns the content of a file of the source tree, by its path there. Tests run inside the
/// tree, mostly in a build folder.
inline std::string source_file(const std::filesystem::path& path) {
  auto root = std::filesystem::current_path();
  while (!exists(root / "docs" / "operations.md") && root.has_relative_path())
    root = root.parent_path();
  std::ifstream in{root / path};
  INFO("run the tests in the source tree or in a folder below it");
  REQUIRE(in);
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace hubbub::test
