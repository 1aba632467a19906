// SPDX-License-Identifier: Apache-2.0
#include "image/layer/unpack.hpp"

#include "image/layer/inflate.hpp"
#include "image/layer/pipeline.hpp"
#include "image/layer/unpack_parts.hpp"
#include "image/layer/unpacker.hpp"
#include "sys/file.hpp"

namespace wolffia::image {

Result<Unpacked> unpack_hashing(const sys::Fd& stream, const sys::Fd& tree,
                                const UnpackOptions& options, Hasher hasher) {
  auto [stop, stopper] = TRY(sys::make_pipe(0));
  FdSource bytes(stream, &stop);
  const InflateLimits limits{.ratio = options.limits.ratio};
  const auto inflated = open_inflater(bytes, options.compression, limits);
  Pipeline pipeline(*inflated, std::move(hasher));
  const sys::Fd closed_first = std::move(stopper);  // which ends the reading thread's wait
  TarReader reader(pipeline);
  Unpacker unpacker(tree, options);
  TRY(unpacker.run(reader));
  Unpacked result{.diff_id = TRY(pipeline.finish())};
  unpacker.report(result);
  return result;
}

Result<Unpacked> unpack(const sys::Fd& stream, const sys::Fd& tree, const UnpackOptions& options) {
  return unpack_hashing(stream, tree, options, Hasher(options.diff_id));
}

}  // namespace wolffia::image
