// SPDX-License-Identifier: Apache-2.0
#include "image/store.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "base/quote.hpp"
#include "image/layer_list.hpp"
#include "image/store_files.hpp"
#include "oci/parse_image.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr std::string_view kOurVersion = "1\n";
constexpr size_t kShortestId = 12;

/// A directory and where it is, ours or one of the read-only ones.
struct Place {
  const std::string& path;
  const sys::Fd& directory;
};

Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  return cat(TRY(sys::working_directory()), "/", path);
}

/// Makes `path` and what is missing above it.
Result<void> make_directories(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    (void)sys::make_directory(sys::cwd(), path.substr(0, slash).c_str(), S_IRWXU);  // or it exists
  auto made = sys::make_directory(sys::cwd(), path.c_str(), S_IRWXU);
  if (!made && !made.error().is(EEXIST)) return made;
  return {};
}

/// Follows a link in place of the directory only where it is our own: homes are small on many
/// clusters, and people put the store elsewhere so.
Result<sys::Fd> open_own(const std::string& path) {
  auto directory = sys::open_directory(sys::cwd(), path.c_str());
  if (directory || (!directory.error().is(ENOTDIR) && !directory.error().is(ELOOP)))
    return directory;
  const struct stat link = TRY(sys::stat_entry(sys::cwd(), path.c_str()));
  if (S_ISLNK(link.st_mode) && link.st_uid == sys::effective_uid())
    return sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY);
  return directory;
}

Result<void> check_ours(const sys::Fd& directory) {
  const struct stat status = TRY(sys::stat_fd(directory));
  const uint32_t uid = sys::effective_uid();
  if (status.st_uid != uid)
    return Error::because(EPERM, cat("belongs to uid ", status.st_uid, ", not to uid ", uid,
                                     ": choose another directory with --store"));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error::because(EPERM, "is writable by others: chmod go-w it");
  return {};
}

/// Whether a directory without a version can become a store: all in it is a version that another
/// process is writing, or belongs to the file system.
Result<bool> is_free(const sys::Fd& directory) {
  const std::vector<std::string> names = TRY(sys::entry_names(directory, SIZE_MAX));
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kVersion || name.starts_with(".version.") || name == "lost+found";
  });
}

Result<void> check_version(const sys::Fd& directory) {
  const auto version = sys::read_record(directory, kVersion, kRecordLimit);
  if (version && *version == kOurVersion) return {};
  if (version)
    return Error::because(
        ENOTSUP, cat("is a store of version ", quoted(*version), ", made by a newer wolffia"));
  if (!version.error().is(ENOENT)) return version.error();
  return Error::because(ENOENT, "is no store of images");
}

/// Every store that is read, ours first, until `visit` returns true.
template <class Visit>
Result<void> visit_stores(const Place& own, Visit visit) {
  if (TRY(visit(own, false))) return {};
  const char* list = std::getenv("WOLFFIA_ADDITIONAL_STORES");  // NOLINT(concurrency-mt-unsafe)
  std::string_view rest = list ? list : "";
  while (!rest.empty()) {
    const std::string path(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(path.size() + 1, rest.size()));
    if (path.empty()) continue;
    const sys::Fd directory =
        TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY), path);
    TRY(check_version(directory), path);
    if (TRY(visit(Place{path, directory}, true))) return {};
  }
  return {};
}

/// The image with trees of `owners`; nullopt where the store has none such.
Result<std::optional<StoredImage>> load(const Place& place, const oci::Digest& manifest,
                                        std::string_view owners) {
  const std::string list_path = layers_path(manifest, owners);
  const auto list = TRY(read_layer_list(place.directory, list_path));
  if (!list) return std::optional<StoredImage>();
  const std::string config_path = cat(image_path(manifest), "/config");
  std::string text =
      TRY(sys::read_record(place.directory, config_path.c_str(), oci::kManifestLimit), config_path);
  oci::ImageConfig config = TRY(oci::parse_image_config(std::move(text), config_path));
  StoredImage image{manifest, std::move(config), {}, list->size};
  for (auto key = list->keys.begin(); key != list->keys.end(); ++key) {
    // The same layer twice is as good as once, in the higher place, and overlayfs takes it only so.
    if (std::find(key + 1, list->keys.end(), *key) != list->keys.end()) continue;
    image.layers.push_back(cat(place.path, "/", layer_path(owners, *key), "/tree"));
  }
  return std::optional<StoredImage>(std::move(image));
}

/// load(); in a store of somebody else, of whom we have no maps, one owner will do as well.
Result<std::optional<StoredImage>> load_any(const Place& place, bool additional,
                                            const oci::Digest& manifest, std::string_view owners) {
  auto image = TRY(load(place, manifest, owners));
  if (image || !additional) return image;
  return load(place, manifest, kOneOwner);
}

Result<std::vector<oci::Digest>> known_images(const sys::Fd& store) {
  std::vector<oci::Digest> known;
  for (oci::Digest& image : TRY(read_images(store)))
    if (TRY(is_known(store, image))) known.push_back(std::move(image));
  return known;
}

/// The image of `place` whose digest begins with `digits`.
Result<std::optional<oci::Digest>> complete(const Place& place, std::string_view digits) {
  std::optional<oci::Digest> found;
  for (const std::string& name : TRY(names_in(place.directory, kImages))) {
    if (!name.starts_with(digits)) continue;
    auto digest = digest_of_key(name);
    if (!digest || !TRY(is_known(place.directory, *digest))) continue;
    if (found)
      return Error::because(EINVAL,
                            cat("several images begin with ", digits, ": give more digits"));
    found = std::move(digest);
  }
  return found;
}

}  // namespace

Result<Store> Store::open(const std::string& wanted) {
  std::string path = TRY(absolute(wanted), wanted);
  auto opened = open_own(path);
  if (!opened && opened.error().is(ENOENT)) {
    TRY(make_directories(path), path);
    opened = open_own(path);
  }
  sys::Fd directory = TRY(std::move(opened), path);
  TRY(check_ours(directory), path);
  auto version = check_version(directory);
  if (!version && version.error().is(ENOENT)) {
    if (!TRY(is_free(directory), path))
      return Error::because(ENOTEMPTY, cat(path,
                                           " is no store of images, and not empty: give a "
                                           "new directory with --store"));
    TRY(sys::replace_file(directory, kVersion, kOurVersion, sys::Durable::Yes), path);
    version = {};
  }
  TRY(std::move(version), path);
  return Store(std::move(path), std::move(directory));
}

Result<std::optional<StoredImage>> Store::find(const Reference& reference,
                                               std::string_view owners) const {
  const std::string text = reference.text();
  const std::string name = ref_name(text);
  std::optional<StoredImage> image;
  const auto look = [&](const Place& place, bool additional) -> Result<bool> {
    const auto tagged = TRY(read_ref(place.directory, name));
    if (tagged && tagged->reference == text)
      image = TRY(load_any(place, additional, tagged->manifest, owners));
    return image.has_value();
  };
  TRY(visit_stores(Place{path_, directory_}, look));
  return image;
}

Result<std::optional<StoredImage>> Store::find_id(std::string_view id,
                                                  std::string_view owners) const {
  std::string_view digits = id;
  if (const size_t colon = digits.find(':'); colon != std::string_view::npos)
    digits.remove_prefix(colon + 1);
  std::optional<StoredImage> image;
  if (digits.size() < kShortestId ||
      digits.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return image;
  const auto look = [&](const Place& place, bool additional) -> Result<bool> {
    const auto manifest = is_key(digits) ? digest_of_key(digits) : TRY(complete(place, digits));
    if (manifest) image = TRY(load_any(place, additional, *manifest, owners));
    return image.has_value();
  };
  TRY(visit_stores(Place{path_, directory_}, look));
  return image;
}

Result<bool> Store::has(const oci::Digest& manifest) const {
  bool found = false;
  const auto look = [&](const Place& place, bool) -> Result<bool> {
    found = TRY(is_known(place.directory, manifest));
    return found;
  };
  TRY(visit_stores(Place{path_, directory_}, look));
  return found;
}

Result<std::vector<Tagged>> Store::list() const {
  std::vector<Tagged> found;
  const auto add = [&](const Place& place, bool additional) -> Result<bool> {
    std::vector<Tagged> refs = TRY(read_refs(place.directory));
    const std::vector<oci::Digest> images = TRY(known_images(place.directory));
    std::erase_if(refs, [&](const Tagged& ref) {
      return std::find(images.begin(), images.end(), ref.manifest) == images.end();
    });
    for (const oci::Digest& image : images) {
      const bool named = std::any_of(refs.begin(), refs.end(),
                                     [&](const Tagged& ref) { return ref.manifest == image; });
      if (!named) refs.push_back({"", image, false});
    }
    for (Tagged& ref : refs) {
      ref.read_only = additional;
      const bool hidden =
          additional && std::any_of(found.begin(), found.end(), [&](const Tagged& one) {
            return one.reference == ref.reference &&
                   (!ref.reference.empty() || one.manifest == ref.manifest);
          });
      if (!hidden) found.push_back(std::move(ref));
    }
    return false;
  };
  TRY(visit_stores(Place{path_, directory_}, add));
  std::sort(found.begin(), found.end(), [](const Tagged& a, const Tagged& b) {
    return std::tie(a.reference, a.manifest.text()) < std::tie(b.reference, b.manifest.text());
  });
  return found;
}

Result<bool> Store::is_lost(const oci::Digest& manifest) const {
  bool lost = false;
  const auto look = [&](const Place& place, bool) -> Result<bool> {
    const bool has_records = !TRY(layer_records_of(place.directory, manifest)).empty();
    const bool known = TRY(is_known(place.directory, manifest));
    lost = lost || (has_records && !known);
    return known;
  };
  TRY(visit_stores(Place{path_, directory_}, look));
  return lost;
}

Result<std::optional<oci::Digest>> Store::named(const Reference& reference) const {
  std::optional<oci::Digest> manifest;
  const std::string text = reference.text();
  const auto look = [&](const Place& place, bool) -> Result<bool> {
    const auto tagged = TRY(read_ref(place.directory, ref_name(text)));
    if (tagged && tagged->reference == text) manifest = tagged->manifest;
    return manifest.has_value();
  };
  TRY(visit_stores(Place{path_, directory_}, look));
  return manifest;
}

Result<std::string> Store::document(const oci::Digest& manifest, const char* name) const {
  const std::string path = cat(image_path(manifest), "/", name);
  auto text = Result<std::string>(Error::because(ENOENT, "is in no store"));
  const auto read = [&](const Place& place, bool) -> Result<bool> {
    text = sys::read_file(place.directory, path.c_str(), oci::kManifestLimit);
    return text || !text.error().is(ENOENT);
  };
  TRY(visit_stores(Place{path_, directory_}, read));
  return TRY(std::move(text), path);
}

Result<std::string> Store::manifest_bytes(const oci::Digest& manifest) const {
  return document(manifest, "manifest");
}

Result<std::string> Store::config_bytes(const oci::Digest& manifest) const {
  return document(manifest, "config");
}

}  // namespace wolffia::image
