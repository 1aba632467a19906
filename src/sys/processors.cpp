// SPDX-License-Identifier: Apache-2.0
#include "sys/processors.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>

namespace wolffia::sys {

Result<unsigned> usable_processors() {
  std::array<unsigned long, 1024> mask{};  // room for the 65,536 that a kernel can be built for
  const long size = ::syscall(SYS_sched_getaffinity, 0, sizeof mask, mask.data());
  if (size < 0) return Error::last("sched_getaffinity");
  unsigned count = 0;
  for (const unsigned long word : mask)
    count += static_cast<unsigned>(std::popcount(word));
  return count;
}

}  // namespace wolffia::sys
