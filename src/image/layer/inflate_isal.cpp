// SPDX-License-Identifier: Apache-2.0
#include "image/layer/inflate_parts.hpp"

#ifdef WOLFFIA_ISAL
#include <isa-l.h>

#include <algorithm>
#endif

namespace wolffia::image::inflate {

#ifdef WOLFFIA_ISAL
namespace {

/// Source: igzip_lib.h, "Fast data (deflate) decompression", with ISAL_GZIP: the library reads the
/// header and verifies the checksum and, in the same eight bytes, the length.
class Isal : public Inflater {
 public:
  explicit Isal(ByteSource& from) : Inflater(from), state_(std::make_unique<inflate_state>()) {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

 protected:
  Result<Step> step(std::span<const std::byte> in, std::span<std::byte> out, bool begins) override {
    if (begins) isal_inflate_reset(state_.get());
    const auto room = static_cast<uint32_t>(std::min<size_t>(out.size(), UINT32_MAX));
    state_->next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(in.data()));
    state_->avail_in = static_cast<uint32_t>(in.size());
    state_->next_out = reinterpret_cast<uint8_t*>(out.data());
    state_->avail_out = room;
    const int done = isal_inflate(state_.get());
    if (done < 0) return broken(done);
    return Step{.taken = in.size() - state_->avail_in,
                .made = room - state_->avail_out,
                .inside = state_->block_state != ISAL_BLOCK_FINISH};
  }

 private:
  static Error broken(int code) {
    if (code == ISAL_INVALID_WRAPPER || code == ISAL_UNSUPPORTED_METHOD)
      return Error::because(EINVAL, "the stream is no gzip");
    if (code == ISAL_INCORRECT_CHECKSUM)
      return Error::because(EINVAL, "the gzip checksum is wrong");
    return Error::because(EINVAL, "the gzip stream is damaged");
  }

  std::unique_ptr<inflate_state> state_;
};

}  // namespace

std::unique_ptr<Inflater> make_isal(ByteSource& from) {
  return std::make_unique<Isal>(from);
}
#else
std::unique_ptr<Inflater> make_isal(ByteSource&) {
  return nullptr;
}
#endif

}  // namespace wolffia::image::inflate
