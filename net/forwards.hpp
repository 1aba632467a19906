// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "net/requests.hpp"
#include "net/stack.hpp"

namespace wolffia::net {

/// The ports of the host that lead to the guest, each with the number that it was given.
class Forwards {
 public:
  /// Does what the request says, and gives the reply.
  std::string answer(const Request& request, Stack& stack);

 private:
  std::string add(const Forward& forward, Stack& stack);
  std::string remove(int64_t id, Stack& stack);

  std::vector<NumberedForward> forwards_;
  int64_t last_ = 0;
};

}  // namespace wolffia::net
