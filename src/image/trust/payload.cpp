// SPDX-License-Identifier: Apache-2.0
#include "image/trust/payload.hpp"

#include "json/field.hpp"
#include "json/writer.hpp"

namespace wolffia::image::trust {
namespace {

constexpr std::string_view kType = "cosign container image signature";

/// The member `key`, an object of so many members: with all that are needed there is none unknown.
Result<json::Object> inner(const json::Object& object, const char* key, size_t members) {
  const json::Object found = TRY(object.get<json::Object>(key));
  if (found.members().size() != members)
    return object.invalid(key, cat("must have exactly ", members, " members"));
  return found;
}

/// A name as a signature has it: parsed, and whether it has a tag or digest of its own.
struct Named {
  Reference reference;
  bool whole = false;
};

std::optional<Named> parse_named(std::string_view text) {
  const auto reference =
      parse_reference(has_host(text) ? std::string(text) : cat("docker.io/", text));
  if (!reference) return {};
  const std::string_view last = text.substr(text.rfind('/') == text.npos ? 0 : text.rfind('/'));
  return Named{*reference, last.find_first_of(":@") != std::string_view::npos};
}

bool same_name(const Named& a, const Reference& b) {
  return a.reference.name() == b.name();
}

bool repo_digest_or_exact(const Named& signed_name, const Reference& image) {
  if (!same_name(signed_name, image)) return false;
  if (image.digest) return true;  // which is verified anyway
  return signed_name.whole && signed_name.reference.text() == image.text();
}

/// `image` with `prefix` in the place of the one that the rule names; the same where it has
/// another.
std::optional<Reference> remapped(const SignedIdentity& rule, const Reference& image) {
  const std::string text = image.text();
  const size_t size = rule.name.size();
  const bool matches = text.starts_with(rule.name) && text.size() > size &&
                       (text[size] == '/' || image.name().size() == size);
  if (!matches) return image;
  auto moved = parse_reference(cat(rule.signed_prefix, text.substr(size)));
  if (!moved) return {};
  return std::move(moved).value();
}

}  // namespace

Result<Payload> parse_payload(const std::string& text) {
  const auto document = TRY(json::Document::parse(text, "the signed text"));
  const json::Object root = TRY(document.root().as<json::Object>());
  for (const auto& [key, value] : root.members())
    if (key != "critical" && key != "optional") return root.invalid(key, "is not known here");
  const json::Object critical = TRY(inner(root, "critical", 3));
  const json::Object identity = TRY(inner(critical, "identity", 1));
  const json::Object image = TRY(inner(critical, "image", 1));
  if (TRY(critical.get<std::string>("type")) != kType)
    return critical.invalid("type", cat("must be \"", kType, "\""));
  std::string name = TRY(identity.get<std::string>("docker-reference"));
  const std::string digest = TRY(image.get<std::string>("docker-manifest-digest"));
  oci::Digest manifest = TRY(oci::Digest::parse(digest), "critical.image");
  return Payload{std::move(name), std::move(manifest)};
}

std::string make_payload(const Payload& payload) {
  json::Writer out;
  out.begin_object().key("critical").begin_object();
  out.key("identity").begin_object().member("docker-reference", payload.identity).end_object();
  out.key("image").begin_object();
  out.member("docker-manifest-digest", payload.manifest.text()).end_object();
  out.member("type", kType).end_object().key("optional").null().end_object();
  return std::move(out).take();
}

bool identity_matches(const SignedIdentity& rule, std::string_view identity,
                      const Reference& image) {
  const std::optional<Named> name = parse_named(identity);
  if (!name) return false;
  const std::optional<Named> given = parse_named(rule.name);
  switch (rule.match) {
    case Match::RepoDigestOrExact:
      return repo_digest_or_exact(*name, image);
    case Match::Exact:
      return name->whole && !image.tag.empty() && !image.digest &&
             name->reference.text() == image.text();
    case Match::Repository:
      return same_name(*name, image);
    case Match::ExactReference:
      return given && given->whole && name->whole &&
             name->reference.text() == given->reference.text();
    case Match::ExactRepository:
      return given && same_name(*name, given->reference);
    case Match::Remap: {
      const std::optional<Reference> moved = remapped(rule, image);
      return moved && repo_digest_or_exact(*name, *moved);
    }
  }
  return false;
}

}  // namespace wolffia::image::trust
