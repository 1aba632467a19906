// SPDX-License-Identifier: Apache-2.0
#include "cli/local_scratch.hpp"

#include <cstdlib>

namespace wolffia::cli {

std::vector<std::string> local_scratch() {
  std::vector<std::string> places;
  const auto add = [&](const char* path) {
    if (path && path[0] == '/') places.emplace_back(path);
  };
  add(::getenv("WOLFFIA_SCRATCH"));  // NOLINT(concurrency-mt-unsafe): no threads
  add(::getenv("TMPDIR"));           // NOLINT(concurrency-mt-unsafe)
  add("/tmp");
  add(::getenv("XDG_RUNTIME_DIR"));  // NOLINT(concurrency-mt-unsafe)
  return places;
}

}  // namespace wolffia::cli
