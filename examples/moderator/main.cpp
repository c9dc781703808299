#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace hubbub;

/// The moderator also hears where it can mute people.
using moderator_actor = message_hook::extend<caf::reacts_to<caf::strong_actor_ptr>>;

/// Looks at messages before they are stored.
class moderator : public moderator_actor::base {
 public:
  moderator(caf::actor_config& config, std::vector<std::string> words)
      : moderator_actor::base(config), words_(std::move(words)) {}

  behavior_type make_behavior() override {
    return {
        [this](const api::draft& draft) { return judge(draft); },
        [this](const caf::strong_actor_ptr& gateway) {
          rooms_ = caf::actor_cast<gateway_actor>(gateway);
        },
    };
  }

 private:
  api::verdict judge(const api::draft& draft) {
    auto quiet = draft.content;
    std::transform(quiet.begin(), quiet.end(), quiet.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    auto& strikes = strikes_[draft.author.id];
    if (!has_listed_word(quiet)) {
      strikes = 0;
      const bool is_loud = std::none_of(draft.content.begin(), draft.content.end(),
                                        [](unsigned char c) { return std::islower(c) != 0; });
      return is_loud && quiet != draft.content ? api::change(quiet) : api::pass();
    }
    if (++strikes == 3) {
      strikes = 0;
      mute(draft);
    }
    return api::refuse("not in these words");
  }

  bool has_listed_word(const std::string& text) const {
    return std::any_of(words_.begin(), words_.end(), [&text](const std::string& word) {
      return text.find(word) != std::string::npos;
    });
  }

  void mute(const api::draft& draft) {
    const auto until = std::chrono::system_clock::now() + std::chrono::minutes{1};
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(until.time_since_epoch());
    request(rooms_, gateway_patience,
            api::put_standing{
                draft.room_id,
                {"mute", draft.author.id, "moderator", "three in a row", 0, ms.count()}})
        .then([id = draft.author.id](
                  const api::standing&) { std::cout << id << " is muted" << std::endl; },
              [this](const caf::error& why) { std::cerr << system().render(why) << '\n'; });
  }

  std::vector<std::string> words_;
  std::map<std::string, int> strikes_; ///< by the user's id
  gateway_actor rooms_;
};

int main(int argc, char** argv) {
  caf::actor_system_config config;
  broker::configure(config);
  caf::actor_system system{config};
  const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
  const auto judge = system.spawn<moderator>(words);
  broker_config settings;
  settings.listen = {argc > 1 ? argv[1] : "127.0.0.1:5005"};
  settings.hooks.before_message.actor = judge;
  broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  caf::anon_send(judge, caf::actor_cast<caf::strong_actor_ptr>(chat.gateway()));
  std::cout << "a chat at " << chat.url() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  caf::anon_send_exit(judge, caf::exit_reason::user_shutdown);
}
