#include "net/manual/manual_page.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <ctime>

namespace hubbub {
namespace {

// The longest line that a reader of the source wants to see.
constexpr std::size_t longest_line = 78;

/// Returns a text with everything written so that `man` takes it for text.
std::string escaped(std::string_view text) {
  std::string out;
  bool bold = false;
  for (const char c : text) {
    if (c == '`')
      out += (bold = !bold) ? "\\fB" : "\\fR";
    else if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else
      out += c;
  }
  return out;
}

/// Appends a line, which is no instruction to `man` even if it begins like one.
void append_line(std::string& out, std::string_view line) {
  if (line.starts_with('.')) out += "\\&";
  out.append(line).append("\n");
}

/// Appends a text in lines that break between words.
void append_wrapped(std::string& out, std::string_view text) {
  const auto words = escaped(text);
  std::string_view left = words;
  while (left.size() > longest_line) {
    auto end = left.rfind(' ', longest_line);
    if (end == std::string_view::npos) end = left.find(' ');
    if (end == std::string_view::npos) break;
    append_line(out, left.substr(0, end));
    left.remove_prefix(end + 1);
  }
  append_line(out, left);
}

std::string upper_case(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string meaning_of(const option_text& option) {
  auto meaning = option.help;
  std::string values;
  if (!option.words.empty() && option.value != "BOOL")
    for (const auto& word : option.words)
      values.append(values.empty() ? "; one of " : ", ").append(word);
  meaning += values;
  if (!option.by_default.empty()) meaning += " (default: " + option.by_default + ")";
  return meaning;
}

/// Appends the commands that have none below them.
void append_leaves(std::vector<const command_text*>& to, const command_text& from) {
  if (from.commands.empty()) to.push_back(&from);
  for (const auto& inner : from.commands)
    append_leaves(to, inner);
}

bool is_help(const option_text& option) {
  return option.name == "--help";
}

/// Returns the options that most commands have and that mean the same there.
std::vector<option_text> usual_options(const command_text& program) {
  std::vector<const command_text*> leaves;
  append_leaves(leaves, program);
  std::vector<option_text> usual;
  for (const auto* leaf : leaves) {
    for (const auto& option : leaf->options) {
      const auto is_same = [&option](const option_text& other) {
        return other.name == option.name && other.help == option.help;
      };
      const auto many = std::ranges::count_if(leaves, [&is_same](const command_text* each) {
        return std::ranges::any_of(each->options, is_same);
      });
      const bool is_known = std::ranges::any_of(usual, is_same);
      if (!is_known && !is_help(option) && 2 * static_cast<std::size_t>(many) > leaves.size())
        usual.push_back(option);
    }
  }
  return usual;
}

} // namespace

manual_page::manual_page(const heading& top) {
  const std::string number{top.section};
  out_ = ".TH " + upper_case(top.name) + " " + number + " \"" + top.date + "\" \"" +
         std::string{top.project} + "\" \"" +
         (top.section == '1' ? "User Commands" : "File Formats") + "\"\n";
  section("Name");
  append_line(out_, escaped(top.name) + " \\- " + escaped(top.what));
}

void manual_page::section(std::string_view title) {
  out_.append(".SH ").append(upper_case(title)).append("\n");
}

void manual_page::paragraph() {
  // A heading is a paragraph's beginning already.
  const auto last = out_.rfind('\n', out_.size() - 2);
  if (out_.compare(last + 1, 4, ".SH ") != 0) out_ += ".PP\n";
}

void manual_page::text(std::string_view words) {
  paragraph();
  append_wrapped(out_, words);
}

void manual_page::item(std::string_view term, std::string_view meaning) {
  out_ += ".TP\n";
  append_line(out_, escaped(term));
  append_wrapped(out_, meaning);
}

void manual_page::example(std::string_view lines) {
  paragraph();
  out_ += ".nf\n.RS\n";
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    append_line(out_, escaped(lines.substr(0, end)));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  out_ += ".RE\n.fi\n";
}

void manual_page::options(const std::vector<option_text>& all) {
  for (const auto& option : all)
    if (!is_help(option)) item("`" + synopsis_of(option) + "`", meaning_of(option));
}

void manual_page::commands(const command_text& program) {
  const auto usual = usual_options(program);
  section("Commands");
  for (const auto& each : program.commands)
    command(each, program.name, usual);
  if (usual.empty()) return;
  section("Options of most commands");
  text("Where a command has another default, it is named there; `" + program.name +
       " COMMAND --help` lists the options of one command.");
  options(usual);
}

void manual_page::command(const command_text& what, const std::string& path,
                          const std::vector<option_text>& usual) {
  const auto name = path + " " + what.name;
  if (!what.commands.empty()) {
    for (const auto& each : what.commands)
      command(each, name, usual);
    return;
  }
  auto term = "`" + name + "`";
  std::vector<option_text> own;
  for (const auto& option : what.options) {
    if (option.is_argument) term += " " + synopsis_of(option);
    if (std::ranges::none_of(usual, [&option](const option_text& other) {
          return other.name == option.name && other.by_default == option.by_default;
        }))
      own.push_back(option);
  }
  item(term, what.help);
  out_ += ".RS\n";
  const auto before = out_.size();
  options(own);
  if (out_.size() == before)
    out_.resize(before - 4);
  else
    out_ += ".RE\n";
}

std::string manual_date() {
  auto seconds = std::time(nullptr);
  if (const auto* const set = std::getenv("SOURCE_DATE_EPOCH"); set != nullptr) {
    const std::string_view text{set};
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  std::tm day{};
  gmtime_r(&seconds, &day);
  std::array<char, 16> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%d", &day)};
}

} // namespace hubbub
