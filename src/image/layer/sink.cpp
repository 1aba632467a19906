// SPDX-License-Identifier: Apache-2.0
#include "image/layer/sink.hpp"

#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <new>

#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kPiece = size_t{128} << 10;
constexpr int kGzipLevel = 6;
constexpr int kZstdLevel = 3;

class PassedOn : public ByteSink {
 public:
  explicit PassedOn(ByteSink& to) : to_(to) {}
  Result<void> write(std::span<const std::byte> bytes) override { return to_.write(bytes); }
  Result<void> finish() override { return to_.finish(); }

 private:
  ByteSink& to_;
};

class Gzip : public ByteSink {
 public:
  explicit Gzip(ByteSink& to) : to_(to), buffer_(kPiece) {
    constexpr int kWithHeader = 16 + MAX_WBITS;  // zlib.h, deflateInit2()
    constexpr int kMemory = 8;
    if (deflateInit2(&state_, kGzipLevel, Z_DEFLATED, kWithHeader, kMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  ~Gzip() override { deflateEnd(&state_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<void> write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min<size_t>(bytes.size(), UINT32_MAX));
      bytes = bytes.subspan(part.size());
      state_.next_in = reinterpret_cast<const Bytef*>(part.data());
      state_.avail_in = static_cast<uInt>(part.size());
      TRY(run(Z_NO_FLUSH));
    }
    return {};
  }
  Result<void> finish() override {
    TRY(run(Z_FINISH));
    return to_.finish();
  }

 private:
  /// Until the input is taken and no output is held back; cannot fail but by the sink.
  Result<void> run(int flush) {
    do {
      state_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      state_.avail_out = static_cast<uInt>(buffer_.size());
      (void)::deflate(&state_, flush);
      TRY(to_.write(std::span<const std::byte>(buffer_).first(buffer_.size() - state_.avail_out)));
    } while (state_.avail_out == 0);
    return {};
  }

  ByteSink& to_;
  std::vector<std::byte> buffer_;
  z_stream state_{};
};

class Zstd : public ByteSink {
 public:
  explicit Zstd(ByteSink& to) : to_(to), buffer_(kPiece), state_(ZSTD_createCCtx()) {
    if (!state_) throw std::bad_alloc();
    (void)ZSTD_CCtx_setParameter(state_, ZSTD_c_compressionLevel, kZstdLevel);
    (void)ZSTD_CCtx_setParameter(state_, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() override { ZSTD_freeCCtx(state_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<void> write(std::span<const std::byte> bytes) override {
    return run(bytes, ZSTD_e_continue);
  }
  Result<void> finish() override {
    TRY(run({}, ZSTD_e_end));
    return to_.finish();
  }

 private:
  Result<void> run(std::span<const std::byte> bytes, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const size_t left = ZSTD_compressStream2(state_, &out, &in, how);
      if (ZSTD_isError(left) != 0) return Error::because(ENOMEM, ZSTD_getErrorName(left));
      TRY(to_.write(std::span<const std::byte>(buffer_).first(out.pos)));
      if (how == ZSTD_e_continue ? in.pos == in.size : left == 0) return {};
    }
  }

  ByteSink& to_;
  std::vector<std::byte> buffer_;
  ZSTD_CCtx* state_;
};

}  // namespace

Result<void> FdSink::write(std::span<const std::byte> bytes) {
  return sys::write_all(file_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<void> HashingSink::write(std::span<const std::byte> bytes) {
  hasher_.add(bytes);
  size_ += bytes.size();
  return to_.write(bytes);
}

std::unique_ptr<ByteSink> open_deflater(ByteSink& to, oci::Compression compression) {
  if (compression == oci::Compression::Gzip) return std::make_unique<Gzip>(to);
  if (compression == oci::Compression::Zstd) return std::make_unique<Zstd>(to);
  return std::make_unique<PassedOn>(to);
}

}  // namespace wolffia::image
