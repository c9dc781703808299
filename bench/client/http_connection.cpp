#include "bench/client/http_connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace hubbub::bench {

void http_connection::get(const std::string& target, http_asker& asker) {
  ask("GET " + target + " HTTP/1.1\r\nHost: " + server_->authority + "\r\n\r\n", asker);
}

void http_connection::post(const std::string& target, std::string_view body,
                           http_asker& asker) {
  std::string request = "POST " + target + " HTTP/1.1\r\nHost: " + server_->authority +
                        "\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n";
  ask(request.append(body), asker);
}

void http_connection::drop() {
  asker_ = nullptr;
  socket_ = file_descriptor{};
}

void http_connection::ask(std::string request, http_asker& asker) {
  asker_ = &asker;
  request_ = std::move(request);
  begin();
}

void http_connection::begin() {
  sent_ = 0;
  reader_.reset();
  if (socket_.is_open()) return flush();
  auto socket = begin_connect(*server_, number_);
  if (!socket) return on_broken(socket.error());
  socket_ = std::move(*socket);
  is_fresh_ = true;
  is_connected_ = false;
  watches_writable_ = true;
  loop_->watch(socket_.number(), *this, EPOLLIN | EPOLLOUT);
}

void http_connection::on_events(std::uint32_t events) {
  if (!socket_.is_open()) return;
  if (!is_connected_) {
    if (auto error = connect_error(socket_); !error.empty()) {
      socket_ = file_descriptor{};
      return on_broken(std::move(error));
    }
    is_connected_ = true;
    return flush();
  }
  if ((events & EPOLLOUT) != 0) flush();
  if ((events & ~EPOLLOUT) != 0) read();
}

void http_connection::flush() {
  if (!is_connected_) return;
  const auto left = request_.size() - sent_;
  if (left == 0) return;
  const auto count =
      ::send(socket_.number(), request_.data() + sent_, left, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count > 0) sent_ += static_cast<std::size_t>(count);
  if (count < 0 && errno != EAGAIN) {
    socket_ = file_descriptor{};
    // the server closed it while it was idle
    if (!std::exchange(is_fresh_, true)) return begin();
    return on_broken(system_error("cannot send"));
  }
  watch_writable(sent_ < request_.size());
}

void http_connection::watch_writable(bool wanted) {
  if (std::exchange(watches_writable_, wanted) == wanted) return;
  loop_->change(socket_.number(), *this, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void http_connection::read() {
  if (!socket_.is_open()) return;
  const auto buffer = loop_->buffer();
  const auto count = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  loop_->tick();
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    socket_ = file_descriptor{};
    if (asker_ == nullptr) return;
    if (!reader_.has_begun() && !is_fresh_) return begin();
    if (count == 0 && reader_.end() == http_reader::state::finished) return on_finished();
    return on_broken("got no whole response");
  }
  if (asker_ == nullptr) return drop();
  const auto state = reader_.feed({buffer.data(), static_cast<std::size_t>(count)});
  if (state == http_reader::state::broken) {
    socket_ = file_descriptor{};
    return on_broken("got what is not HTTP");
  }
  if (state == http_reader::state::finished) on_finished();
}

void http_connection::on_finished() {
  is_fresh_ = false;
  if (!reader_.stays_open()) socket_ = file_descriptor{};
  // The owner may make another request, and the reader must keep the body until then.
  auto* const asker = std::exchange(asker_, nullptr);
  asker->on_response(*this, reader_.status(), reader_.body());
}

void http_connection::on_broken(std::string why) {
  auto* const asker = std::exchange(asker_, nullptr);
  if (asker != nullptr) asker->on_no_response(*this, std::move(why));
}

} // namespace hubbub::bench
