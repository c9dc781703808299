#pragma once

#include "net/manual/command_text.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// Writes a manual page in the language of `man`. In all texts, `words between such quotes`
/// become bold.
class manual_page {
 public:
  /// The top line of a page.
  struct heading {
    std::string_view name;    ///< `hubbub`
    char section;             ///< `1` for commands, `5` for files
    std::string_view what;    ///< one line that says what it is
    std::string_view project; ///< name and version, for the bottom
    std::string date;         ///< `2026-01-31`
  };
  explicit manual_page(const heading& top);

  void section(std::string_view title);
  void text(std::string_view words);
  /// Adds a term and what it means.
  void item(std::string_view term, std::string_view meaning);
  /// Adds lines that are printed as they are.
  void example(std::string_view lines);
  /// Adds an item for each option; help options are left out.
  void options(const std::vector<option_text>& all);
  /// Adds a section about each command, and one about the options that most of them have.
  void commands(const command_text& program);

  [[nodiscard]] const std::string& written() const { return out_; }

 private:
  void paragraph();
  void command(const command_text& what, const std::string& path,
               const std::vector<option_text>& usual);
  std::string out_;
};

/// Returns the day for the top line: that of the variable SOURCE_DATE_EPOCH if it is set, so
/// that a build can be repeated; otherwise today.
[[nodiscard]] std::string manual_date();

} // namespace hubbub
