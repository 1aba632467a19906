// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "image/layer/inflate_parts.hpp"

namespace wolffia::image::inflate {
namespace {

/// 64 MiB, half of what zstd(1) reads without being asked to: no layer is to take 128 MiB of
/// memory, and those of engines have windows of 8 MiB (RFC 8878, 3.1.1.1.2), of zstd -19 as well.
constexpr int kWindowLog = 26;

class Zstd : public Inflater {
 public:
  explicit Zstd(ByteSource& from) : Inflater(from), state_(ZSTD_createDCtx()) {
    if (!state_) throw std::bad_alloc();
    (void)ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kWindowLog);
  }
  ~Zstd() override { ZSTD_freeDCtx(state_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

 protected:
  Result<Step> step(std::span<const std::byte> in, std::span<std::byte> out,
                    bool /*begins*/) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const size_t wanted = ZSTD_decompressStream(state_, &to, &from);
    if (ZSTD_isError(wanted) != 0) return broken(wanted);
    return Step{.taken = from.pos, .made = to.pos, .inside = wanted != 0};
  }

 private:
  static Error broken(size_t code) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
      return Error::because(E2BIG,
                            "the stream has a window of more than 64 MiB: it has to be packed "
                            "without --long and --ultra");
    return Error::because(EINVAL,
                          cat("the stream is no zstd or is damaged: ", ZSTD_getErrorName(code)));
  }

  ZSTD_DCtx* state_;
};

}  // namespace

std::unique_ptr<Inflater> make_zstd(ByteSource& from) {
  return std::make_unique<Zstd>(from);
}

}  // namespace wolffia::image::inflate
