#include "net/manual/completion.hpp"

namespace hubbub {
namespace {

void append_commands(std::vector<command_at>& to, const std::string& before,
                     const command_text& command) {
  const auto path = before.empty() ? command.name : before + " " + command.name;
  to.push_back({path, &command});
  for (const auto& inner : command.commands)
    append_commands(to, path, inner);
}

/// Returns the patterns of a `case` line: `'a' | 'b'`.
std::string patterns(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& each : all)
    out.append(out.empty() ? "'" : " | '").append(each).append("'");
  return out;
}

/// Returns the words that can follow a command: its commands, and the words that its argument
/// may be.
std::string words_after(const command_text& command) {
  std::vector<std::string> words;
  for (const auto& inner : command.commands)
    words.push_back(inner.name);
  for (const auto& option : command.options)
    if (option.is_argument) words.insert(words.end(), option.words.begin(), option.words.end());
  return joined(words);
}

std::string option_names(const command_text& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    if (!option.is_argument) names.push_back(option.name);
  return joined(names);
}

/// Returns the program with its commands as the words that can follow `help`.
command_text with_topics(command_text program) {
  std::vector<std::string> topics;
  for (const auto& each : program.commands)
    topics.push_back(each.name);
  for (auto& command : program.commands)
    for (auto& option : command.options)
      if (command.name == "help" && option.is_argument) option.words = topics;
  return program;
}

bool takes_file(const command_text& command) {
  for (const auto& option : command.options)
    if (option.is_argument && option.is_file) return true;
  return false;
}

/// Returns the lines that complete the value of the option before the cursor.
std::string bash_values(const std::vector<command_at>& all) {
  std::string lines;
  std::vector<std::string> of_files;
  std::vector<std::string> of_others;
  for (const auto& [path, command] : all) {
    for (const auto& option : command->options) {
      if (option.is_argument || option.value.empty()) continue;
      const auto at = path + " " + option.name;
      if (!option.words.empty() && !option.may_stand_alone)
        lines += "    '" + at + "') words='" + joined(option.words) + "' ;;\n";
      else if (option.is_file)
        of_files.push_back(at);
      else if (!option.may_stand_alone)
        of_others.push_back(at);
    }
  }
  if (!of_files.empty()) lines += "    " + patterns(of_files) + ") files=1 ;;\n";
  if (!of_others.empty()) lines += "    " + patterns(of_others) + ") ;;\n";
  return lines;
}

/// Returns the lines that complete everything else.
std::string bash_words(const std::vector<command_at>& all) {
  std::string lines;
  for (const auto& [path, command] : all) {
    lines += "        '" + path + "') options='" + option_names(*command) + "'";
    if (const auto words = words_after(*command); !words.empty())
      lines += " words='" + words + "'";
    if (takes_file(*command)) lines += " files=1";
    lines += " ;;\n";
  }
  return lines;
}

} // namespace

std::vector<command_at> all_commands(const command_text& program) {
  std::vector<command_at> all;
  append_commands(all, "", program);
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words)
    out.append(out.empty() ? "" : " ").append(word);
  return out;
}

std::string completion(const command_text& program, std::string_view shell) {
  const auto text = with_topics(program);
  if (shell == "zsh") return zsh_completion(text);
  return shell == "fish" ? fish_completion(text) : bash_completion(text);
}

std::string bash_completion(const command_text& program) {
  const auto all = all_commands(program);
  std::vector<std::string> paths;
  for (const auto& each : all)
    if (each.command != &program) paths.push_back(each.path);
  auto function = "_" + program.name;
  for (auto& c : function)
    if (c == '-') c = '_';
  return "# bash completion for " + program.name + "; made by `" + program.name +
         " completion bash`\n" + function +
         "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local path=" +
         program.name +
         " words='' options='' files='' i\n"
         "  COMPREPLY=()\n"
         "  # Bash takes --option=value for three words.\n"
         "  if [[ $cur == = ]]; then\n"
         "    cur=''\n"
         "  elif [[ $prev == = ]]; then\n"
         "    prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  fi\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$path ${COMP_WORDS[i]}\" in\n"
         "      " +
         patterns(paths) +
         ")\n"
         "        path+=\" ${COMP_WORDS[i]}\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path $prev\" in\n" +
         bash_values(all) +
         "    *)\n"
         "      case $path in\n" +
         bash_words(all) +
         "      esac\n"
         "      if [[ $cur == -* ]]; then\n"
         "        words=$options files=''\n"
         "      elif [[ -z $words$files ]]; then\n"
         "        words=$options\n"
         "      fi ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "  if [[ -n $files ]]; then\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "  fi\n"
         "}\n"
         "complete -F " +
         function + " " + program.name + "\n";
}

} // namespace hubbub
