// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/digest.hpp"
#include "sys/fd.hpp"

/// The records that make a directory in images/ an image: one for each owners of trees. An image
/// is known before its files are on disk, and its record says so until they are
/// (image/settle.hpp). After a loss of power all of it may be damaged, the record too: it is
/// believed only as long as the machine runs that it was made on.
namespace wolffia::image {

/// What the trees of an image are called.
struct LayerList {
  uint64_t size = 0;  // of all files, in bytes
  std::vector<std::string> keys;
  std::string boot_id = {};  // not on disk yet: the boot it is believed in; else empty
  std::string mark = {};     // of this record alone; begins with the word of its machine
};

inline constexpr std::string_view kLayerListPrefix = "layers-";
std::string encode_layer_list(const LayerList& list);
/// Errors: EINVAL.
Result<LayerList> decode_layer_list(std::string_view text);

/// Whether `text`, one of our records, which end in a line end, was cut short by a loss of power.
bool is_torn(std::string_view text);

/// What a record is to its readers.
struct LayerRecord {
  bool lost = false;              // not on disk when its machine stopped
  std::string mark;               // of one that is lost, as far as it can be read
  std::optional<LayerList> list;  // nullopt: lost, or not there
};

Result<LayerRecord> read_layer_record(const sys::Fd& store, const std::string& path);

/// The list, where it is there and to be believed.
Result<std::optional<LayerList>> read_layer_list(const sys::Fd& store, const std::string& path);

/// The names of an image's records; "layers-OWNERS".
Result<std::vector<std::string>> layer_records_of(const sys::Fd& store,
                                                  const oci::Digest& manifest);

/// Whether the image has a record that is not lost; one that is damaged otherwise is to be told of
/// by whoever needs it.
Result<bool> is_known(const sys::Fd& store, const oci::Digest& manifest);

}  // namespace wolffia::image
