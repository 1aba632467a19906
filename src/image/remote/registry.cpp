// SPDX-License-Identifier: Apache-2.0
#include "image/remote/registry.hpp"

#include "image/layer/hash.hpp"
#include "image/remote/download.hpp"
#include "image/remote/pages.hpp"
#include "json/field.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kMostTags = 1'000'000;

std::string accept_field() {
  using namespace oci::media_type;
  return cat("Accept: ", kManifest, ", ", kIndex, ", ", kDockerManifest, ", ", kDockerList);
}

/// The digest that the registry itself gives in a header; nullopt: none that we know.
std::optional<oci::Digest> own_digest(const Response& answer) {
  auto digest = oci::Digest::parse(answer.headers.find("docker-content-digest"));
  if (!digest) return {};
  return std::move(digest).value();
}

Result<oci::Digest> verified_digest(const Response& answer, const oci::Digest* wanted,
                                    std::string_view what) {
  const std::optional<oci::Digest> told = own_digest(answer);
  const oci::Digest* expected = wanted ? wanted : told ? &*told : nullptr;
  oci::Digest found =
      expected ? digest_of(answer.body, expected->algorithm()) : digest_of(answer.body);
  if (expected && found != *expected)
    return Error::because(EINVAL, cat(what, " is not what its digest says: ", found.text(),
                                      " instead of ", expected->text()));
  return found;
}

Result<void> append_tags(Response& page, std::vector<std::string>& all, std::string_view name) {
  const auto document = TRY(json::Document::parse(std::move(page.body), name));
  const json::Object root = TRY(document.root().as<json::Object>());
  std::vector<std::string> tags;
  TRY(root.read("tags", tags));
  if (all.size() + tags.size() > kMostTags)
    return Error::because(E2BIG, cat(name, " are more than ", kMostTags));
  all.insert(all.end(), tags.begin(), tags.end());
  return {};
}

/// The entries of an index of referrers that are of a type; empty: of any.
std::vector<oci::Descriptor> of_type(std::vector<oci::Descriptor> all, std::string_view type) {
  if (!type.empty())
    std::erase_if(all, [&](const oci::Descriptor& entry) { return entry.artifact_type != type; });
  return all;
}

Request with_range(Request request, const std::string& range) {
  if (!range.empty()) request.headers.push_back(range);
  return request;
}

/// A sink that knows what it took, so that another server can go on from there.
struct Counted {
  Result<void> take(std::span<const std::byte> bytes) {
    auto taken = sink(bytes);
    refused = !taken;
    next += bytes.size();
    return taken;
  }
  const Sink& sink;
  uint64_t next;
  bool refused = false;
};

}  // namespace

Result<std::unique_ptr<Repository>> Repository::open(Transport& transport, const Place& place,
                                                     const Identity& identity, Rights rights) {
  std::optional<Credentials> credentials = place.mirror ? std::nullopt : identity.given;
  if (!credentials) credentials = TRY(find_credentials(identity.files, place.reference.name()));
  return std::make_unique<Repository>(transport, place, std::move(credentials), rights);
}

Repository::Repository(Transport& transport, const Place& place,
                       std::optional<Credentials> credentials, Rights rights)
    : session_(transport, {place.reference.host, place.insecure, std::move(credentials)}),
      repository_(place.reference.repository),
      scope_(cat("repository:", repository_, rights == Rights::Push ? ":pull,push" : ":pull")) {}

Result<RawManifest> Repository::manifest(const std::string& tag) {
  return get_manifest(tag, nullptr, nullptr);
}

Result<RawManifest> Repository::manifest(const oci::Digest& digest) {
  return get_manifest(digest.text(), &digest, nullptr);
}

Result<RawManifest> Repository::manifest(const oci::Descriptor& wanted) {
  return get_manifest(wanted.digest.text(), &wanted.digest, &wanted);
}

Result<RawManifest> Repository::get_manifest(const std::string& reference,
                                             const oci::Digest* digest,
                                             const oci::Descriptor* wanted) {
  const std::string what = cat(name(), digest ? "@" : ":", reference);
  Request request = TRY(session_.request(path(cat("manifests/", reference))));
  request.headers.push_back(accept_field());
  Response answer = TRY(session_.fetch(std::move(request), scope_, oci::kManifestLimit), what);
  if (!answer.ok()) return refusal(answer, what);
  if (wanted && answer.body.size() != wanted->size)
    return Error::because(EINVAL, cat(what, " has ", answer.body.size(), " bytes, not ",
                                      wanted->size, " as its descriptor says"));
  oci::Digest found = TRY(verified_digest(answer, digest, what));
  std::string type =
      TRY(oci::body_media_type(answer.body, answer.headers.find("content-type"), what));
  if (wanted) type = TRY(oci::body_media_type(answer.body, wanted->media_type, what));
  return RawManifest{std::move(answer.body), std::move(type), std::move(found)};
}

Result<void> Repository::blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) {
  Counted counted{sink, offset};
  const Sink count = [&](std::span<const std::byte> bytes) { return counted.take(bytes); };
  Download blob{cat(name(), "@", wanted.digest.text()), wanted.size, offset};
  Transport& transport = session_.transport();
  const Request request = TRY(session_.request(path(cat("blobs/", wanted.digest.text()))));
  auto done = download(
      blob, transport.rules(),
      [&](const std::string& range, const Receive& receive) {
        return session_.once(with_range(request, range), scope_, kAnswerLimit, receive);
      },
      count);
  // Whoever wrote the manifest chose these: they are nobody we tell who we are (CVE-2020-15157).
  for (const std::string& url : wanted.urls) {
    if (done || !done.error().is(ENOENT) || counted.refused) break;
    const Request foreign{TRY(Url::parse(url), blob.what)};
    blob.offset = counted.next;
    done = download(
        blob, transport.rules(),
        [&](const std::string& range, const Receive& receive) {
          return transport.once(with_range(foreign, range), kAnswerLimit, receive);
        },
        count);
  }
  return done;
}

Result<std::vector<std::string>> Repository::tags() {
  const std::string what = cat("the tags of ", name());
  std::vector<std::string> all;
  const Request first = TRY(session_.request(path("tags/list?n=1000")));
  const Response last =
      TRY(for_each_page(session_, first, scope_,
                        [&](Response& page) { return append_tags(page, all, what); }),
          what);
  if (!last.ok()) return refusal(last, what);
  return all;
}

Result<std::vector<oci::Descriptor>> Repository::referrers(const oci::Digest& subject,
                                                           std::string_view artifact_type) {
  const std::string what = cat("what refers to ", name(), "@", subject.text());
  std::vector<oci::Descriptor> all;
  const Request first = TRY(session_.request(path(cat("referrers/", subject.text()))));
  const auto take = [&](Response& page) -> Result<void> {
    oci::Index index = TRY(oci::parse_index(std::move(page.body), oci::media_type::kIndex, what));
    std::move(index.manifests.begin(), index.manifests.end(), std::back_inserter(all));
    if (all.size() > oci::kMaxDescriptors)
      return Error::because(E2BIG, cat(what, " is more than ", oci::kMaxDescriptors));
    return {};
  };
  const Response last = TRY(for_each_page(session_, first, scope_, take), what);
  if (last.ok()) return of_type(std::move(all), artifact_type);
  if (last.status != 404) return refusal(last, what);
  return of_type(TRY(referrers_tag(subject)), artifact_type);
}

Result<std::vector<oci::Descriptor>> Repository::referrers_tag(const oci::Digest& subject) {
  std::string tag = subject.text();
  tag[tag.find(':')] = '-';
  auto raw = manifest(tag);
  if (!raw && raw.error().is(ENOENT)) return std::vector<oci::Descriptor>();
  const RawManifest found = TRY(std::move(raw));
  if (!oci::is_index(found.media_type)) return std::vector<oci::Descriptor>();
  oci::Index index = TRY(oci::parse_index(found.bytes, found.media_type, tag));
  return std::move(index.manifests);
}

Result<void> check_login(Transport& transport, const std::string& host, Insecure insecure,
                         const Credentials& credentials) {
  Session session(transport, {host, insecure, credentials});
  const auto answer = session.fetch(TRY(session.request("")), "", kAnswerLimit);
  if (!answer && answer.error().is(EACCES))
    return Error::because(EACCES, cat(host, " refuses the user name or password"));
  if (!answer) return answer.error();
  if (!answer->ok()) return refusal(*answer, host);
  return {};
}

}  // namespace wolffia::image::remote
