// SPDX-License-Identifier: Apache-2.0
#include "overlay/descriptors.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>

#include "base/words.hpp"
#include "sys/attributes.hpp"

namespace wolffia::overlay {
namespace {

Result<void> close_range(int first, int last) {
  if (last < first) return {};
  auto closed = sys::close_between(first, last);
  if (!closed && closed.error().is(ENOSYS)) return sys::close_each(first, last);  // before 5.9
  return closed;
}

}  // namespace

int descriptor_of(std::string_view path) {
  for (const std::string_view directory : {"/proc/self/fd/", "/dev/fd/"}) {
    int number = -1;
    if (path.starts_with(directory) && read_number(path.substr(directory.size()), number) &&
        number >= 0)
      return number;
  }
  return -1;
}

std::vector<int> descriptors_of(const Options& options) {
  std::vector<int> numbers;
  const auto add = [&](const std::string& path) {
    if (const int number = descriptor_of(path); number >= 0) numbers.push_back(number);
  };
  add(options.upper);
  add(options.work);
  for (const std::string& path : options.lower)
    add(path);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Result<void> close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  int first = STDERR_FILENO + 1;
  for (const int number : keep) {
    TRY(close_range(first, number - 1));
    first = std::max(first, number + 1);
  }
  return close_range(first, INT_MAX);
}

}  // namespace wolffia::overlay
