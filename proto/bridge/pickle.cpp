#include "proto/bridge/pickle.hpp"

#include "proto/bridge/json_pen.hpp"
#include "proto/limits.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

namespace hubbub {
namespace {

/// Maximum number of values in a pickle. Each takes some memory beside its bytes.
constexpr std::size_t max_values = 100'000;
constexpr unsigned first_protocol = 2;
constexpr unsigned last_protocol = 5;

/// The instructions, as Python's module `pickletools` names them.
enum : unsigned char {
  op_mark = '(',
  op_stop = '.',
  op_none = 'N',
  op_newtrue = 0x88,
  op_newfalse = 0x89,
  op_binint = 'J',
  op_binint1 = 'K',
  op_binint2 = 'M',
  op_long1 = 0x8a,
  op_binfloat = 'G',
  op_short_binunicode = 0x8c,
  op_binunicode = 'X',
  op_binunicode8 = 0x8d,
  op_binbytes = 'B',
  op_short_binbytes = 'C',
  op_binbytes8 = 0x8e,
  op_bytearray8 = 0x96,
  op_empty_list = ']',
  op_append = 'a',
  op_appends = 'e',
  op_empty_tuple = ')',
  op_tuple = 't',
  op_tuple1 = 0x85,
  op_tuple3 = 0x87,
  op_empty_dict = '}',
  op_setitem = 's',
  op_setitems = 'u',
  op_binput = 'q',
  op_long_binput = 'r',
  op_binget = 'h',
  op_long_binget = 'j',
  op_memoize = 0x94,
  op_proto = 0x80,
  op_frame = 0x95,
};

/// A value of a pickle. Others name it by its index, since one list may stand in several
/// places.
struct pickled {
  enum class kind : std::uint8_t { none, truth, whole, real, text, bytes, list, tuple, dict };
  using index = std::uint32_t;

  kind what = kind::none;
  std::int64_t whole = 0; ///< also of a truth value
  double real = 0;
  std::string_view text = {};
  std::vector<index> items = {}; ///< of a dict: names and values in turn
};

/// The machine for which a pickle is a program: a stack, and a memory of values to come again.
class pickle_machine {
 public:
  explicit pickle_machine(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] expected<unpickled, bridge_refusal> run() {
    const auto marker = number(1);
    const auto protocol = number(1);
    if (marker != op_proto || !protocol || *protocol < first_protocol ||
        *protocol > last_protocol)
      return unexpected(bridge_refusal::malformed);
    while (!stopped_)
      if (!step()) return unexpected(why_);
    if (!rest_.empty() || stack_.size() != 1 || !marks_.empty())
      return unexpected(bridge_refusal::malformed);
    unpickled made;
    if (!write(stack_.front(), 0)) return unexpected(why_);
    made.json = pen_.take();
    const auto& root = values_[stack_.front()];
    if (root.what == pickled::kind::dict)
      for (std::size_t i = 0; i + 1 < root.items.size(); i += 2)
        if (values_[root.items[i + 1]].what == pickled::kind::tuple)
          made.tuples.emplace_back(values_[root.items[i]].text);
    return made;
  }

 private:
  using index = pickled::index;
  using kind = pickled::kind;

  bool refuse(bridge_refusal why) {
    why_ = why;
    return false;
  }

  [[nodiscard]] std::optional<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Takes a number of `width` bytes, the smallest first.
  [[nodiscard]] std::optional<std::uint64_t> number(unsigned width) {
    const auto bytes = take(width);
    if (!bytes) return std::nullopt;
    std::uint64_t sum = 0;
    for (std::size_t i = bytes->size(); i-- > 0;)
      sum = (sum << 8U) | static_cast<unsigned char>((*bytes)[i]);
    return sum;
  }

  bool push(pickled value) {
    if (values_.size() >= max_values) return refuse(bridge_refusal::too_large);
    values_.push_back(std::move(value));
    stack_.push_back(static_cast<index>(values_.size() - 1));
    return true;
  }
  bool push_whole(std::int64_t number) { return push({kind::whole, number}); }

  /// Returns how many values stand above the last mark, or above nothing.
  [[nodiscard]] std::size_t above_mark() const {
    return stack_.size() - (marks_.empty() ? 0 : marks_.back());
  }
  /// Takes the last values off the stack, in their order.
  [[nodiscard]] std::vector<index> pop(std::size_t count) {
    const auto from = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<index> taken(from, stack_.end());
    stack_.erase(from, stack_.end());
    return taken;
  }
  [[nodiscard]] std::optional<std::vector<index>> pop_to_mark() {
    if (marks_.empty()) return std::nullopt;
    auto taken = pop(above_mark());
    marks_.pop_back();
    return taken;
  }

  bool step() {
    const auto code = number(1);
    if (!code) return false;
    switch (static_cast<unsigned char>(*code)) {
    case op_stop: return stopped_ = true;
    case op_mark: marks_.push_back(stack_.size()); return true;
    case op_frame: return number(8).has_value();
    case op_none: return push({});
    case op_newtrue: return push({kind::truth, 1});
    case op_newfalse: return push({kind::truth, 0});
    case op_binint1: return natural(number(1));
    case op_binint2: return natural(number(2));
    case op_binint: return binint(number(4));
    case op_long1: return long1(number(1));
    case op_binfloat: return binfloat(number(8));
    case op_short_binunicode: return text(kind::text, number(1));
    case op_binunicode: return text(kind::text, number(4));
    case op_binunicode8: return text(kind::text, number(8));
    case op_short_binbytes: return text(kind::bytes, number(1));
    case op_binbytes: return text(kind::bytes, number(4));
    case op_binbytes8:
    case op_bytearray8: return text(kind::bytes, number(8));
    default: return build(static_cast<unsigned char>(*code));
    }
  }

  /// Carries out an instruction that makes, fills or remembers a value that holds others.
  bool build(unsigned char code) {
    switch (code) {
    case op_empty_list: return push({kind::list});
    case op_empty_dict: return push({kind::dict});
    case op_empty_tuple: return push({kind::tuple});
    case op_tuple: return tuple(pop_to_mark());
    case op_append: return add(kind::list, few(1));
    case op_appends: return add(kind::list, pop_to_mark());
    case op_setitem: return add(kind::dict, few(2));
    case op_setitems: return add(kind::dict, pop_to_mark());
    case op_binput: return remember(number(1));
    case op_long_binput: return remember(number(4));
    case op_memoize: return remember(memory_.size());
    case op_binget: return recall(number(1));
    case op_long_binget: return recall(number(4));
    default: break;
    }
    // Everything else is refused, above all what names or calls something.
    if (code < op_tuple1 || code > op_tuple3) return false;
    return tuple(few(code - std::size_t{op_tuple1} + 1));
  }

  /// Takes values off the stack, of which there must be as many above the last mark.
  [[nodiscard]] std::optional<std::vector<index>> few(std::size_t count) {
    if (above_mark() < count) return std::nullopt;
    return pop(count);
  }
  bool tuple(std::optional<std::vector<index>> items) {
    return items && push({.what = kind::tuple, .items = *std::move(items)});
  }
  bool add(kind to, const std::optional<std::vector<index>>& items) {
    if (!items || above_mark() == 0) return false;
    auto& whole = values_[stack_.back()];
    if (whole.what != to || (to == kind::dict && items->size() % 2 != 0)) return false;
    whole.items.insert(whole.items.end(), items->begin(), items->end());
    return true;
  }
  bool remember(std::optional<std::uint64_t> at) {
    if (!at || above_mark() == 0) return false;
    if (memory_.size() >= max_values) return refuse(bridge_refusal::too_large);
    memory_[*at] = stack_.back();
    return true;
  }
  bool recall(std::optional<std::uint64_t> at) {
    const auto found = at ? memory_.find(*at) : memory_.end();
    if (found == memory_.end()) return false;
    stack_.push_back(found->second);
    return true;
  }

  bool natural(std::optional<std::uint64_t> number) {
    return number && push_whole(static_cast<std::int64_t>(*number));
  }
  bool binint(std::optional<std::uint64_t> bits) {
    return bits && push_whole(static_cast<std::int32_t>(static_cast<std::uint32_t>(*bits)));
  }
  /// Reads a number of any length, as long as it fits.
  bool long1(std::optional<std::uint64_t> length) {
    constexpr std::uint64_t longest = 8;
    if (!length || *length > longest) return false;
    if (*length == 0) return push_whole(0);
    const auto bits = number(static_cast<unsigned>(*length));
    if (!bits) return false;
    const auto unused = 64U - 8U * static_cast<unsigned>(*length);
    return push_whole(static_cast<std::int64_t>(*bits << unused) >> unused);
  }
  /// Reads a double, whose greatest byte comes first, unlike those of all other numbers.
  bool binfloat(std::optional<std::uint64_t> bits) {
    if (!bits) return false;
    std::uint64_t turned = 0;
    for (unsigned shift = 0; shift < 64; shift += 8)
      turned = (turned << 8U) | ((*bits >> shift) & 0xffU);
    return push({.what = kind::real, .real = std::bit_cast<double>(turned)});
  }
  bool text(kind what, std::optional<std::uint64_t> length) {
    const auto bytes = length ? take(*length) : std::nullopt;
    return bytes && push({.what = what, .text = *bytes});
  }

  /// Writes a value as JSON. One that holds itself ends at the depth, and one that stands in
  /// very many places at the size.
  bool write(index at, std::size_t depth) {
    if (pen_.is_full()) return refuse(bridge_refusal::too_large);
    const auto& value = values_[at];
    switch (value.what) {
    case kind::none: pen_.plain().null(); return true;
    case kind::truth: pen_.plain().boolean(value.whole != 0); return true;
    case kind::whole: pen_.plain().integer(value.whole); return true;
    case kind::real: pen_.real(value.real); return true;
    case kind::text: return pen_.string(value.text);
    case kind::bytes: return refuse(bridge_refusal::binary);
    case kind::list:
    case kind::tuple: return write_list(value, depth);
    case kind::dict: return write_dict(value, depth);
    }
    return false;
  }
  bool write_list(const pickled& value, std::size_t depth) {
    if (depth >= max_json_depth) return false;
    pen_.plain().begin_array();
    for (const auto item : value.items)
      if (!write(item, depth + 1)) return false;
    pen_.plain().end_array();
    return true;
  }
  bool write_dict(const pickled& value, std::size_t depth) {
    if (depth >= max_json_depth) return false;
    pen_.plain().begin_object();
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2)
      if (!write_name(values_[value.items[i]]) || !write(value.items[i + 1], depth + 1))
        return false;
    pen_.plain().end_object();
    return true;
  }
  /// Writes a key as Python's module `json` does; keys that are floats are refused.
  bool write_name(const pickled& key) {
    switch (key.what) {
    case kind::text: return pen_.key(key.text);
    case kind::none: return pen_.key("null");
    case kind::truth: return pen_.key(key.whole != 0 ? "true" : "false");
    case kind::whole: return pen_.key(std::to_string(key.whole));
    default: return false;
    }
  }

  std::string_view rest_;
  std::vector<pickled> values_;
  std::vector<index> stack_;
  std::vector<std::size_t> marks_; ///< sizes of the stack
  std::unordered_map<std::uint64_t, index> memory_;
  json_pen pen_;
  bridge_refusal why_ = bridge_refusal::malformed;
  bool stopped_ = false;
};

} // namespace

expected<unpickled, bridge_refusal> unpickle(std::string_view bytes) {
  if (bytes.size() > max_bridge_message) return unexpected(bridge_refusal::too_large);
  return pickle_machine{bytes}.run();
}

} // namespace hubbub
