#include "persistence/bus/redis_socket.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace hubbub {

namespace {

/// Maximum number of reads of hiredis, of 16 KB each, in one call of `read`.
constexpr int reads_at_once = 64;

struct reply_freer {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using reply_ptr = std::unique_ptr<redisReply, reply_freer>;

std::string part_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  return reply.str != nullptr ? std::string(reply.str, static_cast<std::size_t>(reply.len))
                              : std::string{};
}

redis_reply taken(const redisReply& reply) {
  redis_reply made{reply.type == REDIS_REPLY_ERROR, {}};
  if (reply.type == REDIS_REPLY_ARRAY)
    for (std::size_t i = 0; i < static_cast<std::size_t>(reply.elements); ++i)
      made.parts.push_back(part_of(*reply.element[i]));
  else
    made.parts.push_back(part_of(reply));
  return made;
}

int time_left(redis_socket::time_point until) {
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(rest.count(), 0, 60'000));
}

expected<void, std::string> wait_for(int descriptor, short events,
                                     redis_socket::time_point until) {
  pollfd waits{descriptor, events, 0};
  if (::poll(&waits, 1, time_left(until)) <= 0)
    return unexpected(std::string{"it does not answer"});
  return {};
}

} // namespace

void block_broken_pipes() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  static_cast<void>(pthread_sigmask(SIG_BLOCK, &set, nullptr));
}

void redis_socket::closer::operator()(redisContext* context) const noexcept {
  redisFree(context);
}

std::string redis_socket::why() const {
  return context_->err != 0 ? context_->errstr : "it has closed the connection";
}

int redis_socket::descriptor() const {
  return context_->fd;
}

short redis_socket::events() const {
  return static_cast<short>(queued_ > 0 ? POLLIN | POLLOUT : POLLIN);
}

expected<redis_socket, std::string> redis_socket::open(const bus_address& address,
                                                       time_point until) {
  redis_socket made{redisConnectNonBlock(address.host.c_str(), address.port)};
  if (!made.context_) return unexpected(std::string{"out of memory"});
  if (made.context_->err != 0) return unexpected(made.why());
  if (auto done = made.finish_connecting(until); !done) return unexpected(done.error());
  if (auto done = made.log_in(address, until); !done) return unexpected(done.error());
  return made;
}

expected<void, std::string> redis_socket::finish_connecting(time_point until) {
  if (auto ready = wait_for(descriptor(), POLLOUT, until); !ready) return ready;
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return unexpected(std::string{std::strerror(error)});
  redisEnableKeepAlive(context_.get());
  return {};
}

/// The last of the commands shows that it serves us: one that wants a password refuses it.
expected<void, std::string> redis_socket::log_in(const bus_address& address, time_point until) {
  std::size_t answers = 1;
  if (!address.user.empty())
    append({"AUTH", address.user, address.password});
  else if (!address.password.empty())
    append({"AUTH", address.password});
  answers += address.password.empty() ? 0U : 1U;
  if (!address.database.empty()) append({"SELECT", address.database});
  answers += address.database.empty() ? 0U : 1U;
  append({"PING"});
  std::vector<redis_reply> replies;
  while (replies.size() < answers) {
    if (auto written = write(); !written) return written;
    if (auto ready = wait_for(descriptor(), events(), until); !ready) return ready;
    if (auto come = read(replies); !come) return come;
  }
  for (const auto& reply : replies)
    if (reply.is_error) return unexpected(reply.parts.front());
  return {};
}

void redis_socket::append(std::initializer_list<std::string_view> words) {
  append(std::vector<std::string_view>{words});
}

void redis_socket::append(const std::vector<std::string_view>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> lengths;
  starts.reserve(words.size());
  lengths.reserve(words.size());
  for (const auto word : words) {
    starts.push_back(word.data());
    lengths.push_back(word.size());
    queued_ += word.size();
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(starts.size()), starts.data(),
                         lengths.data());
}

expected<void, std::string> redis_socket::write() {
  if (queued_ == 0) return {};
  int done = 0;
  if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return unexpected(why());
  if (done != 0) queued_ = 0;
  return {};
}

expected<void, std::string> redis_socket::read(std::vector<redis_reply>& replies) {
  for (int reads = 0; reads < reads_at_once; ++reads) {
    pollfd waits{descriptor(), POLLIN, 0};
    if (::poll(&waits, 1, 0) <= 0) return {};
    if (redisBufferRead(context_.get()) != REDIS_OK) return unexpected(why());
    for (;;) {
      void* next = nullptr;
      if (redisGetReplyFromReader(context_.get(), &next) != REDIS_OK) return unexpected(why());
      if (next == nullptr) break;
      const reply_ptr reply{static_cast<redisReply*>(next)};
      replies.push_back(taken(*reply));
    }
    const auto* reader = context_->reader;
    if (reader->len - reader->pos > longest_reply_)
      return unexpected(std::string{"it sends what is no message"});
  }
  return {};
}

} // namespace hubbub
