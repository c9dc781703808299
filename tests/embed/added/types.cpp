// A host with types of messages of its own, numbered from where CAF's manual says.
#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <iostream>
#include <string>

namespace host {

struct reading {
  std::string sensor;
  int value = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reading& x) {
  return f(caf::meta::type_name("host::reading"), x.sensor, x.value);
}

} // namespace host

CAF_BEGIN_TYPE_ID_BLOCK(host, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(host, (host::reading))
CAF_END_TYPE_ID_BLOCK(host)

int main() {
  caf::actor_system_config config;
  hubbub::broker::configure(config);
  config.add_message_types<caf::id_block::host>();
  caf::actor_system system{config};
  hubbub::broker chat{system, {}};
  if (chat.start()) return 1;
  // What would travel to another node and come back.
  std::vector<char> bytes;
  caf::binary_serializer out{system, bytes};
  if (out(caf::make_message(host::reading{"door", 7}))) return 2;
  caf::binary_deserializer in{system, bytes};
  caf::message back;
  if (in(back) || !back.match_elements<host::reading>()) return 3;
  std::cout << back.get_as<host::reading>(0).value << '\n';
}
