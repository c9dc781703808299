#include "net/program/handover_channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace hubbub {
namespace {

/// More bytes than a message has.
constexpr std::size_t longest_message = 65'536;
/// How many descriptors the kernel passes at once, as SCM_MAX_FD.
constexpr std::size_t most_descriptors = 253;

constexpr std::string_view offer_version = "1";

} // namespace

handover_channel::~handover_channel() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool handover_channel::send(const handover_message& message) const {
  auto bytes = message.word + ' ' + message.text;
  bytes.resize(std::min(bytes.size(), longest_message));
  iovec part{bytes.data(), bytes.size()};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  const auto count = std::min(message.descriptors.size(), most_descriptors);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> space{};
  if (count > 0) {
    head.msg_control = space.data();
    head.msg_controllen = CMSG_SPACE(count * sizeof(int));
    auto* const rights = CMSG_FIRSTHDR(&head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(rights), message.descriptors.data(), count * sizeof(int));
  }
  while (true) {
    const auto sent = ::sendmsg(descriptor_, &head, MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR) return sent >= 0;
  }
}

std::optional<handover_message> handover_channel::receive() const {
  std::string bytes(longest_message, '\0');
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> space{};
  msghdr head{};
  head.msg_iov = &part;
  head.msg_iovlen = 1;
  head.msg_control = space.data();
  head.msg_controllen = space.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(descriptor_, &head, MSG_CMSG_CLOEXEC);
    // A process that ended without having read everything may have sent something before.
  } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size));
  handover_message message{bytes.substr(0, bytes.find(' '))};
  if (message.word.size() < bytes.size()) message.text = bytes.substr(message.word.size() + 1);
  for (auto* each = CMSG_FIRSTHDR(&head); each != nullptr; each = CMSG_NXTHDR(&head, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    message.descriptors.resize((each->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(message.descriptors.data(), CMSG_DATA(each),
                message.descriptors.size() * sizeof(int));
  }
  return message;
}

std::string encode(const handover_offer& offer) {
  return std::string{offer_version} + (offer.owns_files ? " 1" : " 0") +
         (offer.may_migrate ? " 1 " : " 0 ") + offer.database;
}

std::optional<handover_offer> decode_offer(std::string_view text) {
  const auto word = [&text] {
    const auto end = std::min(text.find(' '), text.size());
    const auto found = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return found;
  };
  if (word() != offer_version) return std::nullopt;
  const bool owns_files = word() == "1";
  const bool may_migrate = word() == "1";
  return handover_offer{std::string{text}, owns_files, may_migrate};
}

} // namespace hubbub
