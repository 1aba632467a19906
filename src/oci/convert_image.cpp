// SPDX-License-Identifier: Apache-2.0
#include "oci/convert_image.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ids.hpp"
#include "base/quote.hpp"

namespace wolffia::oci {
namespace {

constexpr size_t kMostGroups = 65536;  // NGROUPS_MAX of Linux: more the kernel would not take

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A decimal id. Overflow is nothing, and so is the number that means "no id".
std::optional<uint32_t> as_id(std::string_view text) {
  uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, id);
  if (!is_number(text) || fault != std::errc() || stop != end || id == kNoId) return {};
  return id;
}

/// One line of passwd(5), as far as it is asked for.
struct Account {
  std::string_view name;
  uint32_t uid;
  uint32_t gid;
  std::string_view home;
};

/// The first account that `is_it` accepts; a line that is none is skipped.
template <class Test>
std::optional<Account> find_account(std::string_view passwd, Test is_it) {
  for (const std::string_view line : split(passwd, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 6 || fields[0].empty()) continue;
    const auto uid = as_id(fields[2]);
    const auto gid = as_id(fields[3]);
    if (!uid || !gid) continue;
    const Account account{fields[0], *uid, *gid, fields[5]};
    if (is_it(account)) return account;
  }
  return {};
}

/// Calls `each` with the name, the id and the members of every group.
template <class Each>
void each_group(std::string_view group, Each each) {
  for (const std::string_view line : split(group, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 4 || fields[0].empty()) continue;
    if (const auto gid = as_id(fields[2])) each(fields[0], *gid, fields[3]);
  }
}

Error no_such(std::string_view what, std::string_view name, std::string_view table) {
  return Error::because(ENOENT, cat("the ", what, " ", quoted(name), " is not in the image's ",
                                    table, ": give a number with --user"));
}

Error no_id(std::string_view text) {
  return Error::because(EINVAL, cat(quoted(text), " is no id: ids go from 0 to ", UINT32_MAX - 1));
}

Result<uint32_t> resolve_group(std::string_view name, const UserTables& tables) {
  if (is_number(name)) {
    const auto gid = as_id(name);
    if (!gid) return no_id(name);
    return *gid;
  }
  std::optional<uint32_t> found;
  each_group(tables.group, [&](std::string_view group, uint32_t gid, std::string_view) {
    if (!found && group == name) found = gid;
  });
  if (!found) return no_such("group", name, "/etc/group");
  return *found;
}

std::vector<uint32_t> groups_of(const Account& account, std::string_view table) {
  std::vector<uint32_t> gids;
  each_group(table, [&](std::string_view, uint32_t gid, std::string_view members) {
    const auto names = split(members, ',');
    const bool listed = std::find(names.begin(), names.end(), account.name) != names.end();
    const bool known = std::find(gids.begin(), gids.end(), gid) != gids.end();
    if (listed && !known && gid != account.gid && gids.size() < kMostGroups) gids.push_back(gid);
  });
  return gids;
}

/// The user part alone: its own group, and, for a name, the others it is in.
Result<User> resolve_account(std::string_view name, const UserTables& tables) {
  User user;
  if (is_number(name)) {
    const auto uid = as_id(name);
    if (!uid) return no_id(name);
    user.uid = *uid;
    const auto by_id = find_account(tables.passwd, [&](const Account& a) { return a.uid == *uid; });
    if (by_id) user.gid = by_id->gid;
    return user;
  }
  const auto account =
      find_account(tables.passwd, [&](const Account& a) { return a.name == name; });
  if (!account) return no_such("user", name, "/etc/passwd");
  user.uid = account->uid;
  user.gid = account->gid;
  user.additional_gids = groups_of(*account, tables.group);
  return user;
}

/// The beginnings of the names that runtimes take orders from: ours, crun's, the systemd driver's,
/// CRIU's, and those by which devices and hooks are asked for.
constexpr std::array<std::string_view, 8> kControlPrefixes{
    "org.wolffia.", "run.oci.",    "org.systemd.property.", "org.criu.",
    "io.podman.",   "cdi.k8s.io/", "io.containerd.",        "io.kubernetes."};

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts)
    out += cat(out.empty() ? "" : ",", text);
  return out;
}

/// `path` as if no component of it were a link; empty for the root.
std::string cleaned(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      kept.push_back(part);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string out;
  for (const std::string_view part : kept)
    out += cat("/", part);
  return out;
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

Result<User> resolve_user(std::string_view user, const UserTables& tables) {
  if (user.empty()) return User{};
  const size_t colon = user.find(':');
  const std::string_view name = user.substr(0, colon);
  User found = TRY(resolve_account(name.empty() ? "0" : name, tables));
  if (colon == std::string_view::npos || colon + 1 == user.size()) return found;
  found.gid = TRY(resolve_group(user.substr(colon + 1), tables));
  found.additional_gids.clear();
  return found;
}

std::optional<std::string> home_of(uint32_t uid, std::string_view passwd) {
  const auto account = find_account(passwd, [&](const Account& a) { return a.uid == uid; });
  if (!account || !account->home.starts_with('/')) return {};
  return std::string(account->home);
}

std::vector<std::string> image_arguments(const ImageConfig& config,
                                         const std::optional<std::string>& entrypoint,
                                         const std::vector<std::string>& command) {
  std::vector<std::string> args;
  if (!entrypoint) args = config.entrypoint;
  if (entrypoint && !entrypoint->empty()) args.push_back(*entrypoint);
  const std::vector<std::string>& rest = command.empty() && !entrypoint ? config.cmd : command;
  args.insert(args.end(), rest.begin(), rest.end());
  return args;
}

bool is_control_annotation(std::string_view key) {
  return std::any_of(kControlPrefixes.begin(), kControlPrefixes.end(),
                     [&](std::string_view prefix) { return key.starts_with(prefix); });
}

void set_annotation(Annotations& annotations, std::string_view key, std::string_view value) {
  if (key.empty() || is_control_annotation(key)) return;
  for (auto& [name, text] : annotations) {
    if (name != key) continue;
    text = value;
    return;
  }
  annotations.emplace_back(key, value);
}

Annotations image_annotations(const ImageConfig& config) {
  constexpr std::string_view kPrefix = "org.opencontainers.image.";
  const std::array<std::pair<std::string_view, std::string>, 6> fields{{
      {"os", config.platform.os},
      {"architecture", config.platform.architecture},
      {"author", config.author},
      {"created", config.created},
      {"stopSignal", config.stop_signal},
      {"exposedPorts", joined(config.exposed_ports)},
  }};
  Annotations annotations;
  for (const auto& [name, text] : fields)
    if (!text.empty()) set_annotation(annotations, cat(kPrefix, name), text);
  for (const auto& [key, value] : config.labels)
    set_annotation(annotations, key, value);
  return annotations;
}

std::vector<std::string> image_volumes(const ImageConfig& config) {
  std::vector<std::string> volumes;
  for (const std::string& volume : config.volumes) {
    std::string path = cleaned(volume);
    const bool ours = is_below(path, "/proc") || is_below(path, "/sys") || is_below(path, "/dev");
    if (!path.empty() && !ours) volumes.push_back(std::move(path));
  }
  std::sort(volumes.begin(), volumes.end());
  volumes.erase(std::unique(volumes.begin(), volumes.end()), volumes.end());
  return volumes;
}

}  // namespace wolffia::oci
