// SPDX-License-Identifier: Apache-2.0
#include "oci/derive_image.hpp"

#include <array>

#include "json/edit.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "oci/config_changes.hpp"
#include "oci/parse_image.hpp"
#include "oci/write_image.hpp"

namespace wolffia::oci {
namespace {

constexpr std::string_view kConfigName = "the image's config";

std::string quoted_text(std::string_view text) {
  json::Writer out;
  out.value(text);
  return std::move(out).take();
}

/// Source: image-spec config.md, "history".
std::string history_entry(const NewStep& step) {
  json::Writer out;
  out.begin_object().member("created", step.created).member("created_by", step.created_by);
  if (!step.author.empty()) out.member("author", step.author);
  if (!step.comment.empty()) out.member("comment", step.comment);
  out.end_object();
  return std::move(out).take();
}

Result<std::string> bounded(std::string text, std::string_view what) {
  if (text.size() > kManifestLimit)
    return Error::because(EFBIG, cat(what, " would be longer than ", kManifestLimit, " bytes"));
  return text;
}

}  // namespace

std::string blank_config(const Platform& platform) {
  json::Writer out;
  out.begin_object().member("architecture", platform.architecture).member("os", platform.os);
  if (!platform.variant.empty()) out.member("variant", platform.variant);
  out.key("rootfs").raw(write_rootfs({})).end_object();
  return std::move(out).take();
}

Result<std::string> add_step(const std::string& config, const Digest& diff_id,
                             const NewStep& step) {
  ImageConfig parsed = TRY(parse_image_config(config, kConfigName));
  if (parsed.diff_ids.size() >= kMaxLayers)
    return Error::because(
        E2BIG, cat("the image has ", parsed.diff_ids.size(), " layers, and can have no more"));
  parsed.diff_ids.push_back(diff_id);
  ConfigChanges changes(parsed);
  for (const std::string& change : step.changes)
    TRY(changes.apply(change));
  const json::Document document = TRY(json::Document::parse(config, kConfigName));
  std::string section = TRY(changes.section(document.raw({"config"})));
  const std::string& author = step.author.empty() ? parsed.author : step.author;
  const std::array members{
      json::Member("created", quoted_text(step.created)),
      json::Member("author", author.empty() ? std::string() : quoted_text(author)),
      json::Member("config", std::move(section)),
      json::Member("rootfs", write_rootfs(parsed.diff_ids)),
      json::Member("history", json::with_item(document.raw({"history"}), history_entry(step)))};
  return bounded(TRY(json::with_members(config, members, kConfigName)), kConfigName);
}

Result<std::string> add_layer(const std::string& manifest, const Descriptor& config,
                              std::span<const Descriptor> layers) {
  const std::array no_subject{json::Member("subject", "")};
  const std::string alone = TRY(json::with_members(manifest, no_subject, "the manifest"));
  return bounded(TRY(edit_manifest(alone, config, layers)), "the manifest");
}

}  // namespace wolffia::oci
