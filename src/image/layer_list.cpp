// SPDX-License-Identifier: Apache-2.0
#include "image/layer_list.hpp"

#include "base/words.hpp"
#include "image/store_files.hpp"
#include "sys/file.hpp"
#include "sys/process_facts.hpp"

namespace wolffia::image {
namespace {

/// The first line of a list that is not on disk: "boot BOOT-ID MARK". The first, since of a record
/// that was cut short the beginning is there.
constexpr std::string_view kBoot = "boot ";

struct BootLine {
  std::string_view boot_id, mark;
};

/// nullopt: the text has none.
std::optional<BootLine> boot_line(std::string_view text) {
  if (!text.starts_with(kBoot)) return {};
  Words words(Words(text, '\n').next().substr(kBoot.size()), ' ');
  const std::string_view boot_id = words.next();
  return BootLine{boot_id, words.next()};
}

}  // namespace

std::string encode_layer_list(const LayerList& list) {
  std::string text;
  if (!list.boot_id.empty()) text = cat(kBoot, list.boot_id, " ", list.mark, "\n");
  text += cat(list.size, "\n");
  for (const std::string& key : list.keys)
    text += cat(key, "\n");
  return text;
}

Result<LayerList> decode_layer_list(std::string_view text) {
  const Error wrong = Error::because(EINVAL, "not the layers of an image");
  LayerList list;
  Words lines(text, '\n');
  if (const auto boot = boot_line(text)) {
    if (!sys::is_boot_id(boot->boot_id)) return wrong;
    list.boot_id = boot->boot_id;
    list.mark = boot->mark;
    (void)lines.next();
  }
  if (!read_number(lines.next(), list.size)) return wrong;
  while (!lines.empty()) {
    const std::string_view key = lines.next();
    if (!is_key(key)) return wrong;
    list.keys.emplace_back(key);
  }
  return list;
}

bool is_torn(std::string_view text) {
  return !text.ends_with('\n') || text.find('\0') != std::string_view::npos;
}

Result<LayerRecord> read_layer_record(const sys::Fd& store, const std::string& path) {
  LayerRecord record;
  const auto text = sys::read_record(store, path.c_str(), kRecordLimit);
  if (!text && text.error().is(ENOENT)) return record;
  if (!text) return Error(text.error()).context(path);
  const auto boot = boot_line(*text);
  record.lost = is_torn(*text) || (boot && boot->boot_id != sys::read_boot_id());
  if (!record.lost) record.list = TRY(decode_layer_list(*text), path);
  if (record.lost && boot) record.mark = boot->mark;
  return record;
}

Result<std::optional<LayerList>> read_layer_list(const sys::Fd& store, const std::string& path) {
  LayerRecord record = TRY(read_layer_record(store, path));
  return std::move(record.list);
}

Result<std::vector<std::string>> layer_records_of(const sys::Fd& store,
                                                  const oci::Digest& manifest) {
  std::vector<std::string> names = TRY(names_in(store, image_path(manifest)));
  std::erase_if(names, [](const std::string& name) {
    return !name.starts_with(kLayerListPrefix) || !is_owners(name.substr(kLayerListPrefix.size()));
  });
  return names;
}

Result<bool> is_known(const sys::Fd& store, const oci::Digest& manifest) {
  for (const std::string& name : TRY(layer_records_of(store, manifest))) {
    const auto record = read_layer_record(store, cat(image_path(manifest), "/", name));
    if (!record || record->list) return true;
  }
  return false;
}

}  // namespace wolffia::image
