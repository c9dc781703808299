// A host with a store around one of Hubbub's, a check of tokens and threads of its own.
#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>
#include <hubbub/store.hpp>

#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

std::atomic<int> stored{0};

class counting_writer final : public hubbub::store_writer {
 public:
  explicit counting_writer(std::unique_ptr<hubbub::store_writer> inner)
      : inner_(std::move(inner)) {}
  std::vector<hubbub::write_outcome> commit(std::span<const hubbub::write_op> ops,
                                            hubbub::timestamp now) override {
    for (const auto& each : ops)
      if (std::holds_alternative<hubbub::op::append_message>(each)) ++stored;
    return inner_->commit(ops, now);
  }
  bool purge(hubbub::timestamp now) override { return inner_->purge(now); }
  void stop_writing() override { inner_->stop_writing(); }

 private:
  std::unique_ptr<hubbub::store_writer> inner_;
};

/// The other functions of a reader are those of the base class.
class plain_reader final : public hubbub::store_reader {
 public:
  explicit plain_reader(std::unique_ptr<hubbub::store_reader> inner)
      : inner_(std::move(inner)) {}
  hubbub::expected<hubbub::room_record, hubbub::store_error>
  find_room(hubbub::room_id id) override {
    return inner_->find_room(id);
  }
  hubbub::expected<hubbub::room_record, hubbub::store_error>
  find_room(std::string_view name) override {
    return inner_->find_room(name);
  }
  hubbub::expected<std::vector<hubbub::room_record>, hubbub::store_error>
  list_rooms(hubbub::room_id after, std::string_view q, std::int64_t limit,
             const hubbub::room_viewer& viewer) override {
    return inner_->list_rooms(after, q, limit, viewer);
  }
  hubbub::expected<std::vector<hubbub::standing>, hubbub::store_error>
  read_standings(hubbub::room_id room) override {
    return inner_->read_standings(room);
  }
  hubbub::expected<hubbub::user_standing, hubbub::store_error>
  standing_of(hubbub::room_id room, std::string_view user, hubbub::timestamp now) override {
    return inner_->standing_of(room, user, now);
  }
  hubbub::expected<hubbub::message_page, hubbub::store_error>
  read_messages(const hubbub::message_range& range) override {
    return inner_->read_messages(range);
  }
  hubbub::expected<hubbub::message_page, hubbub::store_error>
  read_changes(const hubbub::change_range& range) override {
    return inner_->read_changes(range);
  }
  hubbub::expected<std::vector<hubbub::sequence>, hubbub::store_error>
  acked_messages(hubbub::recovery_id session, const hubbub::message_range& range) override {
    return inner_->acked_messages(session, range);
  }
  hubbub::expected<hubbub::search_page, hubbub::store_error>
  search(const hubbub::search_query& query) override {
    return inner_->search(query);
  }
  hubbub::expected<std::vector<hubbub::read_marker>, hubbub::store_error>
  read_markers(std::string_view user, std::span<const hubbub::room_id> rooms) override {
    return inner_->read_markers(user, rooms);
  }
  hubbub::expected<bool, hubbub::store_error>
  is_member(hubbub::recovery_id session, hubbub::room_id room, bool sees_all) override {
    return inner_->is_member(session, room, sees_all);
  }
  hubbub::expected<std::optional<hubbub::recoverable_session>, hubbub::store_error>
  find_recoverable(hubbub::recovery_id session) override {
    return inner_->find_recoverable(session);
  }

 private:
  std::unique_ptr<hubbub::store_reader> inner_;
};

class counting_store final : public hubbub::store {
 public:
  explicit counting_store(std::unique_ptr<hubbub::store> inner) : inner_(std::move(inner)) {}
  std::unique_ptr<hubbub::store_writer> writer() override {
    return std::make_unique<counting_writer>(inner_->writer());
  }
  std::unique_ptr<hubbub::store_reader> reader() override {
    return std::make_unique<plain_reader>(inner_->reader());
  }
  std::unique_ptr<hubbub::store_upkeep> upkeep() override { return inner_->upkeep(); }
  const std::array<std::uint8_t, 16>& secret() const override { return inner_->secret(); }
  bool single_threaded() const override { return inner_->single_threaded(); }

 private:
  std::unique_ptr<hubbub::store> inner_;
};

} // namespace

int main() {
  caf::actor_system_config config;
  hubbub::broker::configure(config);
  caf::actor_system system{config};
  hubbub::store_config in_memory;
  in_memory.path = ":memory:";
  auto opened = hubbub::open_store(in_memory);
  if (!opened) return 1;
  std::vector<std::thread> threads;
  {
    hubbub::broker_config settings;
    settings.own_store = std::make_shared<counting_store>(*std::move(opened));
    settings.io_threads = 1;
    settings.start_thread = [&threads](std::function<void()> body) {
      threads.emplace_back(std::move(body));
    };
    settings.check_token = [](std::string_view) -> caf::expected<hubbub::token_holder> {
      return hubbub::make_error(hubbub::errc::unauthorized, "nobody comes in");
    };
    hubbub::broker chat{system, settings};
    if (chat.start()) return 2;
    caf::scoped_actor self{system};
    const auto mine = hubbub::api::from_after({});
    auto heard = false;
    self->request(chat.gateway(), hubbub::gateway_patience,
                  hubbub::api::subscribe{"lobby", mine, 10, {}})
        .receive([](const hubbub::api::subscribed&) {},
                 [](const caf::error&) { std::exit(3); });
    self->request(chat.gateway(), hubbub::gateway_patience,
                  hubbub::api::post{"lobby", {"ann", ""}, "hello", ""})
        .receive([](const hubbub::api::message&) {}, [](const caf::error&) { std::exit(4); });
    self->receive(
        [&](hubbub::api::subscription_id, const hubbub::api::room_event&) { heard = true; });
    if (!heard) return 5;
  }
  for (auto& each : threads)
    each.join();
  std::cout << "stored " << stored << '\n';
}
