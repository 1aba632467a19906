// SPDX-License-Identifier: Apache-2.0
#include "sys/memory.hpp"

#include <gtest/gtest.h>
#include <link.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace wolffia::sys {
namespace {

using Segment = ElfW(Phdr);

/// Pages of files that this process has mapped right now. Source: proc(5), /proc/PID/statm.
size_t file_pages() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  size_t shared = 0;
  statm >> all >> resident >> shared;
  return shared;
}

/// Reads a byte of every page of this program's text; returns how many there are.
size_t touch_text() {
  const auto touch = [](dl_phdr_info* object, size_t, void* pages) {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    for (size_t i = 0; i < object->dlpi_phnum; ++i) {
      const Segment& segment = object->dlpi_phdr[i];
      if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
      for (size_t at = 0; at < segment.p_memsz; at += page) {
        (void)*reinterpret_cast<const volatile char*>(object->dlpi_addr + segment.p_vaddr + at);
        ++*static_cast<size_t*>(pages);
      }
    }
    return 1;  // the first object is the program itself
  };
  size_t pages = 0;
  ::dl_iterate_phdr(touch, &pages);
  return pages;
}

TEST(memory, text_is_given_back_and_mapped_again_when_needed) {
  const size_t pages = touch_text();
  const size_t before = file_pages();
  ASSERT_GE(before, pages);
  give_back_memory();
  EXPECT_LT(file_pages(), before - pages / 2);
  EXPECT_EQ(touch_text(), pages);
  EXPECT_GE(file_pages(), pages);
}

TEST(memory, what_the_program_has_written_stays) {
  static std::array<int, 4096> numbers;
  std::vector<std::string> texts;
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<int>(i);
    texts.push_back("a text that has to live on the heap " + std::to_string(i));
  }
  give_back_memory();
  for (size_t i = 0; i < numbers.size(); ++i) {
    ASSERT_EQ(numbers[i], static_cast<int>(i));
    ASSERT_TRUE(texts[i].ends_with(std::to_string(i)));
  }
}

}  // namespace
}  // namespace wolffia::sys
