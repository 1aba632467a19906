// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/copy.hpp"

#include <set>

#include "image/transfer/resolve.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image {
namespace {

/// As resolve_image() descends.
constexpr int kMaxIndexes = 4;

/// A source that tells how many bytes it gave.
class Counted : public Source {
 public:
  Counted(Source& source, Progress& progress) : source_(source), progress_(progress) {}
  Result<RawManifest> top() override { return source_.top(); }
  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    return source_.manifest(wanted);
  }
  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    return source_.blob(wanted, offset, [&](std::span<const std::byte> bytes) -> Result<void> {
      TRY(sink(bytes));
      progress_.advance(wanted.digest, bytes.size());
      return {};
    });
  }
  std::string name() const override { return source_.name(); }

 private:
  Source& source_;
  Progress& progress_;
};

class Copy {
 public:
  Copy(Source& source, Destination& destination, Progress& progress)
      : source_(source, progress), destination_(destination), progress_(progress) {}

  /// What `raw` names comes before it.
  Result<void> everything(const RawManifest& raw, int depth) {
    if (!seen_.insert(raw.digest).second) return {};  // or indexes of each other would cost 10^16
    if (!oci::is_index(raw.media_type)) return image(raw);
    if (depth == kMaxIndexes)
      return Error::because(
          EINVAL, cat(source_.name(), ": indexes must not nest deeper than ", kMaxIndexes));
    const oci::Index index = TRY(oci::parse_index(raw.bytes, raw.media_type, source_.name()));
    for (const oci::Descriptor& entry : index.manifests)
      TRY(everything(TRY(source_.manifest(entry)), depth + 1));
    return destination_.put_manifest(raw);
  }

  /// An image or an artifact: what the blobs are does not matter here.
  Result<void> image(const RawManifest& raw) {
    const oci::Manifest manifest =
        TRY(oci::parse_manifest(raw.bytes, raw.media_type, source_.name()));
    for (const oci::Descriptor& layer : manifest.layers)
      TRY(blob(layer));
    TRY(blob(manifest.config));
    return destination_.put_manifest(raw);
  }

 private:
  Result<void> blob(const oci::Descriptor& wanted) {
    const bool there = TRY(destination_.has(wanted), destination_.name());
    progress_.begin(wanted.digest, wanted.size, there ? wanted.size : 0);
    if (!there) TRY(destination_.put(wanted, source_));
    progress_.finish(wanted.digest);
    return {};
  }

  Counted source_;
  Destination& destination_;
  Progress& progress_;
  std::set<oci::Digest> seen_;
};

}  // namespace

Result<oci::Digest> copy_image(Source& source, Destination& destination,
                               const std::optional<oci::Platform>& platform, Progress& progress) {
  Copy copy(source, destination, progress);
  if (platform) {
    const ResolvedImage image = TRY(resolve_image(source, *platform));
    TRY(copy.image(image.raw));
    TRY(destination.finish(image.raw));
    return image.raw.digest;
  }
  RawManifest top = TRY(source.top());
  top.media_type = TRY(oci::body_media_type(top.bytes, top.media_type, source.name()));
  TRY(copy.everything(top, 0));
  TRY(destination.finish(top));
  return top.digest;
}

}  // namespace wolffia::image
