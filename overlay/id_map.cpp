// SPDX-License-Identifier: Apache-2.0
#include "overlay/id_map.hpp"

#include <array>

#include "base/words.hpp"
#include "sys/file.hpp"

namespace wolffia::overlay {

Result<IdMap> IdMap::read(const char* path) {
  return parse(TRY(sys::read_file(sys::cwd(), path, 64 << 10), path));
}

Result<IdMap> IdMap::parse(std::string_view text) {
  IdMap map;
  for (Words lines(text, '\n'); !lines.empty();) {
    std::array<uint32_t, 3> numbers{};  // inside, outside, size
    size_t count = 0;
    for (Words words(lines.next(), ' '); !words.empty();) {
      const std::string_view word = words.next();
      if (word.empty()) continue;
      if (count == numbers.size() || !read_number(word, numbers[count++]))
        return Error::because(EINVAL, "a map of ids has three numbers a line");
    }
    if (count == numbers.size()) map.ranges_.emplace_back(numbers[0], numbers[2]);
  }
  return map;
}

uint32_t IdMap::existing(uint32_t id) const {
  for (const auto& [first, size] : ranges_)
    if (id >= first && id - first < size) return id;
  return 0;
}

}  // namespace wolffia::overlay
