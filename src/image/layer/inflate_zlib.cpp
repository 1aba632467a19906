// SPDX-License-Identifier: Apache-2.0
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <new>

#include "image/layer/inflate_parts.hpp"

namespace wolffia::image::inflate {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib.h, inflateInit2()

class Zlib : public Inflater {
 public:
  explicit Zlib(ByteSource& from) : Inflater(from) {
    if (inflateInit2(&state_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Zlib() override { inflateEnd(&state_); }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

 protected:
  Result<Step> step(std::span<const std::byte> in, std::span<std::byte> out, bool begins) override {
    if (begins) (void)inflateReset(&state_);  // fails only for a null pointer
    const auto room = static_cast<uInt>(std::min<size_t>(out.size(), UINT32_MAX));
    state_.next_in = reinterpret_cast<const Bytef*>(in.data());
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = room;
    const int done = ::inflate(&state_, Z_NO_FLUSH);
    if (done == Z_MEM_ERROR) return Error::because(ENOMEM, "no memory to decompress with");
    if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
      return Error::because(EINVAL, cat("the stream is no gzip or is damaged: ",
                                        state_.msg ? state_.msg : "it needs a dictionary"));
    return Step{.taken = in.size() - state_.avail_in,
                .made = room - state_.avail_out,
                .inside = done != Z_STREAM_END};
  }

 private:
  z_stream state_{};
};

}  // namespace

std::unique_ptr<Inflater> make_zlib(ByteSource& from) {
  return std::make_unique<Zlib>(from);
}

}  // namespace wolffia::image::inflate
