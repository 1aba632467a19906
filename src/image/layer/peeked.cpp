// SPDX-License-Identifier: Apache-2.0
#include "image/layer/peeked.hpp"

#include <algorithm>
#include <string_view>

namespace wolffia::image {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::string_view bytes;
  oci::Compression compression;
};
constexpr Magic kMagics[] = {
    {"\x1f\x8b"sv, oci::Compression::Gzip},
    {"\x28\xb5\x2f\xfd"sv, oci::Compression::Zstd},
};

struct Refused {
  std::string_view bytes, name;
};
constexpr Refused kRefused[] = {
    {"\xfd\x37\x7a\x58\x5a\x00"sv, "xz"},
    {"BZh"sv, "bzip2"},
};

}  // namespace

Result<oci::Compression> compression_of(std::span<const std::byte> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Refused& refused : kRefused)
    if (text.starts_with(refused.bytes))
      return Error::because(
          ENOTSUP, cat("is packed with ", refused.name, ", which is not read: unpack it with ",
                       refused.name, " -d"));
  for (const Magic& magic : kMagics)
    if (text.starts_with(magic.bytes)) return magic.compression;
  return oci::Compression::None;
}

Result<oci::Compression> PeekedSource::compression() {
  while (size_ < head_.size()) {  // a pipe gives as little as it likes
    const size_t got = TRY(from_.read(std::span(head_).subspan(size_)));
    if (got == 0) break;
    size_ += got;
  }
  return compression_of(std::span(head_).first(size_));
}

Result<size_t> PeekedSource::read(std::span<std::byte> into) {
  if (given_ == size_) return from_.read(into);
  const size_t most = std::min(into.size(), size_ - given_);
  std::copy_n(head_.begin() + static_cast<ptrdiff_t>(given_), most, into.begin());
  given_ += most;
  return most;
}

}  // namespace wolffia::image
