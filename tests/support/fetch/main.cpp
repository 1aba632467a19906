// SPDX-License-Identifier: Apache-2.0
// fetch [NAME=VALUE…] REFERENCE DIRECTORY: pulls an image of linux/amd64 into files named by their
// digests, each verified, and prints the manifest's. Instead of a directory, push:REFERENCE is a
// registry to copy it to, and with sign=FILE it is signed there. What goes wrong is "ERRNO:
// message" on standard error, each wait before another try "notice: …". The names are those of
// kSettings.
#include <fcntl.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "image/layer/hash.hpp"
#include "image/remote/registry.hpp"
#include "image/transfer/resolve.hpp"
#include "image/trust/signatures.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace {

using namespace wolffia;
using image::remote::Transport;

struct Settings {
  image::remote::Patience patience;
  image::remote::RetryRules rules;
  std::vector<std::string> certificates;
  std::string user, password, from, key;
  long threads = 1;
};

struct Setting {
  const char* name;
  void (*set)(Settings&, const char* value);
};
constexpr Setting kSettings[] = {
    {"stall", [](Settings& s, const char* v) { s.patience.stall = std::chrono::seconds(atol(v)); }},
    {"connect",
     [](Settings& s, const char* v) { s.patience.connect = std::chrono::milliseconds(atol(v)); }},
    {"wait",
     [](Settings& s, const char* v) { s.rules.first_wait = std::chrono::milliseconds(atol(v)); }},
    {"certs", [](Settings& s, const char* v) { s.certificates.emplace_back(v); }},
    {"user", [](Settings& s, const char* v) { s.user = v; }},
    {"password", [](Settings& s, const char* v) { s.password = v; }},
    {"from", [](Settings& s, const char* v) { s.from = v; }},
    {"sign", [](Settings& s, const char* v) { s.key = v; }},
    {"threads", [](Settings& s, const char* v) { s.threads = atol(v); }},
};

bool apply(Settings& settings, const char* argument) {
  const char* equals = std::strchr(argument, '=');
  if (!equals) return false;
  for (const Setting& setting : kSettings)
    if (std::string_view(argument, equals) == setting.name) setting.set(settings, equals + 1);
  return true;
}

Result<void> save(image::Source& source, const oci::Descriptor& blob, const sys::Fd& dir) {
  const sys::Fd file = TRY(sys::open_at(dir, std::string(blob.digest.hex()).c_str(),
                                        O_WRONLY | O_CREAT | O_TRUNC, 0644));
  image::Hasher hasher(blob.digest.algorithm());
  TRY(source.blob(blob, 0, [&](std::span<const std::byte> bytes) -> Result<void> {
    hasher.add(bytes);
    return sys::write_all(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }));
  if (hasher.finish() == blob.digest) return {};
  return Error::because(EINVAL, cat(blob.digest.text(), " is not what its digest says"));
}

Result<void> save_layers(image::Source& source, const std::vector<oci::Descriptor>& layers,
                         const sys::Fd& dir, long threads) {
  std::atomic<size_t> next = 0;
  std::vector<Result<void>> done(layers.size());
  {
    std::vector<std::jthread> workers;
    for (long i = 0; i < threads; ++i)
      workers.emplace_back([&] {
        for (size_t at = next++; at < layers.size(); at = next++)
          done[at] = save(source, layers[at], dir);
      });
  }
  for (Result<void>& result : done)
    TRY(std::move(result));
  return {};
}

/// Registries, and who we are there.
struct World {
  Transport transport;
  image::remote::Registries registries;
  image::remote::Identity identity;
};

Result<std::unique_ptr<image::Source>> open_source(World& world, const char* name) {
  const auto expansion = TRY(world.registries.expand(name));
  if (expansion.ambiguous) return image::remote::ambiguous_name(name, expansion);
  const image::Reference& reference = expansion.names.front();
  return image::remote::open_registry(world.transport, TRY(world.registries.places(reference)),
                                      world.identity, reference.text());
}

Result<void> sign(World& world, const Settings& settings, const image::Reference& reference,
                  const image::RawManifest& raw) {
  const auto place = TRY(world.registries.destination(reference));
  const auto repository = TRY(image::remote::Repository::open(
      world.transport, place, world.identity, image::remote::Rights::Push));
  const std::string pem = TRY(sys::read_file(sys::cwd(), settings.key.c_str(), 1 << 20));
  const auto key = TRY(
      image::trust::Key::parse_private(pem, settings.key, [] { return Result<std::string>(""); }));
  const auto signature = TRY(image::trust::make_signature(key, reference.text(), raw.digest));
  return image::trust::push_signature(*repository, raw.digest, signature);
}

Result<void> push(World& world, const Settings& settings, image::Source& source,
                  const image::ResolvedImage& resolved, const char* name) {
  const image::Reference reference = TRY(image::parse_reference(name));
  const auto destination = TRY(image::remote::open_registry_destination(
      world.transport, TRY(world.registries.destination(reference)), world.identity,
      settings.from));
  std::vector<oci::Descriptor> blobs = resolved.manifest.layers;
  blobs.push_back(resolved.manifest.config);
  for (const oci::Descriptor& blob : blobs)
    if (!TRY(destination->has(blob))) TRY(destination->put(blob, source));
  TRY(destination->put_manifest(resolved.raw));
  TRY(destination->finish(resolved.raw));
  return settings.key.empty() ? Result<void>() : sign(world, settings, reference, resolved.raw);
}

Result<void> save_image(image::Source& source, const image::ResolvedImage& resolved,
                        const char* directory, long threads) {
  (void)sys::make_directory(sys::cwd(), directory, 0755);  // opening it tells
  const sys::Fd dir = TRY(sys::open_at(sys::cwd(), directory, O_RDONLY | O_DIRECTORY));
  return save_layers(source, resolved.manifest.layers, dir, threads);
}

Result<void> pull(Settings& settings, const char* name, const char* target) {
  settings.rules.notice = [](const std::string& text) {
    (void)std::fprintf(stderr, "notice: %s\n", text.c_str());
  };
  image::remote::Identity identity{image::remote::auth_files(""), {}};
  if (!settings.user.empty()) identity.given = {settings.user, settings.password, ""};
  auto registries = TRY(image::remote::Registries::load());
  World world{Transport(settings.certificates, settings.patience, settings.rules),
              std::move(registries), std::move(identity)};
  const auto source = TRY(open_source(world, name));
  const oci::Platform platform = TRY(oci::parse_platform("linux/amd64"));
  const image::ResolvedImage resolved = TRY(image::resolve_image(*source, platform));
  if (std::string_view(target).starts_with("push:"))
    TRY(push(world, settings, *source, resolved, target + 5));
  else
    TRY(save_image(*source, resolved, target, settings.threads));
  (void)std::printf("%s\n", resolved.raw.digest.text().c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  int first = 1;
  while (first < argc && apply(settings, argv[first]))
    ++first;
  if (argc - first != 2) return 2;
  const auto done = pull(settings, argv[first], argv[first + 1]);
  if (done) return 0;
  (void)std::fprintf(stderr, "%s: %s\n", strerrorname_np(done.error().code()),
                     done.error().message().c_str());
  return 1;
}
