// SPDX-License-Identifier: Apache-2.0
// Compressed streams; the first byte says which. What two decompressors accept they must agree on.
#include <optional>
#include <string>
#include <vector>

#include "fuzz/require.hpp"
#include "image/layer/inflate.hpp"
#include "image/layer/inflate_parts.hpp"

using namespace wolffia;
using fuzz::require;

namespace {

constexpr size_t kMostOutput = size_t{4} << 20;

/// nullopt: refused.
std::optional<std::string> read_whole(image::ByteSource& from, size_t piece) {
  std::string all;
  std::vector<std::byte> buffer(piece);
  while (all.size() < kMostOutput) {
    const auto n = from.read(buffer);
    if (!n) {
      fuzz::require_sentence(n.error());
      return std::nullopt;
    }
    require(*n <= piece);
    if (*n == 0) return all;
    all.append(reinterpret_cast<const char*>(buffer.data()), *n);
  }
  return std::nullopt;  // long enough to compare nothing more
}

using Make = std::unique_ptr<image::inflate::Inflater> (*)(image::ByteSource&);

std::optional<std::string> inflate(Make make, std::span<const std::byte> bytes, size_t piece) {
  image::MemorySource memory(bytes);
  const auto from = make(memory);
  if (!from) return std::nullopt;
  return read_whole(*from, piece);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
  if ((data[0] & 1U) != 0) {
    const auto large = inflate(image::inflate::make_zstd, bytes, 65'536);
    require(large == inflate(image::inflate::make_zstd, bytes, 61));
    return 0;
  }
  const auto zlib = inflate(image::inflate::make_zlib, bytes, 65'536);
  const auto isal = inflate(image::inflate::make_isal, bytes, 65'536);
  if (zlib && isal) require(*zlib == *isal);
  require(zlib == inflate(image::inflate::make_zlib, bytes, 61));
  require(isal == inflate(image::inflate::make_isal, bytes, 61));
  return 0;
}
