// SPDX-License-Identifier: Apache-2.0
#include "sys/close_others.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>

#include "sys/attributes.hpp"

namespace wolffia::sys {
namespace {

Result<void> close_range(int first, int last) {
  if (last < first) return {};
  auto closed = close_between(first, last);
  if (!closed && closed.error().is(ENOSYS)) return close_each(first, last);  // before 5.9
  return closed;
}

}  // namespace

Result<void> close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  int first = STDERR_FILENO + 1;
  for (const int number : keep) {
    TRY(close_range(first, number - 1));
    first = std::max(first, number + 1);
  }
  return close_range(first, INT_MAX);
}

}  // namespace wolffia::sys
