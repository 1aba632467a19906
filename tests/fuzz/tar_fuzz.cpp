// SPDX-License-Identifier: Apache-2.0
// Archives: headers, PAX records, sparse maps, and the paths they name.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/require.hpp"
#include "image/layer/entry_path.hpp"
#include "image/layer/tar.hpp"
#include "image/layer/tar_header.hpp"

using namespace wolffia;
using fuzz::require;
using image::TarEntry;
using image::TarReader;

namespace {

/// What reading came to: a line for each entry, and the error at last.
struct Outcome {
  std::vector<std::string> entries;
  std::string error;
};

/// Gives every header a right checksum, which a fuzzer would hardly find.
std::string with_checksums(std::string archive) {
  for (size_t at = 0; at + image::tar::kBlock <= archive.size(); at += image::tar::kBlock) {
    if (archive.compare(at + 257, 5, "ustar") != 0) continue;
    archive.replace(at + 148, 8, 8, ' ');
    unsigned sum = 0;
    for (size_t i = 0; i < image::tar::kBlock; ++i)
      sum += static_cast<uint8_t>(archive[at + i]);
    for (size_t digit = 6; digit > 0; --digit, sum /= 8)
      archive[at + 147 + digit] = static_cast<char>('0' + sum % 8);
    archive[at + 154] = '\0';
  }
  return archive;
}

void check_entry(const TarEntry& entry) {
  require(!entry.name.empty() && entry.name.find('\0') == std::string::npos);
  require(entry.link.find('\0') == std::string::npos);
  require((entry.mode & ~07777U) == 0 && entry.uid != UINT32_MAX && entry.gid != UINT32_MAX);
  require(entry.modified.tv_nsec >= 0 && entry.modified.tv_nsec < 1'000'000'000);
  uint64_t end = 0;
  for (const auto& range : entry.ranges) {
    require(range.offset >= end && range.length <= entry.size - range.offset);
    end = range.offset + range.length;
  }
  const auto path = image::clean_path(entry.name);
  if (!path) return fuzz::require_sentence(path.error());
  for (const std::string& name : *path)
    require(!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos);
  require(image::clean_path(image::join(*path)).value() == *path);
  if (const auto purpose = image::purpose_of(*path); !purpose)
    fuzz::require_sentence(purpose.error());
}

Result<void> read_entries(TarReader& reader, Outcome& outcome) {
  for (TarEntry entry; TRY(reader.next(entry));) {
    check_entry(entry);
    uint64_t bytes = 0;
    for (;;) {
      const auto piece = TRY(reader.content());
      if (piece.bytes.empty()) break;
      require(piece.at <= entry.size && piece.bytes.size() <= entry.size - piece.at);
      bytes += piece.bytes.size();
    }
    outcome.entries.push_back(cat(entry.name, "|", entry.size, "|", bytes, "|", entry.offset));
  }
  return {};
}

Outcome read_archive(const std::string& archive, size_t piece) {
  image::MemorySource memory(std::as_bytes(std::span(archive)));
  image::BufferedPieces pieces(memory, piece);
  TarReader reader(pieces);
  Outcome outcome;
  if (const auto done = read_entries(reader, outcome); !done) {
    fuzz::require_sentence(done.error());
    outcome.error = done.error().message();
  }
  return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string archive =
      with_checksums(std::string(reinterpret_cast<const char*>(data), size));
  const Outcome whole = read_archive(archive, 16'384);
  const Outcome pieces = read_archive(archive, 37);
  require(whole.entries == pieces.entries && whole.error == pieces.error);
  return 0;
}
