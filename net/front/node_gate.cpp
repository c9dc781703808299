#include "net/front/node_gate.hpp"

#include "net/front/http_connection.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <utility>
#include <variant>

namespace hubbub {

node_gate::node_gate(const std::vector<io_thread*>& threads, census& strangers)
    : threads_(threads), door_(threads.front()->config().node_secret),
      listener_(threads, strangers,
                [this](std::size_t index, io_socket socket, census::permit permit) {
                  serve_http(*threads_[index], *routers_[index], io_stream{std::move(socket)},
                             std::move(permit), &door_);
                }) {
  for (auto* const each : threads_)
    forwarders_.push_back(std::make_unique<forwarder>(*each));
}

expected<tcp_place, std::string> node_gate::open() {
  const auto& place = threads_.front()->config().node_listen;
  if (!place) return unexpected(std::string{"node_listen is missing"});
  if (const auto opened = listener_.open_for_nodes(*place); !opened)
    return unexpected(opened.error());
  return std::get<tcp_place>(listener_.places().front());
}

void node_gate::serve(const std::vector<std::unique_ptr<http_router>>& routers) {
  for (std::size_t i = 0; i < routers.size(); ++i) {
    routers_.push_back(routers[i].get());
    for (auto* const endpoint : routers[i]->endpoints())
      endpoint->forward_by(forwarders_[i].get());
  }
}

void node_gate::know(const std::vector<node_place>& nodes) {
  for (std::size_t i = 0; i < threads_.size(); ++i)
    boost::asio::post(threads_[i]->context(),
                      [each = forwarders_[i].get(), nodes] { each->know(nodes); });
}

} // namespace hubbub
