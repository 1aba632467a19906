// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace wolffia::sys {

/// Makes the heap grow in one step to what starting a container takes, instead of growing and
/// shrinking as it goes. Memory that is not written to costs nothing.
/// Precondition: called first in main(). Source: mallopt(3), M_TOP_PAD and M_TRIM_THRESHOLD.
void expect_short_life();

/// Gives back the memory that starting took and waiting does not need: the free part of the heap,
/// and all pages of program text and constants, our own and those of the libraries we run with.
/// Whatever is used again the kernel maps again from its page cache, a fault for each 64 KiB: for a
/// process that is about to wait for long, and runs little when it wakes.
/// Precondition: text and constants are as in the file, which position-independent code, that needs
/// no relocation there, always is.
/// Source: malloc_trim(3), dl_iterate_phdr(3), MADV_DONTNEED in madvise(2).
void give_back_memory();

}  // namespace wolffia::sys
