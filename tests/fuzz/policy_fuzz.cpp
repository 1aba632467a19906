// SPDX-License-Identifier: Apache-2.0
// What decides whether an image may be used: policy.json, registries.d, registries.conf, and the
// text of a signature. A policy that was read has a requirement for every image.
#include <string_view>

#include "fuzz/require.hpp"
#include "image/remote/registries.hpp"
#include "image/trust/attachments.hpp"
#include "image/trust/key.hpp"
#include "image/trust/payload.hpp"
#include "image/trust/policy.hpp"

namespace {

using namespace wolffia;
using namespace wolffia::image;
using fuzz::require;

const Reference& some_image() {
  static const Reference image = parse_reference("a.example.com:5000/team/app:1").value();
  return image;
}

void check_policy(const std::string& text) {
  const auto policy = trust::Policy::parse(text, "policy.json");
  if (!policy) {
    fuzz::require_sentence(policy.error());
    return;
  }
  require(!policy->for_registry(some_image()).empty());
  for (const trust::Requirement& requirement : policy->for_path("oci", "/a/b")) {
    const bool wants_key = requirement.kind == trust::Requirement::Kind::SigstoreSigned;
    require(!wants_key || !requirement.paths.empty() || !requirement.keys.empty());
  }
}

void check_payload(const std::string& text) {
  const auto payload = trust::parse_payload(text);
  if (!payload) return;
  const auto again = trust::parse_payload(trust::make_payload(*payload));
  require(bool{again} && again->identity == payload->identity);
  for (const trust::Match match : {trust::Match::RepoDigestOrExact, trust::Match::Repository})
    (void)trust::identity_matches({match, {}, {}}, payload->identity, some_image());
}

void check_registries(const std::string& text) {
  auto file = remote::parse_registries(text, "registries.conf");
  if (!file) {
    fuzz::require_sentence(file.error());
    return;
  }
  remote::Registries registries;
  registries.add(std::move(file).value());
  const auto expansion = registries.expand("app:1");
  require(!expansion || !expansion->names.empty());
  const auto places = registries.places(some_image());
  require(!places || !places->empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_policy(text);
  check_payload(text);
  check_registries(text);
  trust::Attachments attachments;
  if (attachments.add(text, "a.yaml")) (void)attachments.used_for(some_image());
  (void)trust::Key::parse_public(text, "key");
  return 0;
}
