// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "cli/image/ask.hpp"
#include "cli/image/commands.hpp"
#include "cli/image/source.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/trust/key.hpp"
#include "image/trust/policy.hpp"
#include "image/trust/signatures.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::image {
namespace {

namespace remote = wolffia::image::remote;
namespace trust = wolffia::image::trust;

/// What both commands are about: an image of a registry, and a key.
struct Signed {
  Opened opened;
  oci::Digest digest;  // of the image for the wanted platform
  std::string key;     // the file's path
};

Result<Signed> open_signed(const Arguments& arguments, Access& access) {
  const auto key = arguments.find(kKey);
  if (!key) return Error::because(EINVAL, "--key FILE is missing");
  const oci::Platform platform = TRY(wanted_platform(arguments));
  Opened opened = TRY(access.source(arguments.positionals()[0]));
  const auto image = TRY(wolffia::image::resolve_image(*opened.source, platform));
  return Signed{std::move(opened), image.raw.digest, std::string(*key)};
}

/// As cosign takes it.
Result<std::string> key_password(const std::string& key) {
  if (const char* given = std::getenv("COSIGN_PASSWORD")) return std::string(given);
  if (can_ask()) return ask_hidden("password of the key");
  return Error::because(EINVAL,
                        cat(key, " is encrypted: set COSIGN_PASSWORD, or sign at a terminal"));
}

}  // namespace

Result<int> run_sign(const Arguments& arguments) {
  constexpr size_t kKeyLimit = 64U << 10;
  Access access = TRY(Access::open(arguments));
  const Signed what = TRY(open_signed(arguments, access));
  const std::string pem = TRY(sys::read_file(sys::cwd(), what.key.c_str(), kKeyLimit), what.key);
  const trust::Key key =
      TRY(trust::Key::parse_private(pem, what.key, [&] { return key_password(what.key); }));
  const auto repository = TRY(access.repository(what.opened, remote::Rights::Push));
  // With its tag, as policies ask for by default (matchRepoDigestOrExact); by digest there is none.
  const wolffia::image::Reference& name = *what.opened.reference;
  const std::string identity = name.digest ? name.name() : name.text();
  const trust::Signature signature = TRY(trust::make_signature(key, identity, what.digest));
  TRY(trust::push_signature(*repository, what.digest, signature), repository->name());
  TRY(print(cat(what.digest.text(), "\n")));
  return 0;
}

Result<int> run_verify(const Arguments& arguments) {
  Access access = TRY(Access::open(arguments));
  const Signed what = TRY(open_signed(arguments, access));
  const auto repository = TRY(access.repository(what.opened, remote::Rights::Pull));
  const auto signatures = TRY(trust::fetch_signatures(*repository, what.digest));
  trust::Requirement requirement;
  requirement.kind = trust::Requirement::Kind::SigstoreSigned;
  requirement.type = "sigstoreSigned";
  requirement.paths = {TRY(sys::resolve(what.key.c_str()), what.key)};
  requirement.identity.match = trust::Match::Repository;
  TRY(trust::check({requirement}, {*what.opened.reference, {what.digest}}, signatures));
  TRY(print(cat(what.digest.text(), "\n")));
  return 0;
}

}  // namespace wolffia::cli::image
