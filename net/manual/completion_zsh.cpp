#include "net/manual/completion.hpp"

namespace hubbub {
namespace {

/// Returns a text as it may stand between square brackets inside single quotes.
std::string in_brackets(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out.append("\\").append(1, c);
    else
      out += c;
  }
  return out;
}

/// Returns a text as it may stand between double quotes, in a list inside single quotes.
std::string in_quotes(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '"' || c == '\\' || c == '$' || c == '`')
      out.append("\\").append(1, c);
    else
      out += c;
  }
  return out;
}

/// Returns what completes a value: `FILE:_files`, `WORD:(full normal)`.
std::string action_of(const option_text& option) {
  const auto what = in_brackets(option.value.empty() ? option.name : option.value);
  if (!option.words.empty()) return what + ":(" + joined(option.words) + ")";
  return option.is_file ? what + ":_files" : what + ": ";
}

std::string spec_of(const option_text& option) {
  if (option.is_argument) return "'" + std::string{"*:"} + action_of(option) + "'";
  const auto help = "[" + in_brackets(option.help) + "]";
  if (option.name == "--help") return "'(-h --help)'{-h,--help}'" + help + "'";
  if (option.value.empty()) return "'" + option.name + help + "'";
  return "'" + option.name + "=" + help + (option.may_stand_alone ? "::" : ":") +
         action_of(option) + "'";
}

std::string function_of(const std::string& path) {
  auto name = "_" + path;
  for (auto& c : name)
    if (c == ' ' || c == '-') c = '_';
  return name;
}

std::string list_of(const std::vector<command_text>& commands) {
  std::string list;
  for (const auto& each : commands)
    list.append(list.empty() ? "" : " ")
        .append(each.name)
        .append("\\:\"")
        .append(in_quotes(each.help))
        .append("\"");
  return "((" + list + "))";
}

std::string function_for(const command_at& at) {
  const auto& command = *at.command;
  auto out = function_of(at.path) + "() {\n";
  if (!command.commands.empty())
    out += "  local context state state_descr line\n  typeset -A opt_args\n";
  out += std::string{"  _arguments"} + (command.commands.empty() ? "" : " -C");
  for (const auto& option : command.options)
    out += " \\\n    " + spec_of(option);
  if (command.commands.empty()) return out + "\n}\n";
  out += " \\\n    '1:command:" + list_of(command.commands) + "' \\\n    '*:: :->rest'\n";
  out += "  [[ $state == rest ]] || return\n  case $line[1] in\n";
  for (const auto& inner : command.commands)
    out += "    " + inner.name + ") " + function_of(at.path + " " + inner.name) + " ;;\n";
  return out + "  esac\n}\n";
}

} // namespace

std::string zsh_completion(const command_text& program) {
  auto out = "#compdef " + program.name + "\n# made by `" + program.name + " completion zsh`\n";
  for (const auto& each : all_commands(program))
    out += function_for(each);
  // Zsh loads the file as the body of the function; sourced, it registers itself.
  const auto function = function_of(program.name);
  return out + "if [[ $funcstack[1] == " + function + " ]]; then\n  " + function +
         " \"$@\"\nelse\n  compdef " + function + " " + program.name + "\nfi\n";
}

} // namespace hubbub
