// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/make.hpp"

#include <fcntl.h>

#include <functional>
#include <vector>

#include "image/layer/hash.hpp"
#include "image/layer/peeked.hpp"
#include "image/space.hpp"
#include "oci/parse_image.hpp"
#include "oci/write_image.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kChunk = size_t{256} << 10;

/// The bytes that made a layer.
struct Sent {
  oci::Digest digest;
  uint64_t size = 0;
};

/// Writes all of them to the process that unpacks.
using Send = std::function<Result<Sent>(const sys::Fd& to)>;

/// A layer that is in the store.
struct Stored {
  Sent sent;
  oci::Digest diff_id;
  std::string key;
};

UnpackOptions options_for(const MakeMeans& means, oci::Compression compression) {
  UnpackOptions options;
  options.compression = compression;
  options.owners = means.owners == kOneOwner ? Owners::Caller : Owners::Archive;
  return options;
}

/// Of both sides' errors the one that tells more: a broken pipe is only the consequence.
Result<Unpacked> judge(const Result<Sent>& sent, Result<Unpacked> unpacked) {
  if (!sent && (unpacked || !sent.error().is(EPIPE))) return Error(sent.error());
  if (!unpacked) return unpacked;
  if (unpacked->pending.empty()) return unpacked;
  const PendingLink& link = unpacked->pending[0];
  return Error::because(EINVAL,
                        cat(link.path, " is a link to ", link.target, ", which does not exist"));
}

/// Unpacks a layer and makes it known, under `key` or its diffID.
Result<Stored> store_layer(const MakeMeans& means, oci::Compression compression, const Send& send,
                           std::string key = {}) {
  Staged staged = TRY(means.writer.stage());
  const sys::Fd tree = TRY(staged.make_tree());
  auto [reading, writing] = TRY(sys::make_pipe(0));
  Unpacking unpacking = TRY(means.unpackers.unpack(reading, tree, options_for(means, compression)));
  reading.reset();
  auto sent = send(writing);
  writing.reset();
  const Unpacked unpacked = TRY(judge(sent, unpacking.wait()));
  tell(means.progress, unpacked.warnings);
  if (key.empty()) key = unpacked.diff_id.hex();
  const Lock lock = TRY(means.writer.lock_layer(means.owners, key));
  TRY(means.writer.commit_layer(
      std::move(staged), means.owners, key,
      {.diff_id = unpacked.diff_id, .bytes = unpacked.bytes, .entries = unpacked.entries}));
  return Stored{*std::move(sent), unpacked.diff_id, std::move(key)};
}

Result<Stored> store_tree(const MakeMeans& means, const sys::Fd& tree, PackOptions options,
                          std::string key = {}) {
  options.compression = oci::Compression::None;
  const auto send = [&](const sys::Fd& to) -> Result<Sent> {
    const Packed packed = TRY(pack(tree, to, options));
    tell(means.progress, packed.warnings);
    return Sent{packed.digest, packed.size};
  };
  return store_layer(means, oci::Compression::None, send, std::move(key));
}

/// Copies the stream as it is.
Result<Sent> send_stream(ByteSource& from, const sys::Fd& to) {
  Hasher hasher;
  uint64_t size = 0;
  std::vector<std::byte> buffer(kChunk);
  while (const size_t got = TRY(from.read(buffer))) {
    const auto bytes = std::span<const std::byte>(buffer).first(got);
    hasher.add(bytes);
    size += got;
    TRY(sys::write_all(to, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  }
  if (size == 0) return Error::because(EINVAL, "is empty: it must be a tar archive");
  return Sent{hasher.finish(), size};
}

/// ".../layers/OWNERS/KEY/tree"
struct TreePath {
  std::string owners, key;
};

TreePath parse_tree_path(std::string_view path) {
  const auto take_last = [&path] {
    const size_t slash = path.rfind('/');
    const std::string_view name = path.substr(slash + 1);
    path = path.substr(0, slash);
    return std::string(name);
  };
  (void)take_last();
  std::string key = take_last();
  return {take_last(), std::move(key)};
}

/// The layers of `base` in our store: those of a read-only one get there first.
Result<std::vector<std::string>> own_layers(const MakeMeans& means, const StoredImage& base) {
  std::vector<std::string> keys;
  for (const std::string& path : base.layers) {
    TreePath at = parse_tree_path(path);
    if (!TRY(means.writer.find_layer(means.owners, at.key))) {
      const sys::Fd tree =
          TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY), path);
      PackOptions options;
      options.from = PackFrom::Upper;
      options.owners = at.owners == kOneOwner ? Owners::Caller : Owners::Archive;
      TRY(store_tree(means, tree, std::move(options), at.key), path);
    }
    keys.push_back(std::move(at.key));
  }
  return keys;
}

oci::Descriptor describe(std::string_view type, std::string_view text) {
  return {.media_type = std::string(type), .digest = digest_of(text), .size = text.size()};
}

oci::Descriptor describe(std::string_view manifest_type, const Stored& layer,
                         oci::Compression compression) {
  std::string type =
      oci::layer_type(manifest_type, compression == oci::Compression::Gzip ? oci::Packing::Gzip
                                                                           : oci::Packing::Plain);
  if (compression == oci::Compression::Zstd) type += "+zstd";
  return {.media_type = std::move(type), .digest = layer.sent.digest, .size = layer.sent.size};
}

Result<oci::Digest> add_image(const MakeMeans& means, const std::string& manifest,
                              const std::string& config, const std::vector<std::string>& keys,
                              const MakeOrder& order) {
  oci::Digest digest = digest_of(manifest);
  TRY(means.writer.add_image({.digest = digest,
                              .manifest = manifest,
                              .config = config,
                              .owners = means.owners,
                              .keys = keys,
                              .name = order.name}));
  return digest;
}

}  // namespace

Result<oci::Digest> import_root(const MakeMeans& means, const sys::Fd& stream,
                                const oci::Platform& platform, const MakeOrder& order) {
  const std::string blank = oci::blank_config(platform);
  TRY(oci::add_step(blank, digest_of({}), order.step));  // what is wrong with it is told at once
  PeekedSource bytes(stream);
  const oci::Compression compression = TRY(bytes.compression());
  auto stored =
      store_layer(means, compression, [&](const sys::Fd& to) { return send_stream(bytes, to); });
  if (!stored) return explain_full(means.store, std::move(stored).error());
  const std::string config = TRY(oci::add_step(blank, stored->diff_id, order.step));
  constexpr std::string_view kType = oci::media_type::kManifest;
  const std::vector<oci::Descriptor> layers{describe(kType, *stored, compression)};
  const std::string manifest =
      oci::write_manifest(kType, describe(oci::media_type::kConfig, config), layers);
  return add_image(means, manifest, config, {stored->key}, order);
}

Result<oci::Digest> put_on_top(const MakeMeans& means, const StoredImage& base, const sys::Fd& tree,
                               const PackOptions& options, const MakeOrder& order) {
  const std::string text = TRY(means.store.manifest_bytes(base.manifest));
  const std::string type = TRY(oci::body_media_type(text, {}, "the image's manifest"));
  oci::Manifest manifest = TRY(oci::parse_manifest(text, type, "the image's manifest"));
  const std::string base_config = TRY(means.store.config_bytes(base.manifest));
  TRY(oci::add_step(base_config, digest_of({}), order.step));  // before the work
  auto keys = own_layers(means, base);
  if (!keys) return explain_full(means.store, std::move(keys).error());
  auto stored = store_tree(means, tree, options);
  if (!stored) return explain_full(means.store, std::move(stored).error());
  const std::string config = TRY(oci::add_step(base_config, stored->diff_id, order.step));
  keys->push_back(stored->key);
  manifest.layers.push_back(describe(type, *stored, oci::Compression::None));
  const oci::Descriptor about_config = describe(manifest.config.media_type, config);
  return add_image(means, TRY(oci::add_layer(text, about_config, manifest.layers)), config, *keys,
                   order);
}

}  // namespace wolffia::image
