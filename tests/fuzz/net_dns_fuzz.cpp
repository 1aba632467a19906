// SPDX-License-Identifier: Apache-2.0
// Messages of a name server on their way to a guest: what is read of them has a name that a rule
// could have, and addresses that are in the message.
#include <algorithm>

#include "fuzz/require.hpp"
#include "net/dns.hpp"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wolffia;
  const net::Bytes message(data, size);
  const auto answer = net::read_dns_answer(message);
  if (!answer) return 0;
  fuzz::require(answer->name.size() <= 253);
  fuzz::require(std::ranges::none_of(answer->name, [](char c) { return c <= ' ' || c > '~'; }));
  for (const auto& found : answer->found) {
    const auto* ipv4 = std::get_if<net::Ipv4>(&found.address);
    if (!ipv4) continue;
    bool is_there = false;
    for (size_t i = 0; i + 4 <= size && !is_there; ++i)
      is_there = net::Ipv4::read(message, i) == *ipv4;
    fuzz::require(is_there);
  }
  return 0;
}
