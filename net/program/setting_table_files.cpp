#include "net/program/setting_builder.hpp"
#include "proto/trace/trace_file.hpp"

namespace hubbub {

using namespace setting_builder;

void add_recorder(std::vector<setting>& table) {
  constexpr auto group = "Flight recorder";
  table.push_back(number(
      {group, "trace_bytes", "bytes in which each io thread remembers what happened; 0: none"},
      0, largest_trace_ring, HUBBUB_FIELD(trace_bytes)));
  table.push_back(text(
      {group, "trace_file", "what hubbub trace reads; empty: beside the database, with .trace"},
      "the path of a file", is_path_or_none, HUBBUB_FIELD(trace_file)));
}

void add_upgrades(std::vector<setting>& table) {
  table.push_back(text({"Upgrades", "control",
                        "the socket by which hubbub upgrade talks to the server; empty: beside "
                        "the database, with .control"},
                       "the path of a socket", is_path_or_none, HUBBUB_FIELD(control)));
}

} // namespace hubbub
