// SPDX-License-Identifier: Apache-2.0
#include "cli/image/source.hpp"

#include <unistd.h>

#include <charconv>

#include "base/quote.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "image/local/archive_writer.hpp"
#include "image/local/layout.hpp"
#include "image/local/layout_writer.hpp"
#include "image/trust/policy.hpp"
#include "image/trust/signatures.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::image {
namespace remote = wolffia::image::remote;
namespace trust = wolffia::image::trust;
namespace {

using wolffia::image::ArchiveFile;
using wolffia::image::Destination;
using wolffia::image::Reference;
using Kind = Location::Kind;

struct Transport {
  std::string_view prefix;
  Kind kind;
};
constexpr Transport kTransports[] = {
    {"oci:", Kind::Layout},
    {"oci-archive:", Kind::LayoutArchive},
    {"docker-archive:", Kind::DockerArchive},
    {"docker://", Kind::Registry},
};

/// Of containers-transports(5) those that are not ours: "dir:x" is no image called "dir".
constexpr std::string_view kOthers[] = {
    "dir:", "containers-storage:", "docker-daemon:", "sif:", "ostree:", "tarball:", "docker:"};

/// As policy.json calls it: the transport without its colon.
std::string_view transport_name(Kind kind) {
  for (const Transport& transport : kTransports)
    if (transport.kind == kind) return transport.prefix.substr(0, transport.prefix.find(':'));
  return {};
}

Result<std::unique_ptr<wolffia::image::Source>> open_local(const Location& location,
                                                           std::string name) {
  const bool is_directory = location.kind == Kind::Layout;
  auto files = TRY(is_directory ? wolffia::image::files_of_directory(location.path)
                                : wolffia::image::files_of_archive(location.path));
  if (location.kind == Kind::DockerArchive)
    return wolffia::image::open_docker_archive(std::move(files), location.tag, std::move(name));
  return wolffia::image::open_layout(std::move(files), location.tag, std::move(name));
}

Result<std::unique_ptr<ArchiveFile>> to_standard_output(ArchiveFile::Late late) {
  const sys::BorrowedFd out(STDOUT_FILENO);
  sys::InRoot again = TRY(sys::same_again(out.fd()));
  return ArchiveFile::to_stream(std::move(again), late);
}

Result<std::unique_ptr<Destination>> open_archive(const Location& location, std::string name) {
  auto archive = TRY(make_archive(location.kind, location.path, std::move(name)));
  if (!location.tag.empty()) archive->name_next({location.tag});
  return std::unique_ptr<Destination>(std::move(archive));
}

/// Lets the person at the terminal choose. Errors: EINVAL when the answer is none of the numbers.
Result<Reference> ask_which(const std::string& name, const std::vector<Reference>& names) {
  std::string question = cat(quoted(name), " may be one of\n");
  for (size_t i = 0; i < names.size(); ++i)
    question += cat("  ", i + 1, "  ", names[i].text(), "\n");
  print_message(question + "which one? ");
  std::string answer;
  for (char c = 0; ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n' && answer.size() < 8;)
    answer += c;
  size_t number = 0;
  const auto [end, fault] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
  if (fault != std::errc() || end != answer.data() + answer.size() || number < 1 ||
      number > names.size())
    return Error::because(EINVAL, cat("give a number from 1 to ", names.size()));
  return names[number - 1];
}

}  // namespace

Result<std::unique_ptr<wolffia::image::ImageArchive>> make_archive(Kind kind,
                                                                   const std::string& path,
                                                                   std::string name) {
  const bool is_docker = kind == Kind::DockerArchive;
  const auto late = is_docker ? ArchiveFile::Late::Yes : ArchiveFile::Late::No;
  auto file = TRY(path.empty() ? to_standard_output(late) : ArchiveFile::create(path, late));
  return is_docker ? wolffia::image::write_docker_archive(std::move(file), std::move(name))
                   : wolffia::image::write_layout_archive(std::move(file), std::move(name));
}

Result<Location> parse_location(std::string_view text) {
  for (const std::string_view other : kOthers) {
    if (text.starts_with(other) && !text.starts_with("docker://"))
      return Error::because(EINVAL, cat(quoted(text),
                                        " must be NAME, oci:DIR, oci-archive:FILE or "
                                        "docker-archive:FILE"));
  }
  Location location{.kind = Kind::Registry, .path = std::string(text), .tag = {}};
  for (const Transport& transport : kTransports) {
    if (!text.starts_with(transport.prefix)) continue;
    location.kind = transport.kind;
    location.path = text.substr(transport.prefix.size());
  }
  if (location.kind != Kind::Registry) {
    const size_t colon = location.path.find(':');
    if (colon != std::string::npos) {
      location.tag = location.path.substr(colon + 1);
      location.path.resize(colon);
    }
  }
  if (location.path.empty())
    return Error::because(EINVAL, cat(quoted(text), " names no image: a path or name is missing"));
  return location;
}

/// "USER:PASSWORD", as podman takes it; a password on a command line is for everybody to see.
Result<remote::Credentials> parse_credentials(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos)
    return Error::because(EINVAL, "--creds must be USER:PASSWORD");
  return remote::Credentials{.user = std::string(text.substr(0, colon)),
                             .password = std::string(text.substr(colon + 1)),
                             .identity_token = {}};
}

Result<Access> Access::open(const Arguments& arguments, wolffia::image::Progress* told) {
  remote::Identity identity;
  identity.files = remote::auth_files(std::string(arguments.value(kAuthfile)));
  if (const auto given = arguments.find(kCreds)) identity.given = TRY(parse_credentials(*given));
  Access access(std::move(identity));
  access.told_ = told;
  access.verify_ = arguments.value(kTlsVerify, "true") == "true";
  access.certificates_ = arguments.value(kCertDir);
  access.policy_ = arguments.value(kPolicy);
  return access;
}

Result<void> Access::prepare() {
  if (transport_) return {};
  registries_ = TRY(remote::Registries::load());
  std::vector<std::string> directories = remote::certificate_directories();
  if (!certificates_.empty()) directories.insert(directories.begin(), certificates_);
  remote::RetryRules rules;
  if (told_) rules.notice = [told = told_](const std::string& text) { told->note(text); };
  transport_ = std::make_unique<remote::Transport>(std::move(directories), remote::Patience(),
                                                   std::move(rules));
  return {};
}

Result<std::vector<Reference>> Access::expand(const std::string& name) const {
  remote::Expansion expansion = TRY(registries_->expand(name));
  if (!expansion.ambiguous) return std::move(expansion.names);
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1)
    return remote::ambiguous_name(name, expansion);
  return std::vector{TRY(ask_which(name, expansion.names))};
}

Result<Opened> Access::registry(const std::string& name) {
  TRY(prepare());
  const std::vector<Reference> names = TRY(expand(name));
  for (const Reference& reference : names) {
    std::vector<remote::Place> places = TRY(registries_->places(reference));
    if (!verify_)
      for (remote::Place& place : places)
        place.insecure = remote::Insecure::Yes;
    auto source = remote::open_registry(*transport_, places, identity_, reference.text());
    const bool is_last = &reference == &names.back();
    if (!is_last && !source->top()) continue;  // the last one's failure is the one to tell
    return Opened{std::move(source), {}, reference, std::move(places)};
  }
  return Error::because(ENOENT, cat(quoted(name), " names no image"));
}

Result<void> Access::log_in(const std::string& host, const remote::Credentials& credentials) {
  TRY(prepare());
  const Reference any{.host = host, .repository = "x", .tag = "x", .digest = {}};
  remote::Place place = TRY(registries_->destination(any));
  if (!verify_) place.insecure = remote::Insecure::Yes;
  return remote::check_login(*transport_, host, place.insecure, credentials);
}

Result<Opened> Access::source(std::string_view text) {
  Location location = TRY(parse_location(text));
  Opened opened;
  if (location.kind == Kind::Registry)
    opened = TRY(registry(location.path));
  else
    opened.source = TRY(open_local(location, std::string(text)));
  opened.location = std::move(location);
  return opened;
}

Result<void> Access::check_policy(const Opened& opened, const oci::Digest& image) {
  if (opened.reference) {
    const trust::Policy policy = TRY(trust::Policy::load(policy_));
    const oci::Digest top = TRY(opened.source->top()).digest;
    return trust::check_registry_image(policy, *transport_, opened.places, identity_,
                                       {*opened.reference, {top, image}});
  }
  return check_policy(opened.location, image);
}

Result<void> Access::check_policy(const Location& location, const oci::Digest& image) const {
  const trust::Policy policy = TRY(trust::Policy::load(policy_));
  std::string path = location.path;
  if (!path.empty()) path = TRY(sys::resolve(path.c_str()), path);
  const std::string_view transport = transport_name(location.kind);
  // What messages call it: "oci:/a/b".
  const Reference name{.host = cat(transport, ":"),
                       .repository = path.empty() ? "-" : path.substr(1),
                       .tag = {},
                       .digest = {}};
  return trust::check(policy.for_path(transport, path), {name, {image}}, {});
}

Result<std::unique_ptr<remote::Repository>> Access::repository(const Opened& opened,
                                                               remote::Rights rights) {
  if (!opened.reference)
    return Error::because(EINVAL,
                          cat(opened.source->name(), " is not in a registry: signatures are"));
  remote::Place place = TRY(registries_->destination(*opened.reference));
  if (!verify_) place.insecure = remote::Insecure::Yes;
  return remote::Repository::open(*transport_, place, identity_, rights);
}

Result<std::unique_ptr<Destination>> Access::destination(std::string_view text,
                                                         std::string_view name) {
  Location location = TRY(parse_location(text));
  if (location.kind == Kind::Layout)
    return wolffia::image::write_layout(location.path, std::move(location.tag), std::string(text));
  if (location.kind != Kind::Registry) {
    if (location.tag.empty()) location.tag = name;
    return open_archive(location, std::string(text));
  }
  TRY(prepare());
  // Whose registry it is has to be said: pushing goes nowhere by default.
  const Reference reference = TRY(wolffia::image::parse_reference(location.path));
  remote::Place place = TRY(registries_->destination(reference));
  if (!verify_) place.insecure = remote::Insecure::Yes;
  return remote::open_registry_destination(*transport_, place, identity_, {});
}

}  // namespace wolffia::cli::image
