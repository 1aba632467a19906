// SPDX-License-Identifier: Apache-2.0
#include "oci/write_image.hpp"

#include <array>

#include "json/edit.hpp"

namespace wolffia::oci {
namespace {

void write_platform(json::Writer& out, const Platform& platform) {
  out.key("platform").begin_object().member("architecture", platform.architecture);
  out.member("os", platform.os);
  if (!platform.os_version.empty()) out.member("os.version", platform.os_version);
  if (!platform.variant.empty()) out.member("variant", platform.variant);
  out.end_object();
}

std::string write_layers(std::span<const Descriptor> layers) {
  json::Writer out;
  out.begin_array();
  for (const Descriptor& layer : layers)
    write_descriptor(out, layer);
  out.end_array();
  return std::move(out).take();
}

}  // namespace

void write_descriptor(json::Writer& out, const Descriptor& descriptor) {
  out.begin_object().member("mediaType", descriptor.media_type);
  out.member("digest", descriptor.digest.text()).member("size", descriptor.size);
  if (!descriptor.urls.empty()) out.member("urls", descriptor.urls);
  if (!descriptor.artifact_type.empty()) out.member("artifactType", descriptor.artifact_type);
  if (descriptor.platform) write_platform(out, *descriptor.platform);
  if (!descriptor.annotations.empty()) {
    out.key("annotations").begin_object();
    for (const auto& [key, value] : descriptor.annotations)
      out.member(key, value);
    out.end_object();
  }
  out.end_object();
}

std::string write_manifest(std::string_view media_type, const Descriptor& config,
                           std::span<const Descriptor> layers) {
  json::Writer out;
  out.begin_object().member("schemaVersion", 2).member("mediaType", media_type).key("config");
  write_descriptor(out, config);
  out.key("layers").raw(write_layers(layers)).end_object();
  return std::move(out).take();
}

Result<std::string> edit_manifest(const std::string& manifest, const Descriptor& config,
                                  std::span<const Descriptor> layers) {
  json::Writer config_text;
  write_descriptor(config_text, config);
  const std::array members{json::Member("config", std::move(config_text).take()),
                           json::Member("layers", write_layers(layers))};
  return json::with_members(manifest, members, "the manifest");
}

std::string write_rootfs(std::span<const Digest> diff_ids) {
  json::Writer out;
  out.begin_object().member("type", "layers").key("diff_ids").begin_array();
  for (const Digest& diff_id : diff_ids)
    out.value(diff_id.text());
  out.end_array().end_object();
  return std::move(out).take();
}

std::string layer_type(std::string_view manifest_type, Packing packing) {
  const bool gzip = packing == Packing::Gzip;
  const bool docker = manifest_type == media_type::kDockerManifest;
  if (docker) return cat("application/vnd.docker.image.rootfs.diff.tar", gzip ? ".gzip" : "");
  return cat("application/vnd.oci.image.layer.v1.tar", gzip ? "+gzip" : "");
}

}  // namespace wolffia::oci
