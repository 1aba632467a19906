// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.hpp"
#include "image/store.hpp"
#include "sys/fd.hpp"
#include "sys/file.hpp"

/// The names and the small files of a store, which store.cpp, store_write.cpp and gc.cpp share.
namespace wolffia::image {

inline constexpr const char* kVersion = "version";
inline constexpr const char* kTemporary = "tmp";
inline constexpr const char* kLocks = "locks";
inline constexpr const char* kBlobs = "blobs";
inline constexpr const char* kLayers = "layers";
inline constexpr const char* kImages = "images";
inline constexpr const char* kRefs = "refs";
inline constexpr const char* kContainers = "containers";

/// In the directory of a layer.
inline constexpr const char* kTree = "tree";
inline constexpr const char* kMeta = "meta";

/// Files of ours are small: what is larger is none.
inline constexpr size_t kRecordLimit = 64U << 10;

/// Whether `hex` has the length and the digits of some digest; whether `owners` is a name that
/// owners_of() may have given. Nothing else becomes part of a path.
bool is_key(std::string_view hex);
bool is_owners(std::string_view owners);

/// The name in refs/ of `reference`: shortened, with a hash, where it would be too long for a file.
std::string ref_name(std::string_view reference);
std::string encode_ref(const Tagged& tagged);
/// Errors: EINVAL.
Result<Tagged> decode_ref(std::string_view text);
/// What a name stands for; nullopt: there is no such name, or it was not on disk when the machine
/// stopped.
Result<std::optional<Tagged>> read_ref(const sys::Fd& store, const std::string& name);
/// Makes that name. Errors: those of writing it.
Result<void> write_ref(const sys::Fd& store, const Reference& reference,
                       const oci::Digest& manifest, sys::Durable durable);
/// Every name there is.
Result<std::vector<Tagged>> read_refs(const sys::Fd& store);

/// "images/HEX", "images/HEX/layers-OWNERS", "layers/OWNERS/KEY".
std::string image_path(const oci::Digest& manifest);
std::string layers_path(const oci::Digest& manifest, std::string_view owners);
std::string layer_path(std::string_view owners, std::string_view key);
/// The digest that the name of a directory in images/ stands for.
std::optional<oci::Digest> digest_of_key(std::string_view hex);
/// Every image there is.
Result<std::vector<oci::Digest>> read_images(const sys::Fd& store);

/// The entries of a directory; none where there is no such directory.
Result<std::vector<std::string>> names_in(const sys::Fd& store, const std::string& path);

/// Makes the directory `path` of the store, and those above it that are missing.
Result<void> make_below(const sys::Fd& store, const std::string& path);

/// Every layer there is.
struct LayerName {
  std::string owners;
  std::string key;
  friend bool operator<(const LayerName& a, const LayerName& b) {
    return std::tie(a.owners, a.key) < std::tie(b.owners, b.key);
  }
};
Result<std::vector<LayerName>> read_layers(const sys::Fd& store);
/// The layers that an image names, of whichever owners, in records that are to be believed.
Result<std::vector<LayerName>> layers_of(const sys::Fd& store, const oci::Digest& manifest);

/// "blobs/ALGORITHM/ab"; "tmp/part-HEX".
std::string blob_directory(const oci::Digest& blob);
std::string part_path(const oci::Digest& blob);
inline constexpr std::string_view kPartPrefix = "part-";

/// Names of locks. kStoreLock: shared by writers, gc has it alone. kSettleLock: of the one who
/// settles. image_lock(): to be held while records of an image are made or replaced.
inline constexpr const char* kStoreLock = "store";
inline constexpr const char* kSettleLock = "settle";
std::string image_lock(const oci::Digest& manifest);
std::string blob_lock(std::string_view hex);
std::string session_lock(std::string_view session);

}  // namespace wolffia::image
