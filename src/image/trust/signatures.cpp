// SPDX-License-Identifier: Apache-2.0
#include "image/trust/signatures.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "image/layer/hash.hpp"
#include "image/remote/upload.hpp"
#include "image/transfer/resolve.hpp"
#include "image/trust/payload.hpp"
#include "json/writer.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image::trust {
namespace {

constexpr std::string_view kLayer = "application/vnd.dev.cosign.simplesigning.v1+json";
constexpr std::string_view kArtifact = "application/vnd.dev.cosign.artifact.sig.v1+json";
constexpr std::string_view kAnnotation = "dev.cosignproject.cosign/signature";
constexpr size_t kMostSignatures = 100;

std::string tag_of(const oci::Digest& digest) {
  std::string tag = digest.text();
  tag[tag.find(':')] = '-';
  return tag + ".sig";
}

/// Blobs of a repository as a source, for what takes one.
class RepositoryBlobs : public Source {
 public:
  explicit RepositoryBlobs(remote::Repository& repository) : repository_(repository) {}
  Result<RawManifest> top() override { return Error::because(ENOTSUP, "only blobs are here"); }
  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    return repository_.manifest(wanted);
  }
  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    return repository_.blob(wanted, offset, sink);
  }
  std::string name() const override { return repository_.name(); }

 private:
  remote::Repository& repository_;
};

/// One blob that is in memory.
class Bytes : public Source {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  Result<RawManifest> top() override { return Error::because(ENOTSUP, "only a blob is here"); }
  Result<RawManifest> manifest(const oci::Descriptor&) override { return top(); }
  Result<void> blob(const oci::Descriptor&, uint64_t offset, const Sink& sink) override {
    return sink(std::as_bytes(std::span(bytes_.substr(offset))));
  }
  std::string name() const override { return "signature"; }

 private:
  std::string_view bytes_;
};

/// The signatures among the layers of one manifest. What is no signature is left alone.
Result<void> read_manifest(remote::Repository& repository, const RawManifest& raw,
                           std::vector<Signature>& all) {
  const oci::Manifest manifest =
      TRY(oci::parse_manifest(raw.bytes, raw.media_type, repository.name()));
  RepositoryBlobs blobs(repository);
  for (const oci::Descriptor& layer : manifest.layers) {
    if (layer.media_type != kLayer || all.size() == kMostSignatures) continue;
    const auto noted = std::find_if(layer.annotations.begin(), layer.annotations.end(),
                                    [](const auto& note) { return note.first == kAnnotation; });
    if (noted == layer.annotations.end()) continue;
    auto signature = base64_decode(noted->second);
    if (!signature) continue;
    std::string payload = TRY(fetch_document(blobs, layer));
    all.push_back({std::move(payload), *std::move(signature)});
  }
  return {};
}

/// nullopt: there is none.
Result<std::optional<RawManifest>> tagged(remote::Repository& repository,
                                          const oci::Digest& digest) {
  auto found = repository.manifest(tag_of(digest));
  if (found) return std::optional(std::move(found).value());
  if (found.error().is(ENOENT)) return std::optional<RawManifest>();
  return std::move(found).error();
}

void write_descriptor(json::Writer& out, const oci::Descriptor& descriptor) {
  out.begin_object().member("mediaType", descriptor.media_type);
  out.member("size", descriptor.size).member("digest", descriptor.digest.text());
  if (!descriptor.annotations.empty()) {
    out.key("annotations").begin_object();
    for (const auto& [key, value] : descriptor.annotations)
      out.member(key, value);
    out.end_object();
  }
  out.end_object();
}

oci::Descriptor descriptor_of(std::string_view bytes, std::string_view media_type) {
  return {std::string(media_type), digest_of(bytes), bytes.size(), {}, {}, {}, {}, {}};
}

/// An image's config, as cosign writes it: its "layers" are the payloads.
std::string make_config(const std::vector<oci::Descriptor>& layers) {
  json::Writer out;
  out.begin_object().member("architecture", "").member("os", "");
  out.key("config").begin_object().end_object();
  out.key("rootfs").begin_object().member("type", "layers").key("diff_ids").begin_array();
  for (const oci::Descriptor& layer : layers)
    out.value(layer.digest.text());
  out.end_array().end_object().end_object();
  return std::move(out).take();
}

std::string make_manifest(const oci::Descriptor& config,
                          const std::vector<oci::Descriptor>& layers) {
  json::Writer out;
  out.begin_object().member("schemaVersion", 2).member("mediaType", oci::media_type::kManifest);
  out.key("config");
  write_descriptor(out, config);
  out.key("layers").begin_array();
  for (const oci::Descriptor& layer : layers)
    write_descriptor(out, layer);
  out.end_array().end_object();
  return std::move(out).take();
}

Result<void> upload(remote::Repository& repository, const oci::Descriptor& blob,
                    std::string_view bytes) {
  if (TRY(has_blob(repository, blob))) return {};
  Bytes source(bytes);
  return upload_blob(repository, blob, source, {});
}

}  // namespace

Result<std::vector<Signature>> fetch_signatures(remote::Repository& repository,
                                                const oci::Digest& digest) {
  std::vector<Signature> all;
  const std::optional<RawManifest> by_tag = TRY(tagged(repository, digest));
  if (by_tag) TRY(read_manifest(repository, *by_tag, all));
  for (const oci::Descriptor& entry : TRY(repository.referrers(digest, kArtifact))) {
    if (all.size() == kMostSignatures) break;
    const RawManifest raw = TRY(repository.manifest(entry));
    TRY(read_manifest(repository, raw, all));
  }
  return all;
}

Result<void> push_signature(remote::Repository& repository, const oci::Digest& digest,
                            const Signature& signature) {
  std::vector<oci::Descriptor> layers;
  const std::optional<RawManifest> before = TRY(tagged(repository, digest));
  if (before)
    layers = TRY(oci::parse_manifest(before->bytes, before->media_type, repository.name())).layers;
  oci::Descriptor layer = descriptor_of(signature.payload, kLayer);
  layer.annotations.emplace_back(kAnnotation, base64_encode(signature.signature));
  TRY(upload(repository, layer, signature.payload));
  layers.push_back(std::move(layer));
  const std::string config = make_config(layers);
  const oci::Descriptor config_blob = descriptor_of(config, oci::media_type::kConfig);
  TRY(upload(repository, config_blob, config));
  std::string bytes = make_manifest(config_blob, layers);
  oci::Digest own = digest_of(bytes);
  return put_manifest_as(
      repository,
      RawManifest{std::move(bytes), std::string(oci::media_type::kManifest), std::move(own)},
      tag_of(digest));
}

Result<Signature> make_signature(const Key& key, const std::string& name,
                                 const oci::Digest& digest) {
  Signature made;
  made.payload = make_payload({name, digest});
  made.signature = TRY(key.sign(made.payload));
  return made;
}

}  // namespace wolffia::image::trust
