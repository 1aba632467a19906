// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/quote.hpp"
#include "plan/mount_options.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

struct TypeRow {
  std::string_view type;
  MountKind kind;
};

/// The types that are more than fsopen(type). "cgroup" is what bundles written for either cgroup
/// version say.
constexpr std::array kTypes{
    TypeRow{"bind", MountKind::Bind},      TypeRow{"proc", MountKind::Proc},
    TypeRow{"sysfs", MountKind::Sysfs},    TypeRow{"cgroup", MountKind::Cgroup},
    TypeRow{"cgroup2", MountKind::Cgroup},
};

/// A mount being planned: the step, and what its options said about its kind.
struct Draft {
  MountStep step;
  bool bind = false, remount = false;
};

std::string name_of(const MountStep& step) {
  return cat("mounts[", step.index, "] on ", shown(step.target));
}

/// Calls `take` for each option of a list entry. mount(2) splits its data at commas, so an entry
/// may hold several; inside double quotes (SELinux levels) a comma is text.
template <class Take>
Result<void> for_each_option(std::string_view entry, Take take) {
  size_t begin = 0;
  bool quoted = false;
  for (size_t i = 0; i <= entry.size(); ++i) {
    if (i < entry.size() && entry[i] == '"') quoted = !quoted;
    if (i < entry.size() && (entry[i] != ',' || quoted)) continue;
    if (i > begin) TRY(take(entry.substr(begin, i - begin)));
    begin = i + 1;
  }
  return {};
}

/// A later option undoes an earlier one. `all` is what one call may change: an atime mode
/// replaces the others.
void set_attributes(MountStep& step, const MountOption& row) {
  uint64_t& set = row.recursive ? step.rec_set : step.set;
  uint64_t& clear = row.recursive ? step.rec_clear : step.clear;
  switch (row.apply) {
    case Apply::Set:
      set |= row.value;
      clear &= ~row.value;
      break;
    case Apply::Clear:
      set &= ~row.value;
      clear |= row.value;
      break;
    default:  // Atime
      set = (set & ~uint64_t{MOUNT_ATTR__ATIME}) | row.value;
      clear |= MOUNT_ATTR__ATIME;
  }
}

/// Forgets the option that `row` takes back: "sync" before "async".
void forget_superblock(MountStep& step, const MountOption& row) {
  std::erase_if(step.data, [&](const std::string& option) {
    const MountOption* other = find_mount_option(option);
    return other && other->apply == Apply::Superblock && other->value == row.value;
  });
}

Result<void> apply_option(Draft& draft, std::string_view option) {
  MountStep& step = draft.step;
  const MountOption* row = find_mount_option(option);
  if (!row) {
    step.data.emplace_back(option);
    return {};
  }
  switch (row->apply) {
    case Apply::Set:
    case Apply::Clear:
    case Apply::Atime:
      set_attributes(step, *row);
      break;
    case Apply::Propagate:
      step.propagation = row->value;
      step.rec_propagation = row->recursive;
      break;
    case Apply::Bind:
      draft.bind = true;
      step.recursive = row->recursive;
      break;
    case Apply::Remount:
      draft.remount = true;
      break;
    case Apply::Superblock:
      forget_superblock(step, *row);
      step.data.emplace_back(option);
      break;
    case Apply::NoSuperblock:
      forget_superblock(step, *row);
      break;
    case Apply::CopyUp:
      step.copy_up = true;
      break;
    case Apply::MapIds:
      step.id_map = MountIdMap{.uid_map = {}, .gid_map = {}, .recursive = row->recursive};
      break;
    case Apply::SourceNofollow:
      step.source_nofollow = true;
      break;
    case Apply::TargetNofollow:
      step.target_nofollow = true;
      break;
    case Apply::Nothing:
      break;
    case Apply::CopySymlink:
      step.copy_symlink = true;
      break;
  }
  return {};
}

Result<MountKind> choose_kind(const Draft& draft, const oci::Mount& mount) {
  // As runc does: with "bind", "remount" only says that attributes follow.
  if (draft.bind) return MountKind::Bind;
  if (draft.remount) return MountKind::Remount;
  const auto* row = std::find_if(kTypes.begin(), kTypes.end(),
                                 [&](const TypeRow& known) { return known.type == mount.type; });
  if (row != kTypes.end()) return row->kind;
  if (mount.type.empty() || mount.type == "none") {
    return Error::because(EINVAL,
                          "type is missing: name a file system, or add the option \"bind\"");
  }
  return MountKind::Filesystem;  // an unknown one is the kernel's to refuse
}

Result<void> finish_bind(MountStep& step, const oci::Mount& mount, const Options& options,
                         Notices& notices) {
  if (mount.source.empty()) return Error::because(EINVAL, "source is missing");
  step.source =
      mount.source.starts_with('/') ? mount.source : cat(options.bundle, "/", mount.source);
  // A bind mount shares its superblock with the source: there is nothing these could change.
  for (const std::string& option : step.data) {
    if (find_mount_option(option)) continue;  // "sync" and the like: mount(2) ignores them as well
    notices.push_back(cat(name_of(step), ": option ", quoted(option),
                          " means nothing to a bind mount and is left out"));
  }
  step.data.clear();
  return {};
}

/// Mappings of the mount's own need no option, which without them means those of the container.
/// Source: runtime-spec 1.3.0 config.md, "Mounts".
Result<void> map_ids(MountStep& step, const oci::Mount& mount, const oci::Linux& linux) {
  const bool own = !mount.uid_mappings.empty() || !mount.gid_mappings.empty();
  if (!own && !step.id_map) return {};
  if (step.kind != MountKind::Bind)
    return Error::because(EINVAL, "ids can be mapped of a bind mount only");
  if (own && (mount.uid_mappings.empty() || mount.gid_mappings.empty()))
    return Error::because(EINVAL, "uidMappings and gidMappings must be given together");
  if (!own && (linux.uid_mappings.empty() || linux.gid_mappings.empty()))
    return Error::because(EINVAL,
                          cat("option \"idmap\" needs mappings: uidMappings and gidMappings ",
                              "of the mount, or else of linux"));
  if (!step.id_map) step.id_map.emplace();
  step.id_map->uid_map = own ? mount.uid_mappings : linux.uid_mappings;
  step.id_map->gid_map = own ? mount.gid_mappings : linux.gid_mappings;
  return {};
}

Result<MountStep> plan_mount(const oci::Mount& mount, const oci::Linux& linux, size_t index,
                             const Options& options, Notices& notices) {
  Draft draft;
  MountStep& step = draft.step;
  step.index = index;
  step.target = clean_path(mount.destination);
  for (const std::string& entry : mount.options) {
    TRY(for_each_option(entry, [&](std::string_view one) { return apply_option(draft, one); }));
  }
  step.kind = TRY(choose_kind(draft, mount));
  TRY(map_ids(step, mount, linux));
  if (step.target == "/" && step.kind != MountKind::Remount)
    return Error::because(EINVAL,
                          "destination must not be the root: that is what root.path is for");
  if (step.kind == MountKind::Bind) {
    TRY(finish_bind(step, mount, options, notices));
  } else {
    step.type = mount.type;
    step.source = mount.source;
  }
  if (step.copy_up && step.type != "tmpfs") {
    notices.push_back(cat(name_of(step), ": tmpcopyup is left out, only a tmpfs can be filled"));
    step.copy_up = false;
  }
  return std::move(draft.step);
}

/// The N of "gid=N", if `option` is that with a valid id.
std::optional<uint32_t> id_option(std::string_view option, std::string_view key) {
  if (!option.starts_with(key)) return std::nullopt;
  option.remove_prefix(key.size());
  uint32_t id = 0;
  const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), id);
  if (error != std::errc() || end != option.data() + option.size()) return std::nullopt;
  return id;
}

Result<void> check_ids(const MountStep& step, std::string_view key,
                       const std::vector<oci::IdMap>* map) {
  if (!map) return {};
  for (const std::string& option : step.data) {
    const std::optional<uint32_t> id = id_option(option, key);
    if (!id || maps(*map, *id)) continue;
    return Error::because(EINVAL,
                          cat(name_of(step), ": option ", quoted(option), " names an id that ",
                              "is not mapped, inside are ", describe_inside(*map)));
  }
  return {};
}

}  // namespace

Result<std::vector<MountStep>> plan_mounts(const oci::Spec& spec, const Options& options,
                                           Notices& notices) {
  std::vector<MountStep> steps;
  steps.reserve(spec.mounts.size());
  for (size_t i = 0; i < spec.mounts.size(); ++i) {
    const oci::Mount& mount = spec.mounts[i];
    steps.push_back(TRY(plan_mount(mount, spec.linux, i, options, notices), "mounts[", i, "] on ",
                        shown(mount.destination)));
  }
  return steps;
}

void drop_unmapped_tty_groups(std::vector<MountStep>& mounts, const std::vector<oci::IdMap>& gids) {
  // Every bundle of `crun spec` says gid=5. Where 5 is not mapped the kernel would refuse the mount
  // with EINVAL; without the option a terminal keeps the group of who opened it.
  for (MountStep& step : mounts) {
    if (step.type != "devpts") continue;
    std::erase_if(step.data, [&](const std::string& option) {
      const std::optional<uint32_t> id = id_option(option, "gid=");
      return id && !maps(gids, *id);
    });
  }
}

Result<void> fit_mount_ids(const Host& host, Plan& plan) {
  const std::vector<oci::IdMap>* uids = uids_inside(plan.user, host);
  const std::vector<oci::IdMap>* gids = gids_inside(plan.user, host);
  if (gids) drop_unmapped_tty_groups(plan.mounts, *gids);
  for (MountStep& step : plan.mounts) {
    TRY(check_ids(step, "uid=", uids));
    TRY(check_ids(step, "gid=", gids));
    if (!step.id_map) continue;
    step.id_map->uid_map = cut_along(step.id_map->uid_map, host.uid_map);
    step.id_map->gid_map = cut_along(step.id_map->gid_map, host.gid_map);
  }
  return {};
}

}  // namespace wolffia::plan
