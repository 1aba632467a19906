// SPDX-License-Identifier: Apache-2.0
#include <sys/personality.h>
#include <sys/resource.h>

#include <array>
#include <span>

#include "base/quote.hpp"
#include "oci/memory_policy_names.hpp"
#include "oci/scheduler_names.hpp"
#include "plan/capabilities.hpp"
#include "plan/mount_options.hpp"
#include "plan/parts.hpp"

namespace wolffia::plan {
namespace {

struct RlimitName {
  int resource;
  std::string_view name;
};

/// Source: getrlimit(2); the numbers differ between architectures.
constexpr std::array kRlimits{
    RlimitName{RLIMIT_AS, "as"},
    RlimitName{RLIMIT_CORE, "core"},
    RlimitName{RLIMIT_CPU, "cpu"},
    RlimitName{RLIMIT_DATA, "data"},
    RlimitName{RLIMIT_FSIZE, "fsize"},
    RlimitName{RLIMIT_LOCKS, "locks"},
    RlimitName{RLIMIT_MEMLOCK, "memlock"},
    RlimitName{RLIMIT_MSGQUEUE, "msgqueue"},
    RlimitName{RLIMIT_NICE, "nice"},
    RlimitName{RLIMIT_NOFILE, "nofile"},
    RlimitName{RLIMIT_NPROC, "nproc"},
    RlimitName{RLIMIT_RSS, "rss"},
    RlimitName{RLIMIT_RTPRIO, "rtprio"},
    RlimitName{RLIMIT_RTTIME, "rttime"},
    RlimitName{RLIMIT_SIGPENDING, "sigpending"},
    RlimitName{RLIMIT_STACK, "stack"},
};

std::string name_of_rlimit(int resource) {
  for (const RlimitName& row : kRlimits) {
    if (row.resource == resource) return std::string(row.name);
  }
  return cat(resource);
}

std::string limit_value(uint64_t value) {
  return value == UINT64_MAX ? std::string("unlimited") : cat(value);
}

/// By the number of oci::NamespaceType.
constexpr std::array<std::string_view, 8> kNamespaceNames{"user", "mount", "pid",    "network",
                                                          "ipc",  "uts",   "cgroup", "time"};

std::string_view name_of(oci::NamespaceType type) {
  return kNamespaceNames[static_cast<size_t>(type)];
}

std::string shown_all(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words)
    line += cat(line.empty() ? "" : " ", shown(word));
  return line;
}

std::string octal(uint32_t mode) {
  std::string digits = "0";
  for (int shift = 9; shift >= 0; shift -= 3) {
    const uint32_t digit = (mode >> shift) & 7;
    if (digit || shift < 9) digits += static_cast<char>('0' + digit);
  }
  return digits;
}

/// Collects the lines: a heading where something belongs together, details two blanks in.
class Page {
 public:
  template <class... Parts>
  void line(const Parts&... parts) {
    text_ += cat(parts..., "\n");
  }
  template <class... Parts>
  void detail(const Parts&... parts) {
    line("  ", parts...);
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string span_of(uint32_t first, uint32_t size) {
  return size == 1 ? cat(first) : cat(first, "-", first + (size - 1));
}

void print_map(Page& page, std::string_view kind, const std::vector<oci::IdMap>& map) {
  for (const oci::IdMap& line : map) {
    page.detail(kind, " ", span_of(line.container, line.size), " inside is ",
                span_of(line.host, line.size), " outside");
  }
}

std::string_view writer_of(MapWriter writer) {
  switch (writer) {
    case MapWriter::Child:
      return "mapped by the new process itself";
    case MapWriter::Parent:
      return "mapped by the runtime";
    case MapWriter::Helpers:
      return "mapped by newuidmap and newgidmap";
  }
  return {};
}

void print_user(Page& page, const UserNamespacePlan& user) {
  if (user.how == UserNamespacePlan::How::Inherit) return page.line("user namespace inherited");
  if (user.how == UserNamespacePlan::How::Join)
    return page.line("user namespace joined: ", shown(user.path));
  page.line("user namespace new, ", writer_of(user.writer));
  print_map(page, "uid", user.uid_map);
  print_map(page, "gid", user.gid_map);
  if (user.deny_setgroups) page.detail("setgroups denied");
  if (user.may_fall_back) {
    page.detail("if that fails: uid ", user.one_uid.container, " is ", user.one_uid.host, ", gid ",
                user.one_gid.container, " is ", user.one_gid.host, ", no others");
  }
}

void print_namespaces(Page& page, const Plan& plan) {
  for (const NamespacePlan& ns : plan.namespaces) {
    if (ns.path.empty()) {
      page.line(name_of(ns.type), " namespace new");
    } else {
      page.line(name_of(ns.type), " namespace joined: ", shown(ns.path));
    }
  }
  for (const oci::Linux::TimeOffset& offset : plan.time_offsets)
    page.line("clock ", offset.clock, " offset by ", offset.secs, " s ", offset.nanosecs, " ns");
  for (const oci::NetDevice& device : plan.net_devices)
    page.line("network device ", shown(device.name), " comes in as ", shown(device.inside));
  if (!plan.hostname.empty()) page.line("hostname ", shown(plan.hostname));
  if (!plan.domainname.empty()) page.line("domainname ", shown(plan.domainname));
  for (const auto& [path, value] : plan.sysctl)
    page.line("sysctl ", shown(path), " = ", shown(value));
}

std::string propagation_of(uint64_t bits, bool recursive) {
  for (const MountOption& row : kMountOptions) {
    if (row.apply == Apply::Propagate && row.value == bits && row.recursive == recursive)
      return std::string(row.name);
  }
  return {};
}

void print_root(Page& page, const RootPlan& root) {
  page.line("root ", shown(root.path), root.readonly ? ", read-only" : "",
            root.pivot ? "" : ", without pivot_root");
  if (root.cover == Cover::IfMissing) page.detail("missing mount points are made in a layer above");
  if (root.cover == Cover::Always) page.detail("mount points are made in a layer above");
  if (root.propagation)
    page.detail("propagation ", propagation_of(root.propagation, root.rec_propagation));
}

std::string_view atime_word(uint64_t set) {
  switch (set & MOUNT_ATTR__ATIME) {
    case MOUNT_ATTR_NOATIME:
      return "noatime";
    case MOUNT_ATTR_STRICTATIME:
      return "strictatime";
    default:
      return "relatime";
  }
}

/// The words for the attributes that are set and taken away. That an atime mode is asked for shows
/// in the mask only, as relatime has the value 0.
std::string attribute_words(uint64_t set, uint64_t clear, bool recursive) {
  std::string words;
  for (const MountOption& row : kMountOptions) {
    if (row.recursive != recursive) continue;
    const bool wanted = (row.apply == Apply::Set && (set & row.value) != 0) ||
                        (row.apply == Apply::Clear && (clear & row.value) != 0);
    if (wanted) words += cat(" ", row.name);
  }
  if (clear & MOUNT_ATTR__ATIME) words += cat(recursive ? " r" : " ", atime_word(set));
  return words;
}

std::string options_of(const MountStep& step) {
  std::string words = attribute_words(step.set, step.clear, false);
  words += attribute_words(step.rec_set, step.rec_clear, true);
  if (step.propagation) words += cat(" ", propagation_of(step.propagation, step.rec_propagation));
  if (step.copy_up) words += " tmpcopyup";
  if (step.copy_symlink) words += " copy-symlink";
  if (step.id_map) words += step.id_map->recursive ? " ridmap" : " idmap";
  if (step.source_nofollow) words += " src-nofollow";
  if (step.target_nofollow) words += " dest-nofollow";
  for (const std::string& option : step.data)
    words += cat(" ", shown(option));
  return words.empty() ? words : cat(":", words);
}

void print_mount(Page& page, const MountStep& step) {
  const std::string tail = cat(" on ", shown(step.target), options_of(step));
  switch (step.kind) {
    case MountKind::Bind:
      return page.line(step.recursive ? "bind tree " : "bind ", shown(step.source), tail);
    case MountKind::Remount:
      return page.line("remount", tail);
    case MountKind::Filesystem:
    case MountKind::Proc:
    case MountKind::Sysfs:
    case MountKind::Cgroup:
      return page.line("mount ", shown(step.type), tail);
  }
}

void print_devices(Page& page, const std::vector<DeviceStep>& devices) {
  constexpr std::string_view kLetters = "cbp";
  for (const DeviceStep& device : devices) {
    const std::string_view letter = kLetters.substr(static_cast<size_t>(device.type), 1);
    if (device.type == oci::DeviceType::Fifo) {
      page.line("device ", shown(device.path), " ", letter, " mode ", octal(device.mode));
    } else {
      page.line("device ", shown(device.path), " ", letter, " ", device.major, ":", device.minor,
                " mode ", octal(device.mode));
    }
  }
}

void print_capabilities(Page& page, const CapabilitySets& sets) {
  page.detail("capabilities bounding ", describe_capabilities(sets.bounding));
  page.detail("capabilities effective ", describe_capabilities(sets.effective));
  page.detail("capabilities permitted ", describe_capabilities(sets.permitted));
  page.detail("capabilities inheritable ", describe_capabilities(sets.inheritable));
  page.detail("capabilities ambient ", describe_capabilities(sets.ambient));
}

std::string name_of(const oci::MemoryPolicy& policy) {
  constexpr unsigned kModes = (1U << oci::kFirstMemoryPolicyFlag) - 1;
  std::string name(oci::kMemoryPolicies[policy.mode & kModes]);
  for (size_t i = 0; i < oci::kMemoryPolicyFlags.size(); ++i)
    if ((policy.mode >> (oci::kFirstMemoryPolicyFlag + i) & 1) != 0)
      name += cat("|", oci::kMemoryPolicyFlags[i]);
  return name;
}

void print_attributes(Page& page, const ProcessPlan& process) {
  for (const oci::Rlimit& limit : process.rlimits) {
    page.detail("rlimit ", name_of_rlimit(limit.resource), " soft ", limit_value(limit.soft),
                " hard ", limit_value(limit.hard));
  }
  if (process.umask) page.detail("umask ", octal(*process.umask));
  if (process.oom_score_adj) page.detail("oom score ", *process.oom_score_adj);
  if (process.personality)
    page.detail("personality ", *process.personality == PER_LINUX32 ? "LINUX32" : "LINUX");
  if (process.io_priority) {
    page.detail("io priority class ", process.io_priority->io_class, " level ",
                process.io_priority->priority);
  }
  if (process.scheduler)
    page.detail("scheduler ", oci::kSchedulingPolicies[process.scheduler->policy], " nice ",
                process.scheduler->nice);
  if (process.memory_policy)
    page.detail("memory policy ", name_of(*process.memory_policy), " of nodes ",
                list_of(process.memory_policy->nodes));
  if (!process.cpus.empty()) page.detail("CPUs ", list_of(process.cpus));
  if (process.preserve_fds) page.detail("descriptors 3-", 2 + process.preserve_fds, " stay open");
  if (!process.new_keyring) page.detail("session keyring of the caller");
}

void print_process(Page& page, const ProcessPlan& process) {
  page.line("process ", shown_all(process.args));
  page.detail("in ", shown(process.cwd), process.terminal ? ", on a terminal" : "");
  page.detail("uid ", process.uid.value, ", gid ", process.gid.value);
  if (process.keep_groups) page.detail("supplementary groups of the caller");
  for (const uint32_t gid : process.additional_gids)
    page.detail("group ", gid);
  for (const std::string& entry : process.env)
    page.detail("env ", shown(entry));
  print_capabilities(page, process.capabilities);
  if (process.no_new_privileges) page.detail("no new privileges");
  print_attributes(page, process);
}

void print_hooks(Page& page, const oci::Hooks& hooks) {
  struct Row {
    std::string_view name;
    const std::vector<oci::Hook>& list;
  };
  for (const Row& row :
       {Row{"prestart", hooks.prestart}, Row{"createRuntime", hooks.create_runtime},
        Row{"createContainer", hooks.create_container},
        Row{"startContainer", hooks.start_container}, Row{"poststart", hooks.poststart},
        Row{"poststop", hooks.poststop}}) {
    for (const oci::Hook& hook : row.list)
      page.line("hook ", row.name, " ", shown(hook.path));
  }
}

void print_scope(Page& page, const ScopePlan& scope) {
  page.line("cgroup of the scope ", shown(scope.name),
            scope.subgroup.empty() ? "" : cat(", below it ", shown(scope.subgroup)));
  for (const std::string& property : scope.properties)
    page.line("  ", shown(property));
}

void print_cgroup(Page& page, const CgroupPlan& cgroup) {
  if (cgroup.scope)
    print_scope(page, *cgroup.scope);
  else
    page.line("cgroup ", cgroup.path.empty() ? "below the caller's" : shown(cgroup.path));
  if (!cgroup.delegated.empty()) page.line("start in ", shown(cgroup.delegated), " below it");
  if (cgroup.owner) page.line("give it to uid ", *cgroup.owner);
  if (!cgroup.devices.empty())
    page.line("devices by ", cgroup.devices.size(), " rules, the defaults among them");
  for (const CgroupWrite& limit : cgroup.limits)
    page.line("limit ", shown(limit.field), ": ", shown(limit.file), " ", shown(limit.value));
}

}  // namespace

std::string shown(std::string_view text) {
  return quoted_if_needed(text, std::string_view::npos);
}

std::string print(const UserNamespacePlan& user) {
  Page page;
  print_user(page, user);
  return std::move(page).take();
}

std::string print(const Plan& plan) {
  Page page;
  page.line("container ", shown(plan.id), " from ", shown(plan.bundle));
  print_user(page, plan.user);
  print_namespaces(page, plan);
  print_root(page, plan.root);
  for (const MountStep& step : plan.mounts)
    print_mount(page, step);
  print_devices(page, plan.devices);
  for (const std::string& path : plan.masked_paths)
    page.line("mask ", shown(path));
  for (const std::string& path : plan.readonly_paths)
    page.line("read-only ", shown(path));
  print_hooks(page, plan.hooks);
  if (plan.process) print_process(page, *plan.process);
  if (plan.cgroup) print_cgroup(page, *plan.cgroup);
  if (plan.leaves_device_rules_out)
    page.line("device rules are left out: without privileges the kernel takes none");
  page.line(plan.seccomp ? cat("seccomp filter, by default ", shown(plan.seccomp->default_action))
                         : std::string("no seccomp filter"));
  for (const std::string& notice : plan.notices)
    page.line("notice: ", notice);
  return std::move(page).take();
}

}  // namespace wolffia::plan
