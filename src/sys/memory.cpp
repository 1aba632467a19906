// SPDX-License-Identifier: Apache-2.0
#include "sys/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <span>

namespace wolffia::sys {
namespace {

using Segment = ElfW(Phdr);

/// Lets go of what one object mapped only to read or execute. What it may write to is not in its
/// file any more, so that must stay.
int drop_constants(dl_phdr_info* object, size_t, void*) {
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  for (const Segment& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) first = object->dlpi_addr + segment.p_vaddr;
    const ElfW(Addr) begin = first / page * page;
    const size_t size = first - begin + segment.p_memsz;
    // Refused, it costs the memory and nothing else. NOLINTNEXTLINE(performance-no-int-to-ptr)
    (void)::madvise(reinterpret_cast<void*>(begin), size, MADV_DONTNEED);
  }
  return 0;  // go on with the next object
}

}  // namespace

void expect_short_life() {
  constexpr int kEnough = 1 << 20;
  (void)::mallopt(M_TOP_PAD, kEnough);
  (void)::mallopt(M_TRIM_THRESHOLD, 2 * kEnough);
}

void give_back_memory() {
  (void)::malloc_trim(0);
  (void)::dl_iterate_phdr(drop_constants, nullptr);
}

}  // namespace wolffia::sys
