// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "image/remote/config_files.hpp"
#include "image/trust/attachments.hpp"
#include "image/trust/payload.hpp"
#include "image/trust/signatures.hpp"

namespace wolffia::image::trust {
namespace {

using Kind = Requirement::Kind;

Result<std::vector<Key>> trusted_keys(const Requirement& requirement) {
  std::vector<Key> keys;
  for (const std::string& path : requirement.paths) {
    const std::optional<std::string> pem = TRY(remote::read_config(path));
    if (!pem) return Error::because(ENOENT, cat("the key ", path, " of the policy is missing"));
    keys.push_back(TRY(Key::parse_public(*pem, path)));
  }
  for (const std::string& pem : requirement.keys)
    keys.push_back(TRY(Key::parse_public(pem, "a key of the policy")));
  return keys;
}

/// Why one signature does not count; empty: it does. Nothing of the payload is read before it is
/// known who wrote it.
std::string fault_of(const Signature& signature, const std::vector<Key>& keys,
                     const Requirement& requirement, const Subject& subject) {
  const auto verifies = [&](const Key& key) {
    return key.verifies(signature.payload, signature.signature);
  };
  if (std::none_of(keys.begin(), keys.end(), verifies)) return "is not by a key of the policy";
  const auto payload = parse_payload(signature.payload);
  if (!payload) return cat("cannot be read: ", payload.error().message());
  if (std::find(subject.digests.begin(), subject.digests.end(), payload->manifest) ==
      subject.digests.end())
    return cat("is for ", payload->manifest.text());
  if (!identity_matches(requirement.identity, payload->identity, subject.name))
    return cat("is for the name ", payload->identity);
  return {};
}

Result<void> check_signed(const Requirement& requirement, const Subject& subject,
                          std::span<const Signature> signatures) {
  const std::vector<Key> keys = TRY(trusted_keys(requirement));
  std::string faults;
  for (const Signature& signature : signatures) {
    const std::string fault = fault_of(signature, keys, requirement, subject);
    if (fault.empty()) return {};
    if (faults.size() < 1000) faults += cat(faults.empty() ? "" : "; one ", fault);
  }
  return Error::because(
      EACCES, signatures.empty()
                  ? cat(subject.name.text(), " must be signed, and has no signature")
                  : cat(subject.name.text(), " has no signature that counts: one ", faults));
}

Result<void> check_one(const Requirement& requirement, const Subject& subject,
                       std::span<const Signature> signatures) {
  switch (requirement.kind) {
    case Kind::AcceptAnything:
      return {};
    case Kind::SigstoreSigned:
      return check_signed(requirement, subject, signatures);
    case Kind::Reject:
      return Error::because(EACCES, cat("policy.json rejects ", subject.name.text()));
    case Kind::Unsupported:
      break;
  }
  return Error::because(EACCES, cat(subject.name.text(), " must be ", requirement.type,
                                    " by policy.json, which cannot be checked"));
}

bool is_hopeless(const Requirement& requirement) {
  return requirement.kind == Kind::Reject || requirement.kind == Kind::Unsupported;
}

/// Those of every digest, from one place.
Result<std::vector<Signature>> all_signatures(remote::Transport& transport,
                                              const remote::Place& place,
                                              const remote::Identity& identity,
                                              const Subject& subject) {
  const auto repository = TRY(remote::Repository::open(transport, place, identity));
  std::vector<Signature> all;
  for (const oci::Digest& digest : subject.digests) {
    std::vector<Signature> found = TRY(fetch_signatures(*repository, digest));
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace

bool wants_signatures(const Requirements& requirements) {
  return std::none_of(requirements.begin(), requirements.end(), is_hopeless) &&
         std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
           return requirement.kind == Kind::SigstoreSigned;
         });
}

Result<void> check(const Requirements& requirements, const Subject& subject,
                   std::span<const Signature> signatures) {
  for (const Requirement& requirement : requirements)
    TRY(check_one(requirement, subject, signatures));
  return {};
}

Result<void> check_registry_image(const Policy& policy, remote::Transport& transport,
                                  const std::vector<remote::Place>& places,
                                  const remote::Identity& identity, const Subject& subject) {
  const Requirements& requirements = policy.for_registry(subject.name);
  if (!wants_signatures(requirements)) return check(requirements, subject, {});
  const Attachments attachments = TRY(Attachments::load());
  if (!attachments.used_for(subject.name).value_or(true)) return check(requirements, subject, {});
  Result<void> outcome = check(requirements, subject, {});
  for (const remote::Place& place : places) {
    const auto signatures = all_signatures(transport, place, identity, subject);
    outcome = signatures ? check(requirements, subject, *signatures)
                         : Result<void>(Error(signatures.error()).context("reading signatures"));
    if (outcome) return {};
  }
  return outcome;
}

}  // namespace wolffia::image::trust
