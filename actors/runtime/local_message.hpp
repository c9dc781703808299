#pragma once

#include <caf/all.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace hubbub::compat {

/// True for a type of message that never leaves the process; set by HUBBUB_LOCAL_MESSAGE.
template <class T>
struct is_local_message : std::false_type {};

/// Holds a local message; `Base` says how CAF sees it. CAF asks for the type and the address of
/// what is in it, and prints it where nobody expects it. It asks for the rest only of messages
/// that are sent to other processes, or put together with other messages.
template <class Base, class T>
class local_content : public Base {
 public:
  template <class... Us>
  explicit local_content(Us&&... xs) : content_(std::forward<Us>(xs)...) {}

  using Base::copy;

  std::size_t size() const noexcept final { return 1; }
  const void* get(std::size_t) const noexcept final { return &content_; }
  void* get_mutable(std::size_t) final { return &content_; }
  caf::rtti_pair type(std::size_t) const noexcept final { return {0, &typeid(T)}; }
  std::uint32_t type_token() const noexcept final { return caf::make_type_token<T>(); }
  std::string stringify(std::size_t) const final { return typeid(T).name(); }
  caf::type_erased_value_ptr copy(std::size_t) const final { return nullptr; }
  caf::error load(std::size_t, caf::deserializer&) final { return caf::sec::invalid_argument; }
  caf::error save(std::size_t, caf::serializer&) const final {
    return caf::sec::invalid_argument;
  }

 private:
  T content_;
};

} // namespace hubbub::compat

// CAF's own classes have a switch of ten cases for each of saving, loading, printing and
// copying, twice for each type: a third of what there was to compile in actors.
namespace caf {

/// A local message as part of a `message`, as which answers travel.
template <class T>
requires hubbub::compat::is_local_message<T>::value class detail::tuple_vals<T> final
    : public hubbub::compat::local_content<message_data, T> {
 public:
  using hubbub::compat::local_content<message_data, T>::local_content;
  using message_data::copy;
  tuple_vals* copy() const final { return new tuple_vals(*this); }
};

/// A local message in a mailbox.
template <class T>
requires hubbub::compat::is_local_message<T>::value class mailbox_element_vals<T> final
    : public mailbox_element,
      public hubbub::compat::local_content<type_erased_tuple, T> {
 public:
  template <class U>
  mailbox_element_vals(strong_actor_ptr&& sender, message_id id, forwarding_stack&& stages,
                       U&& content)
      : mailbox_element(std::move(sender), id, std::move(stages)),
        hubbub::compat::local_content<type_erased_tuple, T>(std::forward<U>(content)) {}

  type_erased_tuple& content() override { return *this; }
  const type_erased_tuple& content() const override { return *this; }
  // Asked of what is passed on to other processes, and by CAF's function views and composed
  // actors (split_join), none of which takes our messages.
  message move_content_to_message() override { std::abort(); }
  message copy_content_to_message() const override { std::abort(); }
  void dispose() noexcept { this->deref(); }
};

/// Names a clause that takes a local message: only CAF's middleman asks for such names.
template <class T, class... Answers>
requires hubbub::compat::is_local_message<T>::value struct typed_mpi_access<
    typed_mpi<detail::type_list<T>, output_tuple<Answers...>>> {
  std::string operator()(const uniform_type_info_map&) const { return typeid(T).name(); }
};

} // namespace caf

/// Makes a type known as a message of an id block that never leaves the process, so
/// that CAF need not know how to serialize it. Stands between CAF_BEGIN_TYPE_ID_BLOCK and
/// CAF_END_TYPE_ID_BLOCK, outside of any namespace; an actor whose interface holds a type
/// without it does not compile.
#define HUBBUB_LOCAL_MESSAGE(block, type)                                                      \
  template <>                                                                                  \
  struct hubbub::compat::is_local_message<type> : std::true_type {};                           \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)                                                          \
  CAF_ADD_TYPE_ID(block, (type))
