// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "cli/user/ground.hpp"
#include "json/field.hpp"
#include "oci/parse_image.hpp"
#include "support/sanitized.hpp"

/// What an image says of itself never becomes control over the runtime (I7): every member of its
/// config is replaced by hostile values, and of the generated config.json only what is listed here
/// may differ.
namespace wolffia::cli::user {
namespace {

using Leaves = std::map<std::string, std::string>;

void flatten(const json::Field& field, const std::string& path, Leaves& leaves) {
  if (const auto object = field.as<json::Object>()) {
    for (const auto& [name, member] : object->members())
      flatten(member, cat(path, path.empty() ? "" : ".", name), leaves);
  } else if (const auto list = field.as<std::vector<json::Field>>()) {
    for (size_t i = 0; i < list->size(); ++i)
      flatten((*list)[i], cat(path, "[", i, "]"), leaves);
  } else if (const auto text = field.as<std::string>()) {
    leaves[path] = *text;
  } else if (const auto number = field.as<uint64_t>()) {
    leaves[path] = cat(*number);
  } else {
    leaves[path] = field.as<bool>() && *field.as<bool>() ? "true" : "false or null";
  }
}

/// The leaves of the config.json that is generated of an image's config.
Leaves generated(const std::string& config) {
  const auto image = oci::parse_image_config(config, "config");
  if (!image) return {};  // refused: nothing is run
  RunRequest request;
  request.readonly = true;           // so that volumes show too
  request.seccomp.confined = false;  // the profile has a thousand leaves that no image can reach
  Ground ground = ground_of_image(request, *image);
  ground.root = "/root";
  const auto document = json::Document::parse(config_for_root(request, ground), "config.json");
  EXPECT_TRUE(document) << config;
  Leaves leaves;
  if (document) flatten(document->root(), "", leaves);
  return leaves;
}

/// Mounts an image asks for are memory and nothing else, and not where the runtime mounts.
bool is_allowed(const std::string& path, const Leaves& leaves) {
  for (const char* prefix : {"process.args[", "process.env[", "process.cwd"})
    if (path.starts_with(prefix)) return true;
  if (path.starts_with("annotations.")) {
    for (const char* control : {"org.wolffia.", "run.oci.", "org.systemd.property."})
      if (path.substr(12).starts_with(control)) return false;
    return true;
  }
  if (!path.starts_with("mounts[")) return false;
  const std::string mount = path.substr(0, path.find(']') + 1);
  const auto leaf = [&](const char* name) {
    const auto found = leaves.find(cat(mount, ".", name));
    return found == leaves.end() ? std::string() : found->second;
  };
  const std::string target = leaf("destination");
  for (const char* ours : {"/proc", "/sys", "/dev"})
    if (target == ours || target.starts_with(cat(ours, "/"))) return false;
  return leaf("type") == "tmpfs" && leaf("options[0]") == "nosuid" && leaf("options[1]") == "nodev";
}

constexpr const char* kStrings[] = {
    "",
    "../../..",
    "/proc/self/exe",
    "/dev",
    "a\\nb",
    "LD_PRELOAD=/evil.so",
    "$(reboot)",
    "x:y:z",
    "run.oci.keep_original_groups",
    "org.wolffia.mountpoints",
    "-1",
    "/",
};

/// The text of a config whose section "config" has `member`, and its top `top`.
std::string image(const std::string& member, const std::string& top = "") {
  return cat(R"({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers",
      "diff_ids": []})",
             top.empty() ? "" : ", ", top, R"(, "config": {)", member, "}}");
}

void expect_only_allowed(const std::string& config) {
  static const Leaves plain = generated(image(""));
  const Leaves changed = generated(config);
  for (const auto& [path, value] : changed) {
    const auto before = plain.find(path);
    if (before != plain.end() && before->second == value) continue;
    EXPECT_TRUE(is_allowed(path, changed)) << path << " = " << value << " of " << config;
  }
  if (changed.empty()) return;
  for (const auto& [path, value] : plain)
    EXPECT_TRUE(changed.contains(path) || is_allowed(path, plain)) << path << " lost by " << config;
}

TEST(an_image, decides_only_what_is_listed) {
  for (size_t i = 0; i < std::size(kStrings); i += test::kSanitized ? 4 : 1) {
    const std::string text = kStrings[i];
    const std::string quoted = cat("\"", text, "\"");
    for (const char* name : {"User", "WorkingDir", "StopSignal", "Domainname", "Hostname"})
      expect_only_allowed(image(cat("\"", name, "\": ", quoted)));
    for (const char* name : {"Env", "Entrypoint", "Cmd", "OnBuild", "Shell"})
      expect_only_allowed(image(cat("\"", name, "\": [", quoted, "]")));
    for (const char* name : {"Volumes", "ExposedPorts"})
      expect_only_allowed(image(cat("\"", name, "\": {", quoted, ": {}}")));
    expect_only_allowed(image(cat("\"Labels\": {", quoted, ": ", quoted, "}")));
    for (const char* name : {"author", "created", "variant", "os.version", "comment"})
      expect_only_allowed(image("", cat("\"", name, "\": ", quoted)));
  }
}

TEST(an_image, decides_nothing_by_members_of_a_runtime_config) {
  for (const char* member :
       {R"("hooks": {"prestart": [{"path": "/bin/sh"}]})", R"("linux": {"seccomp": null})",
        R"("mounts": [{"destination": "/x", "source": "/", "type": "bind"}])",
        R"("root": {"path": "/"})", R"("process": {"noNewPrivileges": false})",
        R"("annotations": {"run.oci.keep_original_groups": "1"})",
        R"("HostConfig": {"Privileged": true})", R"("Healthcheck": {"Test": ["CMD", "x"]})"}) {
    expect_only_allowed(image(member));
    expect_only_allowed(image("", member));
  }
}

TEST(an_image, has_no_volume_where_the_runtime_mounts) {
  for (const char* path : {"/proc", "/proc/self", "/x/../proc/sys", "//dev/", "/sys/fs", "/."}) {
    const Leaves leaves = generated(image(cat(R"("Volumes": {")", path, R"(": {}})")));
    EXPECT_EQ(leaves, generated(image(""))) << path;
  }
}

}  // namespace
}  // namespace wolffia::cli::user
