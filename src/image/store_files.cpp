// SPDX-License-Identifier: Apache-2.0
#include "image/store_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hash.hpp"
#include "base/quote.hpp"
#include "base/words.hpp"
#include "image/layer_list.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kFileLimit = 200;  // of 255, since a file is made under a longer name first
constexpr size_t kOwnersLimit = 64;

std::string hex_of(uint64_t number) {
  std::array<char, 16> text{};
  const auto [end, fault] = std::to_chars(text.data(), text.data() + text.size(), number, 16);
  return {text.data(), end};
}

}  // namespace

bool is_key(std::string_view hex) {
  return (hex.size() == 64 || hex.size() == 128) &&
         hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_owners(std::string_view owners) {
  return !owners.empty() && owners.size() <= kOwnersLimit &&
         owners.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
             std::string_view::npos;
}

std::string owners_of(std::span<const oci::IdMap> uids, std::span<const oci::IdMap> gids) {
  const auto is_one = [](std::span<const oci::IdMap> map) {
    return map.empty() || (map.size() == 1 && map[0].size == 1);
  };
  if (is_one(uids) && is_one(gids)) return std::string(kOneOwner);
  std::string text;
  for (const auto map : {uids, gids}) {
    for (const oci::IdMap& line : map)
      text += cat(line.container, " ", line.host, " ", line.size, "\n");
    text += "-\n";
  }
  return cat("ids-", hex_of(hash_bytes(text)));
}

std::string ref_name(std::string_view reference) {
  std::string name;
  for (const char c : reference) {
    if (c == '/')
      name += "%2F";
    else
      name += c;
  }
  if (name.size() <= kFileLimit) return name;
  name.resize(kFileLimit - 17);
  return cat(name, "%", hex_of(hash_bytes(reference)));
}

std::string encode_ref(const Tagged& tagged) {
  return cat(tagged.manifest.text(), "\n", tagged.reference, "\n");
}

Result<Tagged> decode_ref(std::string_view text) {
  Words lines(text, '\n');
  const auto manifest = oci::Digest::parse(lines.next());
  const auto reference = parse_reference(lines.next());
  if (!manifest || !reference || !lines.empty())
    return Error::because(EINVAL, "not the name of an image");
  return Tagged{reference->text(), *manifest, false};
}

Result<std::optional<Tagged>> read_ref(const sys::Fd& store, const std::string& name) {
  const std::string path = cat(kRefs, "/", name);
  auto text = sys::read_record(store, path.c_str(), kRecordLimit);
  if (!text && text.error().is(ENOENT)) return std::optional<Tagged>();
  if (!text) return std::move(text).error().context(path);
  if (is_torn(*text)) return std::optional<Tagged>();
  return std::optional<Tagged>(TRY(decode_ref(*text), path));
}

Result<void> write_ref(const sys::Fd& store, const Reference& reference,
                       const oci::Digest& manifest, sys::Durable durable) {
  TRY(make_below(store, kRefs));
  const sys::Fd refs = TRY(sys::open_directory(store, kRefs));
  const std::string text = reference.text();
  const std::string bytes = encode_ref({text, manifest, false});
  TRY(sys::replace_file(refs, ref_name(text).c_str(), bytes, durable), text);
  return {};
}

Result<std::vector<Tagged>> read_refs(const sys::Fd& store) {
  std::vector<Tagged> refs;
  for (const std::string& name : TRY(names_in(store, kRefs))) {
    if (name.starts_with('.')) continue;  // not made yet
    auto ref = TRY(read_ref(store, name));
    if (ref) refs.push_back(*std::move(ref));  // else removed at this moment
  }
  return refs;
}

std::string image_path(const oci::Digest& manifest) {
  return cat(kImages, "/", manifest.hex());
}

std::string layers_path(const oci::Digest& manifest, std::string_view owners) {
  return cat(image_path(manifest), "/", kLayerListPrefix, owners);
}

std::string layer_path(std::string_view owners, std::string_view key) {
  return cat(kLayers, "/", owners, "/", key);
}

std::optional<oci::Digest> digest_of_key(std::string_view hex) {
  auto digest = oci::Digest::parse(cat(hex.size() == 128 ? "sha512:" : "sha256:", hex));
  if (!digest) return {};
  return std::move(digest).value();
}

Result<std::vector<oci::Digest>> read_images(const sys::Fd& store) {
  std::vector<oci::Digest> images;
  for (const std::string& name : TRY(names_in(store, kImages))) {
    if (auto digest = digest_of_key(name); digest) images.push_back(*std::move(digest));
  }
  return images;
}

Result<std::vector<std::string>> names_in(const sys::Fd& store, const std::string& path) {
  auto directory = sys::open_directory(store, path.c_str());
  if (!directory && directory.error().is(ENOENT)) return std::vector<std::string>();
  if (!directory) return std::move(directory).error().context(path);
  return TRY(sys::entry_names(*directory, SIZE_MAX), path);
}

Result<void> make_below(const sys::Fd& store, const std::string& path) {
  for (size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    auto made = sys::make_directory(store, part.c_str(), S_IRWXU);
    if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(part);
    if (slash == std::string::npos) return {};
  }
}

Result<std::vector<LayerName>> read_layers(const sys::Fd& store) {
  std::vector<LayerName> layers;
  for (const std::string& owners : TRY(names_in(store, kLayers))) {
    if (!is_owners(owners)) continue;
    for (std::string& key : TRY(names_in(store, cat(kLayers, "/", owners))))
      if (is_key(key)) layers.push_back({owners, std::move(key)});
  }
  return layers;
}

Result<std::vector<LayerName>> layers_of(const sys::Fd& store, const oci::Digest& manifest) {
  std::vector<LayerName> layers;
  const std::string directory = image_path(manifest);
  for (const std::string& name : TRY(layer_records_of(store, manifest))) {
    auto list = TRY(read_layer_list(store, cat(directory, "/", name)));
    if (!list) continue;
    for (std::string& key : list->keys)
      layers.push_back({name.substr(kLayerListPrefix.size()), std::move(key)});
  }
  return layers;
}

std::string blob_directory(const oci::Digest& blob) {
  const std::string_view algorithm = std::string_view(blob.text()).substr(0, blob.text().find(':'));
  return cat(kBlobs, "/", algorithm, "/", blob.hex().substr(0, 2));
}

std::string part_path(const oci::Digest& blob) {
  return cat(kTemporary, "/", kPartPrefix, blob.hex());
}

std::string blob_lock(std::string_view hex) {
  return cat("blob-", hex);
}

std::string image_lock(const oci::Digest& manifest) {
  return cat("image-", manifest.hex());
}

std::string session_lock(std::string_view session) {
  return cat("session-", session);
}

}  // namespace wolffia::image
