#include "net/manual/help_format.hpp"

#include "net/manual/command_text.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace hubbub {
namespace {

class help_format : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_option_opts(const CLI::Option* option) const override {
    auto text = Formatter::make_option_opts(option);
    const auto type = option->get_type_name();
    const auto at = type.empty() ? std::string::npos : text.find(type);
    if (at == std::string::npos) return text;
    return text.replace(at, type.size(), shown_type(type));
  }
};

} // namespace

void use_help_format(CLI::App& app) {
  app.formatter(std::make_shared<help_format>());
}

} // namespace hubbub
