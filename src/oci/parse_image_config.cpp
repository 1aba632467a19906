// SPDX-License-Identifier: Apache-2.0
#include "json/field.hpp"
#include "oci/image_parts.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

/// Whether `entry` sets a variable: NAME=VALUE with a name. Anything else in an environment is
/// read by each program in its own way (I7).
bool is_assignment(std::string_view entry) {
  const size_t equals = entry.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         entry.find('\0') == std::string_view::npos;
}

Result<void> read_env(const json::Object& section, std::vector<std::string>& env) {
  std::vector<json::Field> entries;
  TRY(section.read("Env", entries));
  for (const json::Field& entry : entries) {
    const auto text = entry.text();
    if (!text) return entry.invalid("must be a string");
    if (is_assignment(*text)) env.emplace_back(*text);
  }
  return {};
}

/// The keys of an object that stands for a set: {"80/tcp": {}}. Source: image-spec config.md.
Result<std::vector<std::string>> parse_set(const json::Object& section, std::string_view key) {
  std::vector<std::string> names;
  const std::optional<json::Field> set = section.find(key);
  if (!set) return names;
  const json::Object object = TRY(set->as<json::Object>());
  for (const auto& member : object.members()) {
    if (member.first.find('\0') != std::string_view::npos)
      return object.invalid("must not have a NUL character in a key");
    names.emplace_back(member.first);
  }
  return names;
}

Result<void> read_section(const json::Object& section, ImageConfig& config) {
  TRY(section.read("User", config.user));
  TRY(read_env(section, config.env));
  TRY(section.read("Entrypoint", config.entrypoint));
  TRY(section.read("Cmd", config.cmd));
  TRY(section.read("WorkingDir", config.working_dir));
  TRY(section.read("Labels", config.labels));
  TRY(section.read("StopSignal", config.stop_signal));
  config.exposed_ports = TRY(parse_set(section, "ExposedPorts"));
  config.volumes = TRY(parse_set(section, "Volumes"));
  std::erase_if(config.volumes, [](const std::string& path) { return !path.starts_with('/'); });
  return {};
}

Result<void> read_rootfs(const json::Object& root, std::vector<Digest>& diff_ids) {
  const json::Object rootfs = TRY(root.get<json::Object>("rootfs"));
  const std::string type = TRY(rootfs.get<std::string>("type"));
  if (type != "layers") return rootfs.invalid("type", "must be \"layers\"");
  TRY(rootfs.read_each("diff_ids", diff_ids, parse_digest));
  if (diff_ids.size() > kMaxLayers)
    return rootfs.invalid("diff_ids", cat("must have at most ", kMaxLayers, " entries"));
  return {};
}

Result<History> parse_step(const json::Object& object) {
  History step;
  TRY(object.read("created", step.created));
  TRY(object.read("created_by", step.created_by));
  TRY(object.read("comment", step.comment));
  TRY(object.read("empty_layer", step.empty_layer));
  return step;
}

Result<ImageConfig> parse_object(const json::Object& root) {
  ImageConfig config;
  config.platform = TRY(parse_platform_object(root));
  TRY(root.read("created", config.created));
  TRY(root.read("author", config.author));
  if (const auto section = root.find("config"); section) {
    const json::Object members = TRY(section->as<json::Object>());
    TRY(read_section(members, config));
  }
  TRY(read_rootfs(root, config.diff_ids));
  TRY(root.read_each("history", config.history, parse_step));
  return config;
}

}  // namespace

Result<ImageConfig> parse_image_config(std::string text, std::string_view name) {
  const json::Document document = TRY(read_image_document(std::move(text), name));
  const json::Object root = TRY(document.root().as<json::Object>());
  return TRY(parse_object(root), name);
}

}  // namespace wolffia::oci
