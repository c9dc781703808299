#include "net/compression/deflate_offer.hpp"

#include "proto/json/ascii_case.hpp"
#include "proto/json/text.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view whole_window = "15";

bool is_window(std::string_view bits) {
  return bits == "8" || bits == "9" ||
         (bits.size() == 2 && bits[0] == '1' && bits[1] >= '0' && bits[1] <= '5');
}

/// Reads the parameters of one offer, each of which may be named once.
class offer_reader {
 public:
  /// Takes one parameter; false if the offer cannot be accepted.
  [[nodiscard]] bool take(std::string_view name, std::string_view value) {
    if (equal_in_any_case(name, "server_no_context_takeover"))
      return value.empty() && once(server_takeover_);
    if (equal_in_any_case(name, "client_no_context_takeover"))
      return value.empty() && once(client_takeover_);
    if (equal_in_any_case(name, "server_max_window_bits"))
      return value == whole_window && once(server_window_);
    if (!equal_in_any_case(name, "client_max_window_bits") || !once(client_window_))
      return false;
    client_bits_ = value;
    return value.empty() || is_window(value);
  }

  [[nodiscard]] deflate_offer finish() const { return {client_bits_, server_window_}; }

 private:
  static bool once(bool& seen) { return !std::exchange(seen, true); }

  bool server_takeover_ = false;
  bool client_takeover_ = false;
  bool server_window_ = false;
  bool client_window_ = false;
  std::string client_bits_;
};

std::optional<deflate_offer> read_offer(const http::param_list& parameters) {
  offer_reader reader;
  for (const auto& [name, value] : parameters)
    if (!reader.take(name, value)) return {};
  return reader.finish();
}

std::optional<deflate_offer> read_element(std::string_view element) {
  for (const auto& [name, parameters] : http::ext_list{element})
    return equal_in_any_case(name, "permessage-deflate") ? read_offer(parameters)
                                                         : std::nullopt;
  return {};
}

} // namespace

std::optional<deflate_offer> choose_deflate_offer(const std::vector<std::string_view>& values) {
  for (const auto value : values) {
    // Beast reads each offer separately: at the end of a list it gives an extension without
    // parameters those of the one before it. No acceptable offer contains a comma.
    for (auto rest = value; !rest.empty();) {
      const auto element = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), element.size() + 1));
      if (auto offer = read_element(trim(element))) return offer;
    }
  }
  return {};
}

} // namespace hubbub
