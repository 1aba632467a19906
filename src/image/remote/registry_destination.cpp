// SPDX-License-Identifier: Apache-2.0
#include "image/destination.hpp"
#include "image/layer/hash.hpp"
#include "image/remote/download.hpp"
#include "image/remote/registry.hpp"
#include "image/remote/upload.hpp"
#include "json/edit.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image::remote {
namespace {

class RegistryDestination : public Destination {
 public:
  RegistryDestination(std::unique_ptr<Repository> repository, Reference reference, std::string from)
      : repository_(std::move(repository)),
        reference_(std::move(reference)),
        from_(std::move(from)) {}

  Result<bool> has(const oci::Descriptor& blob) override { return has_blob(*repository_, blob); }

  Result<void> put(const oci::Descriptor& blob, Source& source) override {
    return upload_blob(*repository_, blob, source, from_);
  }

  Result<void> put_manifest(const RawManifest& manifest) override {
    return put_manifest_as(*repository_, manifest, manifest.digest.text());
  }

  Result<void> finish(const RawManifest& top) override {
    if (reference_.digest && *reference_.digest != top.digest)
      return Error::because(EINVAL, cat(name(), " cannot be the name of ", top.digest.text()));
    if (reference_.tag.empty()) return {};
    return put_manifest_as(*repository_, top, reference_.tag);
  }

  std::string name() const override { return reference_.text(); }

 private:
  const std::unique_ptr<Repository> repository_;
  const Reference reference_;
  const std::string from_;
};

/// A descriptor of `manifest` as an index of referrers has it.
void write_referrer(json::Writer& out, const RawManifest& raw, const oci::Manifest& manifest) {
  out.begin_object();
  out.member("mediaType", raw.media_type).member("digest", raw.digest.text());
  out.member("size", raw.bytes.size());
  out.member("artifactType",
             manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type);
  if (!manifest.annotations.empty()) {
    out.key("annotations").begin_object();
    for (const auto& [key, value] : manifest.annotations)
      out.member(key, value);
    out.end_object();
  }
  out.end_object();
}

/// `index` with one more entry.
Result<std::string> with_referrer(const std::optional<RawManifest>& index, const RawManifest& raw,
                                  const oci::Manifest& manifest) {
  std::optional<json::Document> document;
  if (index) document = TRY(json::Document::parse(index->bytes, "the index of referrers"));
  json::Writer entry;
  write_referrer(entry, raw, manifest);
  const std::string entries =
      json::with_item(document ? document->raw({"manifests"}) : "", std::move(entry).take());
  json::Writer out;
  out.begin_object().member("schemaVersion", 2);
  out.member("mediaType", oci::media_type::kIndex).key("manifests").raw(entries).end_object();
  return std::move(out).take();
}

/// For registries without referrers: the index of the tag "sha256-HEX" names the manifest.
/// Source: distribution-spec, "Pushing Manifests with Subject".
Result<void> add_to_referrers_tag(Repository& repository, const RawManifest& raw,
                                  const oci::Manifest& manifest) {
  std::string tag = manifest.subject->digest.text();
  tag[tag.find(':')] = '-';
  std::optional<RawManifest> before;
  auto found = repository.manifest(tag);
  if (!found && !found.error().is(ENOENT)) return std::move(found).error();
  if (found) before = std::move(found).value();
  if (before && before->bytes.find(raw.digest.text()) != std::string::npos) return {};
  std::string bytes = TRY(with_referrer(before, raw, manifest));
  oci::Digest digest = digest_of(bytes);
  return put_manifest_as(
      repository,
      RawManifest{std::move(bytes), std::string(oci::media_type::kIndex), std::move(digest)}, tag);
}

}  // namespace

Result<void> put_manifest_as(Repository& repository, const RawManifest& manifest,
                             const std::string& name) {
  const std::string what = cat(repository.name(), ":", name);
  Session& session = repository.session();
  Request request = TRY(session.request(repository.path(cat("manifests/", name))));
  request.method = "PUT";
  request.headers.push_back(cat("Content-Type: ", manifest.media_type));
  request.body = manifest.bytes;
  const Response answer =
      TRY(session.fetch(std::move(request), repository.scope(), kAnswerLimit), what);
  if (!answer.ok()) return refusal(answer, what);
  if (!oci::is_manifest(manifest.media_type) || !answer.headers.find("oci-subject").empty())
    return {};
  const oci::Manifest parsed = TRY(oci::parse_manifest(manifest.bytes, manifest.media_type, what));
  if (!parsed.subject) return {};
  return add_to_referrers_tag(repository, manifest, parsed);
}

Result<std::unique_ptr<Destination>> open_registry_destination(Transport& transport,
                                                               const Place& place,
                                                               const Identity& identity,
                                                               std::string from) {
  auto repository = TRY(Repository::open(transport, place, identity, Rights::Push));
  std::unique_ptr<Destination> destination = std::make_unique<RegistryDestination>(
      std::move(repository), place.reference, std::move(from));
  return destination;
}

}  // namespace wolffia::image::remote
