#include "persistence/postgres/pg_parameters.hpp"

namespace hubbub::pg {

std::string array::value() const {
  std::string whole;
  whole.reserve(elements_.size() + 20);
  put_number(whole, std::int32_t{size_ > 0 ? 1 : 0}); // number of dimensions
  put_number(whole, std::int32_t{has_null_ ? 1 : 0});
  put_number(whole, static_cast<std::uint32_t>(type_));
  if (size_ == 0) return whole;
  put_number(whole, size_);
  put_number(whole, std::int32_t{1}); // index of the first element
  whole += elements_;
  return whole;
}

parameters::pointers parameters::point() const {
  pointers all;
  all.values.reserve(parts_.size());
  all.lengths.reserve(parts_.size());
  for (const auto& each : parts_) {
    all.values.push_back(each.length < 0 ? nullptr : bytes_.data() + each.offset);
    all.lengths.push_back(each.length < 0 ? 0 : static_cast<int>(each.length));
  }
  all.formats.assign(parts_.size(), 1);
  return all;
}

} // namespace hubbub::pg
