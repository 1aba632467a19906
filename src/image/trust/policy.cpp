// SPDX-License-Identifier: Apache-2.0
#include "image/trust/policy.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/quote.hpp"
#include "image/remote/config_files.hpp"
#include "json/field.hpp"

namespace wolffia::image::trust {
namespace {

using Kind = Requirement::Kind;

bool is_among(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Result<void> only(const json::Object& object, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.members()) {
    if (!is_among(key, known)) return object.invalid(key, "is not known here");
    if (value.is_null()) return object.invalid(key, "must not be null");
  }
  return {};
}

struct MatchForm {
  std::string_view type;
  Match match;
  const char* name;    // the member that gives Identity::name; null: none
  const char* second;  // likewise signed_prefix
};
constexpr std::array kMatches{
    MatchForm{"matchExact", Match::Exact, nullptr, nullptr},
    MatchForm{"matchRepoDigestOrExact", Match::RepoDigestOrExact, nullptr, nullptr},
    MatchForm{"matchRepository", Match::Repository, nullptr, nullptr},
    MatchForm{"exactReference", Match::ExactReference, "dockerReference", nullptr},
    MatchForm{"exactRepository", Match::ExactRepository, "dockerRepository", nullptr},
    MatchForm{"remapIdentity", Match::Remap, "prefix", "signedPrefix"},
};

Result<SignedIdentity> parse_identity(const json::Object& object) {
  const std::string type = TRY(object.get<std::string>("type"));
  const auto* form = std::find_if(kMatches.begin(), kMatches.end(),
                                  [&](const MatchForm& known) { return known.type == type; });
  if (form == kMatches.end()) return object.invalid("type", "is no way to match an identity");
  const std::string_view name = form->name ? form->name : "type";
  TRY(only(object, {"type", name, form->second ? form->second : name}));
  SignedIdentity identity{form->match, {}, {}};
  if (form->name) identity.name = TRY(object.get<std::string>(form->name));
  if (form->second) identity.signed_prefix = TRY(object.get<std::string>(form->second));
  return identity;
}

Result<std::string> decode_key(const json::Object& object, const char* name,
                               const std::string& text) {
  auto key = base64_decode(text);
  if (!key) return object.invalid(name, "must be base 64");
  return *std::move(key);
}

/// The one member of the four that says which keys are trusted.
Result<void> read_keys(const json::Object& object, Requirement& requirement) {
  std::string text;
  std::vector<std::string> texts;
  int given = 0;
  for (const char* name : {"keyPath", "keyData"}) {
    if (!object.find(name)) continue;
    ++given;
    TRY(object.read(name, text));
    if (std::string_view(name) == "keyPath")
      requirement.paths.push_back(text);
    else
      requirement.keys.push_back(TRY(decode_key(object, name, text)));
  }
  for (const char* name : {"keyPaths", "keyDatas"}) {
    if (!object.find(name)) continue;
    ++given;
    TRY(object.read(name, texts));
    for (const std::string& each : texts)
      if (std::string_view(name) == "keyPaths")
        requirement.paths.push_back(each);
      else
        requirement.keys.push_back(TRY(decode_key(object, name, each)));
  }
  if (given != 1 || (requirement.paths.empty() && requirement.keys.empty()))
    return object.invalid("must have exactly one of keyPath, keyPaths, keyData and keyDatas");
  return {};
}

Result<Requirement> parse_sigstore(const json::Object& object, Requirement requirement) {
  for (const char* name : {"fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths",
                           "rekorPublicKeyData", "rekorPublicKeyDatas"}) {
    if (!object.find(name)) continue;
    requirement.type += cat(" with ", name);
    return requirement;  // Unsupported: it asks for more than a key
  }
  TRY(only(object, {"type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity"}));
  requirement.kind = Kind::SigstoreSigned;
  TRY(read_keys(object, requirement));
  if (const auto identity = object.find("signedIdentity"))
    requirement.identity = TRY(parse_identity(TRY(identity->as<json::Object>())));
  return requirement;
}

Result<Requirement> parse_requirement(const json::Object& object) {
  Requirement requirement;
  requirement.type = TRY(object.get<std::string>("type"));
  requirement.kind = Kind::Unsupported;
  if (requirement.type == "sigstoreSigned") return parse_sigstore(object, std::move(requirement));
  if (requirement.type != "insecureAcceptAnything" && requirement.type != "reject")
    return requirement;
  TRY(only(object, {"type"}));
  requirement.kind = requirement.type == "reject" ? Kind::Reject : Kind::AcceptAnything;
  return requirement;
}

Result<Requirements> parse_requirements(const json::Field& field) {
  Requirements all;
  for (const json::Object& item : TRY(field.as<std::vector<json::Object>>()))
    all.push_back(TRY(parse_requirement(item)));
  if (all.empty()) return field.invalid("must have at least one requirement");
  return all;
}

}  // namespace

Result<Policy> Policy::parse(std::string text, const std::string& path) {
  const json::Document document = TRY(json::Document::parse(std::move(text), path));
  const json::Object root = TRY(document.root().as<json::Object>());
  TRY(only(root, {"default", "transports"}), path);
  Policy policy;
  const json::Field fallback = TRY(root.get<json::Field>("default"), path);
  policy.default_ = TRY(parse_requirements(fallback), path);
  const auto transports = root.find("transports");
  if (!transports) return policy;
  for (const auto& [transport, value] : TRY(transports->as<json::Object>(), path).members()) {
    const json::Object scopes = TRY(value.as<json::Object>(), path);
    for (const auto& [scope, requirements] : scopes.members()) {
      Requirements parsed = TRY(parse_requirements(requirements), path);
      policy.scopes_.push_back({std::string(transport), std::string(scope), std::move(parsed)});
    }
  }
  return policy;
}

Result<Policy> Policy::load(const std::string& wanted) {
  std::vector<std::string> places = remote::config_places("policy.json");
  if (!wanted.empty()) places = {wanted};
  for (const std::string& path : places) {
    std::optional<std::string> text = TRY(remote::read_config(path));
    if (text) return parse(*std::move(text), path);
  }
  if (!wanted.empty()) return Error::because(ENOENT, cat("there is no policy file ", wanted));
  Policy policy;
  policy.default_.push_back({Kind::AcceptAnything, "insecureAcceptAnything", {}, {}, {}});
  return policy;
}

const Requirements* Policy::find(std::string_view transport, std::string_view scope) const {
  for (const Scope& known : scopes_)
    if (known.transport == transport && known.name == scope) return &known.requirements;
  return nullptr;
}

const Requirements& Policy::most_specific(std::string_view transport,
                                          const std::vector<std::string>& scopes) const {
  for (const std::string& scope : scopes)
    if (const Requirements* found = find(transport, scope)) return *found;
  const Requirements* of_transport = find(transport, "");
  return of_transport ? *of_transport : default_;
}

const Requirements& Policy::for_registry(const Reference& reference) const {
  return most_specific("docker", registry_scopes(reference));
}

const Requirements& Policy::for_path(std::string_view transport, std::string_view path) const {
  std::vector<std::string> scopes;
  for (; path.size() > 1; path = path.substr(0, path.rfind('/')))
    scopes.emplace_back(path);
  return most_specific(transport, scopes);
}

std::vector<std::string> registry_scopes(const Reference& reference) {
  std::string name = reference.name();
  std::vector<std::string> scopes;
  scopes.push_back(reference.digest ? cat(name, "@", reference.digest->text())
                                    : cat(name, ":", reference.tag));
  scopes.push_back(name);
  for (size_t slash = name.rfind('/'); slash != std::string::npos; slash = name.rfind('/')) {
    name.resize(slash);
    scopes.push_back(name);
  }
  name = reference.host.substr(0, reference.host.find(':'));
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
    name.erase(0, dot + 1);
    scopes.push_back(cat("*.", name));
  }
  return scopes;
}

}  // namespace wolffia::image::trust
