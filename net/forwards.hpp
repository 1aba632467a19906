// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "net/datagrams.hpp"
#include "net/published.hpp"
#include "net/requests.hpp"
#include "net/stack.hpp"

namespace wolffia::net {

/// How a port leads to the guest: where it can be without packets.
struct Ways {
  Published& published;
  Datagrams& datagrams;
  Stack& stack;
};

/// The ports of the host that lead to the guest, each with the number that it was given.
class Forwards {
 public:
  /// Does what the request says, and gives the reply.
  std::string answer(const Request& request, const Ways& ways);

 private:
  std::string add(const Forward& forward, const Ways& ways);
  std::string remove(int64_t id, const Ways& ways);

  std::vector<NumberedForward> forwards_;
  int64_t last_ = 0;
};

}  // namespace wolffia::net
