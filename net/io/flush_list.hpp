#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub {

/// An object that has written to its queue and is called when the loop pass ends.
class flushable {
 public:
  virtual ~flushable() = default;
  virtual void flush() = 0;

 private:
  friend class flush_list;
  std::uint32_t slot_ = 0; ///< its place in the list, counted from 1; 0: not there
};

/// The objects of an io thread that are called at the end of its loop pass, each once. It does
/// not own them, since each delivery would count references twice.
class flush_list {
 public:
  flush_list() = default;
  ~flush_list() { clear(); }
  flush_list(const flush_list&) = delete;
  flush_list& operator=(const flush_list&) = delete;

  /// Adds an object. False if it waits already. Until it is called it must not be destroyed
  /// without `forget`.
  bool add(flushable& who) {
    if (who.slot_ != 0) return false;
    waiting_.push_back(&who);
    who.slot_ = static_cast<std::uint32_t>(waiting_.size());
    return true;
  }
  /// Says that an object is about to be destroyed, and must not be called any more.
  void forget(const flushable& who) {
    if (who.slot_ == 0) return;
    const std::size_t at = who.slot_ - 1;
    for (auto* const list : {&called_, &waiting_})
      if (at < list->size() && (*list)[at] == &who) (*list)[at] = nullptr;
  }
  /// Calls all objects that wait now; those that this adds wait for the next time.
  void flush_all() {
    called_.swap(waiting_);
    for (std::size_t at = 0; at < called_.size(); ++at)
      if (auto* const who = called_[at]) {
        who->slot_ = 0;
        who->flush();
      }
    called_.clear();
  }
  /// Removes all objects without a call.
  void clear() {
    for (auto* const who : waiting_)
      if (who != nullptr) who->slot_ = 0;
    waiting_.clear();
  }

 private:
  std::vector<flushable*> waiting_; ///< null where one was forgotten
  std::vector<flushable*> called_;  ///< those of the call under way; its memory is reused
};

} // namespace hubbub
