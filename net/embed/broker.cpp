#include "include/hubbub/broker.hpp"

#include "net/chat_server.hpp"
#include "net/embed/broker_access.hpp"
#include "net/embed/broker_settings.hpp"
#include "net/embed/error_category.hpp"
#include "net/embed/gateway_service.hpp"
#include "net/embed/hook_desk.hpp"
#include "net/embed/host_namespace.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hubbub {

class broker::impl {
 public:
  impl(caf::actor_system& system, broker_config config)
      : system_(&system), config_(std::move(config)) {}
  impl(caf::actor_system& system, hubbub_config settings, std::function<void()> on_drain_wanted)
      : system_(&system), settings_(std::move(settings)),
        drain_wanted_(std::move(on_drain_wanted)) {}

  [[nodiscard]] caf::error start() {
    if (std::exchange(begun_, true))
      return make_error(errc::cannot_start, "a broker starts only once");
    if (!settings_) {
      auto settings = to_settings(config_);
      if (!settings) return make_error(errc::bad_config, settings.error());
      settings_ = *std::move(settings);
    }
    chat_.emplace(*system_, *settings_);
    if (drain_wanted_) chat_->on_drain_wanted(drain_wanted_);
    for (const auto& [name, make] : config_.hooks.namespaces)
      chat_->serve_beside(name,
                          serve_namespace(name, make, [this](std::size_t thread) -> io_unit& {
                            return *chat_->connections().thread_handles()[thread].unit;
                          }));
    if (has_hooks(config_.hooks))
      chat_->on_desks_wanted([this, limits = settings_->chat.limits](const auto& threads) {
        return open_desks(threads, limits);
      });
    if (const auto started = chat_->start(); !started) {
      chat_.reset();
      return make_error(errc::cannot_start, started.error());
    }
    open_gateway(settings_->chat);
    return {};
  }

  void drain() {
    gateway_ = nullptr;
    if (chat_) chat_->drain();
  }

  void stop() {
    gateway_ = nullptr;
    if (chat_) chat_->stop();
    chat_.reset();
  }

  [[nodiscard]] chat_server* chat() { return chat_ ? &*chat_ : nullptr; }
  [[nodiscard]] const gateway_actor& gateway() const { return gateway_; }

 private:
  /// Spawns the gateway on the first io thread.
  void open_gateway(const chat_settings& settings) {
    const auto& thread = chat_->connections().thread_handles().front();
    gateway_setup setup;
    setup.actors = chat_->actors();
    setup.relay = thread.relay;
    setup.thread = static_cast<std::uint32_t>(thread.index);
    setup.settings = settings;
    setup.far_silence = config_.remote_silence;
    const auto made = system_->spawn<pinned<gateway_service>>(*thread.unit, std::move(setup));
    chat_->take_guest(caf::actor_cast<caf::actor>(made));
    gateway_ = made;
  }

  /// Spawns a desk on each io thread.
  [[nodiscard]] hook_desks open_desks(const std::vector<io_thread_handle>& threads,
                                      const chat_limits& limits) {
    const auto setup =
        std::make_shared<const hook_desk_setup>(hook_desk_setup{config_.hooks, limits});
    auto made = wanted_of(config_.hooks);
    for (const auto& thread : threads) {
      made.desks.push_back(system_->spawn<pinned<hook_desk>>(*thread.unit, setup));
      chat_->take_guest(caf::actor_cast<caf::actor>(made.desks.back()));
    }
    return made;
  }

  caf::actor_system* system_;
  broker_config config_;
  std::optional<hubbub_config> settings_; ///< made of `config_` by `start`, or the program's
  std::function<void()> drain_wanted_;    ///< as `broker_access::make` got it
  std::optional<chat_server> chat_;       ///< none before `start` and after `stop`
  gateway_actor gateway_;                 ///< null before `start` and after `drain`
  bool begun_ = false;
};

void broker::configure(caf::actor_system_config& config) {
  add_chat_types(config);
  compat::add_types<caf::id_block::hubbub_api>(config);
  compat::add_types<caf::id_block::hubbub_client>(config);
  compat::add_types<caf::id_block::hubbub_host>(config);
  compat::add_types<caf::id_block::hubbub_embed>(config);
  add_error_category(config);
}

broker::broker(caf::actor_system& system, broker_config config)
    : impl_(std::make_unique<impl>(system, std::move(config))) {}

broker::broker(std::unique_ptr<impl> made) : impl_(std::move(made)) {}

broker::~broker() {
  stop();
}

caf::error broker::start() {
  return impl_->start();
}

bool broker::running() const {
  return impl_->chat() != nullptr;
}

std::string broker::url() const {
  auto* const chat = impl_->chat();
  return chat ? chat->url() : std::string{};
}

std::uint16_t broker::port() const {
  auto* const chat = impl_->chat();
  return chat ? chat->connections().port() : std::uint16_t{0};
}

void broker::reload() {
  if (auto* const chat = impl_->chat()) chat->reload();
}

bool broker::run_ready() {
  auto* const chat = impl_->chat();
  return chat != nullptr && chat->connections().run_ready();
}

void broker::serve(int descriptor) {
  if (auto* const chat = impl_->chat()) chat->connections().serve(descriptor);
}

void broker::announce_stop() {
  if (auto* const chat = impl_->chat()) chat->announce_stop();
}

gateway_actor broker::gateway() const {
  return impl_->gateway();
}

void broker::drain() {
  impl_->drain();
}

void broker::stop() {
  impl_->stop();
}

broker broker_access::make(caf::actor_system& system, hubbub_config settings,
                           std::function<void()> on_drain_wanted) {
  return broker{
      std::make_unique<broker::impl>(system, std::move(settings), std::move(on_drain_wanted))};
}

chat_server& broker_access::chat_of(broker& running) {
  return *running.impl_->chat();
}

} // namespace hubbub
