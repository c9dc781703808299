#include <hubbub/proto.hpp>

#include <iostream>

int main() {
  hubbub::protocol::decoder read;
  if (!read.feed(R"(27["hello"])")) return 1;
  std::cout << read.take().data << '\n';
}
