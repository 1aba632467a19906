// SPDX-License-Identifier: Apache-2.0
#include "base/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>

#include "base/version.hpp"

namespace wolffia {
namespace {

size_t aligned(size_t size) {
  return (size + 3) & ~size_t{3};
}

/// The build id among the notes of one segment; empty where there is none. Source: elf(5), "Notes".
std::string_view find_build_id(std::string_view notes) {
  constexpr std::string_view kGnu{"GNU\0", 4};
  ElfW(Nhdr) note{};
  while (notes.size() >= sizeof note) {
    std::memcpy(&note, notes.data(), sizeof note);
    const size_t content = sizeof note + aligned(note.n_namesz);
    const size_t end = content + aligned(note.n_descsz);
    if (end > notes.size()) break;
    if (note.n_type == NT_GNU_BUILD_ID && notes.substr(sizeof note, note.n_namesz) == kGnu)
      return notes.substr(content, note.n_descsz);
    notes.remove_prefix(end);
  }
  return {};
}

/// dl_iterate_phdr(3) names the program itself first: there it is stopped.
int look_in_program(dl_phdr_info* program, size_t, void* found) {
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): dl_iterate_phdr(3) gives addresses as numbers
    const auto* start = reinterpret_cast<const char*>(program->dlpi_addr + segment.p_vaddr);
    const std::string_view id = find_build_id({start, segment.p_memsz});
    if (!id.empty()) *static_cast<std::string_view*>(found) = id;
  }
  return 1;
}

}  // namespace

std::string_view build_id() {
  static const std::string_view id = [] {
    std::string_view found;
    ::dl_iterate_phdr(look_in_program, &found);
    return found.empty() ? std::string_view(kCommit) : found;
  }();
  return id;
}

}  // namespace wolffia
