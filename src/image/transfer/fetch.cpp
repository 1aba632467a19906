// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/fetch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "image/layer/checked.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

/// Lets the receiver go on for some milliseconds while the other side writes files.
constexpr int kPipeSize = 1 << 20;
constexpr size_t kChunk = size_t{256} << 10;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The two ends of a stream to the unpacking process.
Result<std::pair<sys::Fd, sys::Fd>> make_stream() {
  auto ends = TRY(sys::make_pipe(0));
  (void)::fcntl(ends.second.get(), F_SETPIPE_SZ,
                kPipeSize);  // beyond the user's share: stays 64 KiB
  return ends;
}

/// Where every byte of the blob goes, in order.
class Feeder {
 public:
  Feeder(const LayerOrder& order, const sys::Fd& stream, const FetchMeans& means)
      : order_(order),
        stream_(stream),
        means_(means),
        check_(order.blob, cat(means.source.name(), ": layer ", order.blob.digest.text())) {}

  /// The process that unpacks has an error of its own to tell when it takes no more (EPIPE).
  Result<void> take(std::span<const std::byte> bytes) {
    if (means_.cancelled) return Error::because(ECANCELED, "another layer failed");
    TRY(check_.add(bytes));
    return sys::write_all(stream_, text_of(bytes));
  }

  /// What an earlier transfer left.
  Result<void> take_part(const sys::Fd& part) {
    std::vector<std::byte> buffer(kChunk);
    for (;;) {
      const ssize_t size =
          ::pread(part.get(), buffer.data(), buffer.size(), static_cast<off_t>(check_.size()));
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return Error::last("pread");
      if (size == 0) return {};
      TRY(take(std::span(buffer).first(static_cast<size_t>(size))));
    }
  }

  Result<void> take_rest(const sys::Fd& part) {
    const oci::Descriptor& blob = order_.blob;
    if (check_.size() == blob.size) return {};
    return means_.source.blob(
        blob, check_.size(), [&](std::span<const std::byte> bytes) -> Result<void> {
          TRY(sys::write_all(part, text_of(bytes)), "keeping what was received");
          TRY(take(bytes));
          means_.progress.advance(blob.digest, bytes.size());
          return {};
        });
  }

  Result<void> finish() { return check_.finish(); }

 private:
  const LayerOrder& order_;
  const sys::Fd& stream_;
  const FetchMeans& means_;
  Check check_;
};

/// Feeds what `part` holds, and the rest from the source, which `part` then holds as well.
Result<void> feed(Feeder& feeder, const oci::Descriptor& blob, const sys::Fd& part,
                  Progress& progress) {
  auto here = static_cast<uint64_t>(TRY(sys::stat_fd(part)).st_size);
  if (here > blob.size) {  // none of ours
    here = 0;
    if (::ftruncate(part.get(), 0) < 0) return Error::last("ftruncate");
  }
  progress.begin(blob.digest, blob.size, here);
  auto sent = feeder.take_part(part);
  if (sent) sent = feeder.take_rest(part);
  if (sent) sent = feeder.finish();
  return sent;
}

/// Of both sides' errors the one that tells more: a broken pipe is only the consequence.
Result<Unpacked> judge(const LayerOrder& order, Result<void> sent, Result<Unpacked> unpacked) {
  if (!sent && !sent.error().is(EPIPE)) return std::move(sent).error();
  if (!unpacked)
    return std::move(unpacked).error().context(cat("layer ", order.blob.digest.text()));
  if (!sent) return std::move(sent).error();
  if (unpacked->diff_id != order.diff_id)
    return Error::because(
        EINVAL, cat("layer ", order.blob.digest.text(), " unpacks to ", unpacked->diff_id.text(),
                    ", but the image's config says ", order.diff_id.text()));
  return unpacked;
}

/// Whether what was received is worth going on with: the transfer ended, or the disk was full.
/// Bytes that were refused would be refused for ever, and until the last one nobody knows whether
/// they are the right ones.
bool is_worth_keeping(const Result<void>& sent, const Result<Unpacked>& unpacked) {
  if (!sent && !sent.error().is(EPIPE)) return !sent.error().is(EINVAL);
  return unpacked || unpacked.error().is(ENOSPC) || unpacked.error().is(EDQUOT);
}

}  // namespace

Result<Unpacked> fetch_layer(const LayerOrder& order, const sys::Fd& part, const sys::Fd& tree,
                             const FetchMeans& means) {
  auto [reading, writing] = TRY(make_stream());
  Unpacking unpacking = TRY(means.unpackers.unpack(reading, tree, order.options));
  reading.reset();
  Feeder feeder(order, writing, means);
  auto sent = feed(feeder, order.blob, part, means.progress);
  writing.reset();
  auto unpacked = unpacking.wait();
  if (!is_worth_keeping(sent, unpacked)) (void)!::ftruncate(part.get(), 0);  // the error is told
  unpacked = judge(order, std::move(sent), std::move(unpacked));
  if (unpacked) means.progress.finish(order.blob.digest);
  return unpacked;
}

Result<void> fetch_blob(const oci::Descriptor& blob, const sys::Fd& part, const FetchMeans& means) {
  const sys::Fd nowhere = TRY(sys::open_at(sys::cwd(), "/dev/null", O_WRONLY));
  const LayerOrder order{.blob = blob, .diff_id = blob.digest, .options = {}};
  Feeder feeder(order, nowhere, means);
  auto sent = feed(feeder, blob, part, means.progress);
  if (!sent && sent.error().is(EINVAL)) (void)!::ftruncate(part.get(), 0);  // or it fails for ever
  TRY(std::move(sent));
  means.progress.finish(blob.digest);
  return {};
}

}  // namespace wolffia::image
