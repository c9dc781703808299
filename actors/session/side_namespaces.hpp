#pragma once

#include "actors/session/session.hpp"
#include "proto/socket/application.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// Makes what serves the namespaces beside the chat, by their names.
using namespace_factories = std::map<std::string, application_factory, std::less<>>;

/// The namespaces beside the chat that one connection has asked for.
class side_namespaces {
 public:
  /// Returns what serves a namespace; it is made when it is first asked for.
  application& open(const namespace_factories& factories, std::string_view nsp,
                    const session_context& context) {
    const auto found = open_.find(nsp);
    if (found != open_.end()) return *found->second;
    return *open_.emplace(nsp, factories.find(nsp)->second(context)).first->second;
  }
  /// Returns what serves a namespace that was opened.
  application& at(std::string_view nsp) { return *open_.find(nsp)->second; }
  void on_time() {
    for (const auto& [nsp, each] : open_)
      each->on_time();
  }

 private:
  std::map<std::string, std::unique_ptr<application>, std::less<>> open_;
};

} // namespace hubbub
