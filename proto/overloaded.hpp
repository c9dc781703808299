#pragma once

namespace hubbub {

/// A visitor of a variant, made of one function for each alternative: a forgotten one does not
/// compile.
template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace hubbub
