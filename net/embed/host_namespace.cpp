#include "net/embed/host_namespace.hpp"

#include "net/embed/json_args.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <utility>

namespace hubbub {
namespace {

/// Carries out what the host's actors want of a client, on the client's io thread.
class client_port : public client_actor::base {
 public:
  client_port(caf::actor_config& config, std::shared_ptr<client_socket*> link)
      : client_actor::base(config), link_(std::move(link)) {}

  behavior_type make_behavior() override {
    return {
        [this](const api::emit& what) {
          if (auto* const client = *link_) client->emit(what.event, what.args);
        },
        [this](const api::answer& what) {
          if (auto* const client = *link_) client->answer(what.id, what.args);
        },
        [this](const api::dismiss&) {
          if (auto* const client = *link_) client->dismiss();
        },
    };
  }

 private:
  std::shared_ptr<client_socket*> link_;
};

std::string json_of(json::value from) {
  std::string text;
  if (from.exists()) from.dump(text);
  return text;
}

} // namespace

host_namespace::host_namespace(const session_context& context, std::string nsp, io_unit& unit,
                               const application_maker& make)
    : self_(context.self), out_(context.out), nsp_(std::move(nsp)), unit_(&unit),
      app_(make(*this)) {}

host_namespace::~host_namespace() {
  end_actor();
}

admission host_namespace::on_connect(std::string_view, json::value auth) {
  if (!app_) return refusal{R"({"message":"Invalid namespace"})"};
  const auto why = app_->on_connect(json_of(auth));
  if (why.empty()) return welcome{};
  std::string text;
  json::writer out{text};
  out.begin_object().field("message", valid_utf8(why) ? why : "refused").end_object();
  return refusal{std::move(text)};
}

void host_namespace::on_connected(std::string_view, json::value) {
  client_socket* const here = this;
  link_ = std::make_shared<client_socket*>(here);
  actor_ = self_->system().spawn<pinned<client_port>>(*unit_, link_);
  app_->on_connected();
}

void host_namespace::on_event(event_packet event) {
  if (!event.attachments.empty()) return; // what it says without them is not what was meant
  app_->on_event({event.name(), event.args_json(), event.id.has_value(), event.id.value_or(0)});
}

void host_namespace::on_disconnect(std::string_view, close_reason) {
  end_actor();
  app_->on_disconnect();
}

void host_namespace::end_actor() {
  if (link_) *link_ = nullptr;
  link_.reset();
  if (actor_) caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

bool host_namespace::emit(std::string_view event, std::string_view args) {
  const auto joined = joined_args(args);
  if (!joined || !is_event_name(event) || !link_) return false;
  self_->socket().emit(nsp_, event, *joined);
  return true;
}

bool host_namespace::answer(std::uint64_t id, std::string_view args) {
  const auto joined = joined_args(args);
  if (!joined || !link_) return false;
  self_->socket().ack(nsp_, id, *joined);
  return true;
}

void host_namespace::dismiss() {
  if (link_) self_->socket().disconnect(nsp_, close_reason::server_disconnect);
}

std::string host_namespace::address() const {
  return to_string(out_->client);
}

application_factory serve_namespace(std::string nsp, application_maker make,
                                    std::function<io_unit&(std::size_t thread)> unit_of) {
  return [nsp = std::move(nsp), make = std::move(make),
          unit_of = std::move(unit_of)](const session_context& context) {
    return std::make_unique<host_namespace>(context, nsp, unit_of(context.id.thread), make);
  };
}

} // namespace hubbub
