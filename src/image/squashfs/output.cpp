// SPDX-License-Identifier: Apache-2.0
#include "image/squashfs/output.hpp"

#include <sqfs/error.h>

#include <algorithm>

#include "sys/data.hpp"
#include "sys/metadata.hpp"

namespace wolffia::image {
namespace {

struct Meaning {
  int code;
  int error;
  const char* text;
};
/// Source: sqfs/error.h.
constexpr Meaning kMeanings[] = {
    {SQFS_ERROR_ALLOC, ENOMEM, "there is no memory left"},
    {SQFS_ERROR_IO, EIO, "the file cannot be written"},
    {SQFS_ERROR_COMPRESSOR, EIO, "a block cannot be compressed"},
    {SQFS_ERROR_UNSUPPORTED, ENOTSUP, "SquashFS has no way to say it"},
    {SQFS_ERROR_OVERFLOW, EOVERFLOW, "it is more than SquashFS can number"},
};

}  // namespace

Output::Output(const sys::Fd& file) : file_(file) {
  self_.file.base = {[](sqfs_object_t*) {}, nullptr};
  self_.file.read_at = read;
  self_.file.write_at = write;
  self_.file.get_size = size_of;
  self_.file.truncate = truncate;
  self_.output = this;
}

Output& Output::of(const sqfs_file_t* file) {
  return *reinterpret_cast<const Self*>(file)->output;
}

int Output::done(Result<void> result) {
  if (result) return 0;
  if (!error_) error_ = std::move(result).error();
  return SQFS_ERROR_IO;
}

int Output::read(sqfs_file_t* file, sqfs_u64 at, void* buffer, size_t size) noexcept {
  Output& output = of(file);
  const auto got = sys::read_at(output.file_, {static_cast<char*>(buffer), size}, at);
  if (!got) return output.done(got.error());
  return *got == size ? 0 : SQFS_ERROR_OUT_OF_BOUNDS;
}

int Output::write(sqfs_file_t* file, sqfs_u64 at, const void* buffer, size_t size) noexcept {
  Output& output = of(file);
  const int status =
      output.done(sys::write_at(output.file_, {static_cast<const char*>(buffer), size}, at));
  if (status == 0) output.size_ = std::max(output.size_, at + size);
  return status;
}

sqfs_u64 Output::size_of(const sqfs_file_t* file) noexcept {
  return of(file).size_;
}

int Output::truncate(sqfs_file_t* file, sqfs_u64 size) noexcept {
  Output& output = of(file);
  const int status = output.done(sys::set_size(output.file_, size));
  if (status == 0) output.size_ = size;
  return status;
}

Error Output::failure(int code, const char* doing) const {
  if (error_) return Error(*error_).context(doing);
  const auto* const meaning = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                           [&](const Meaning& it) { return it.code == code; });
  if (meaning == std::end(kMeanings))
    return Error::because(EIO, cat(doing, ": libsquashfs answers ", code));
  return Error::because(meaning->error, cat(doing, ": ", meaning->text));
}

}  // namespace wolffia::image
