// SPDX-License-Identifier: Apache-2.0
#include "overlay/descriptors.hpp"

#include <algorithm>

#include "base/words.hpp"

namespace wolffia::overlay {

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

}  // namespace wolffia::overlay
