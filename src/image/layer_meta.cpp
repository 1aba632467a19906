// SPDX-License-Identifier: Apache-2.0
#include "image/layer_meta.hpp"

#include "base/words.hpp"
#include "image/store_files.hpp"
#include "sys/file.hpp"

namespace wolffia::image {

std::string encode_layer_meta(const LayerMeta& meta) {
  return cat(meta.diff_id.text(), "\n", meta.bytes, "\n", meta.entries, "\n", meta.boot_id, "\n");
}

std::optional<LayerMeta> decode_layer_meta(std::string_view text) {
  Words lines(text, '\n');
  auto diff_id = oci::Digest::parse(lines.next());
  if (!diff_id) return {};
  LayerMeta meta{std::move(diff_id).value()};
  if (!read_number(lines.next(), meta.bytes) || !read_number(lines.next(), meta.entries)) return {};
  meta.boot_id = lines.next();
  if (!text.ends_with('\n') || !lines.empty()) return {};
  return meta;
}

Result<std::optional<LayerMeta>> read_layer_meta(const sys::Fd& store, std::string_view owners,
                                                 std::string_view key) {
  const std::string path = cat(layer_path(owners, key), "/", kMeta);
  const auto text = sys::read_record(store, path.c_str(), kRecordLimit);
  if (text) return decode_layer_meta(*text);
  if (text.error().is(ENOENT)) return std::optional<LayerMeta>();
  return Error(text.error()).context(path);
}

}  // namespace wolffia::image
