#include "net/manual/completion.hpp"

namespace hubbub {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// Returns the end of a line: what completes a value, and a description.
std::string value_of(const option_text& option) {
  std::string out;
  if (!option.value.empty() && !option.may_stand_alone) out = option.is_file ? " -rF" : " -x";
  if (!option.words.empty() && !option.may_stand_alone)
    out += " -a " + quoted(joined(option.words));
  return out + " -d " + quoted(option.help) + "\n";
}

std::string lines_for(const std::string& start, const option_text& option) {
  if (!option.is_argument) {
    const auto shown = option.name == "--help" ? " -s h" : "";
    return start + shown + " -l " + option.name.substr(2) + value_of(option);
  }
  if (!option.words.empty())
    return start + " -a " + quoted(joined(option.words)) + " -d " + quoted(option.help) + "\n";
  return option.is_file ? start + " -F\n" : "";
}

} // namespace

std::string fish_completion(const command_text& program) {
  const auto all = all_commands(program);
  auto function = "__" + program.name + "_is_at";
  for (auto& c : function)
    if (c == '-') c = '_';
  std::string paths;
  for (const auto& [path, command] : all)
    if (command != &program) paths += " " + quoted(path);
  auto out = "# fish completion for " + program.name + "; made by `" + program.name +
             " completion fish`\n"
             "function " +
             function +
             " -d 'True if the words before the cursor lead to this command'\n"
             "    set -l at " +
             program.name +
             "\n"
             "    for word in (commandline -opc)[2..-1]\n"
             "        switch \"$at $word\"\n"
             "            case" +
             paths +
             "\n"
             "                set at \"$at $word\"\n"
             "        end\n"
             "    end\n"
             "    test \"$at\" = \"$argv[1]\"\n"
             "end\n"
             "complete -c " +
             program.name + " -f\n";
  for (const auto& [path, command] : all) {
    const auto start =
        "complete -c " + program.name + " -n " + quoted(function + " " + quoted(path));
    for (const auto& inner : command->commands)
      out += start + " -a " + quoted(inner.name) + " -d " + quoted(inner.help) + "\n";
    for (const auto& option : command->options)
      out += lines_for(start, option);
  }
  return out;
}

} // namespace hubbub
