#include "net/forward/forwarder.hpp"

#include "net/forward/node_url.hpp"
#include "net/io/io_thread.hpp"
#include "net/log/log.hpp"

#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

/// How much longer a poll may take than it waits at the other node.
constexpr std::chrono::milliseconds poll_slack{10'000};

} // namespace

// Only the lack of memory could throw here, and that ends the program.
forwarder::~forwarder() { // NOLINT(bugprone-exception-escape)
  for (const auto& [node, peer] : peers_)
    peer->retire();
}

void forwarder::know(const std::vector<node_place>& nodes) {
  const auto& config = thread_->config();
  std::map<std::size_t, std::shared_ptr<node_peer>> fresh;
  for (const auto& [number, url] : nodes) {
    const auto place = parse_node_url(url);
    const auto node = static_cast<std::size_t>(number);
    if (!place || number <= 0 || node == config.node) continue;
    const auto known = peers_.find(node);
    fresh[node] = known != peers_.end() && known->second->route().place == *place
                      ? known->second
                      : std::make_shared<node_peer>(
                            *thread_, forward_route{*place, config.node_secret, config.node});
  }
  if (thread_->handle().index == 0) log_changes(fresh);
  peers_.swap(fresh);
  for (const auto& [node, peer] : fresh) {
    const auto now = peers_.find(node);
    if (now != peers_.end() && now->second == peer) continue;
    peer->retire();
    peer->give_up();
  }
}

/// Tells the log which nodes are found and which are gone.
void forwarder::log_changes(
    const std::map<std::size_t, std::shared_ptr<node_peer>>& fresh) const {
  const auto same = [](const auto& in, const auto& entry) {
    const auto found = in.find(entry.first);
    return found != in.end() && found->second == entry.second;
  };
  for (const auto& entry : peers_)
    if (!fresh.contains(entry.first))
      log(log_event::node_gone, "another node is gone, and its sessions with it",
          {{"node", std::uint64_t{entry.first}},
           {"url", node_url_of(entry.second->route().place)}});
  for (const auto& entry : fresh)
    if (!same(peers_, entry))
      log(log_event::node_found, "requests for sessions of another node are passed on to it",
          {{"node", std::uint64_t{entry.first}},
           {"url", node_url_of(entry.second->route().place)}});
}

bool forwarder::is_full(const node_peer& peer, std::size_t more) const {
  const auto& config = thread_->config();
  return peer.users() >= config.forwards_per_node ||
         peer.held() + more > config.forward_bytes_per_node;
}

std::function<void()> forwarder::forward(std::size_t node, forwarded_request request,
                                         forward_done done) {
  const auto& peer = peers_.at(node);
  if (thread_->draining() || is_full(*peer, request.body.size())) {
    if (!thread_->draining()) ++thread_->stats().forwards_failed;
    done(unexpected(thread_->draining() ? forward_failure::stopping : forward_failure::full));
    return {};
  }
  const auto& config = thread_->config();
  const auto& engine = config.engine;
  const auto patience = request.method == "GET"
                            ? engine.ping_interval + engine.ping_timeout + poll_slack
                            : config.body_timeout;
  return exchange_with(*thread_, peer, std::move(request), patience, std::move(done));
}

void forwarder::pipe(std::size_t node, websocket_request request, std::string target,
                     const pipe_refusal& refuse) {
  const auto& peer = peers_.at(node);
  if (thread_->draining() || is_full(*peer, 0)) {
    if (!thread_->draining()) ++thread_->stats().forwards_failed;
    refuse(std::move(request),
           thread_->draining() ? forward_failure::stopping : forward_failure::full);
    return;
  }
  pipe_to(*thread_, peer, std::move(request), std::move(target), refuse);
}

} // namespace hubbub
