#include "net/deflate_offer.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <utility>

namespace hubbub {
namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

constexpr std::string_view whole_window = "15";

bool is_window(std::string_view bits) {
  return bits == "8" || bits == "9" ||
         (bits.size() == 2 && bits[0] == '1' && bits[1] >= '0' && bits[1] <= '5');
}

/// The parameters of one offer, each of which may be named once.
class offer_reader {
 public:
  /// False if the offer cannot be taken up.
  [[nodiscard]] bool take(std::string_view name, std::string_view value) {
    if (iequals(name, "server_no_context_takeover"))
      return value.empty() && once(server_takeover_);
    if (iequals(name, "client_no_context_takeover"))
      return value.empty() && once(client_takeover_);
    if (iequals(name, "server_max_window_bits"))
      return value == whole_window && once(server_window_);
    if (!iequals(name, "client_max_window_bits") || !once(client_window_)) return false;
    client_bits_ = value;
    return value.empty() || is_window(value);
  }

  [[nodiscard]] deflate_offer finish() const {
    deflate_offer offer{"permessage-deflate", server_window_};
    if (client_window_) offer.text += "; client_max_window_bits";
    if (!client_bits_.empty()) offer.text.append("=").append(client_bits_);
    return offer;
  }

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

} // namespace

std::optional<deflate_offer> choose_deflate_offer(const std::vector<std::string_view>& values) {
  for (const auto value : values) {
    // At the very end of a list Beast gives an extension without parameters those of the one
    // before it: here none is at the end.
    const auto list = std::string{value} + ",";
    for (const auto& [name, parameters] : http::ext_list{list}) {
      if (!iequals(name, "permessage-deflate")) continue;
      if (auto offer = read_offer(parameters)) return offer;
    }
  }
  return {};
}

} // namespace hubbub
