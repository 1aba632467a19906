// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"
#include "oci/scheduler_names.hpp"

namespace wolffia::oci {
namespace {

struct RlimitName {
  std::string_view name;
  int resource;
};

// getrlimit(2), in the order of its page.
constexpr std::array kRlimits{
    RlimitName{"RLIMIT_AS", RLIMIT_AS},
    RlimitName{"RLIMIT_CORE", RLIMIT_CORE},
    RlimitName{"RLIMIT_CPU", RLIMIT_CPU},
    RlimitName{"RLIMIT_DATA", RLIMIT_DATA},
    RlimitName{"RLIMIT_FSIZE", RLIMIT_FSIZE},
    RlimitName{"RLIMIT_LOCKS", RLIMIT_LOCKS},
    RlimitName{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    RlimitName{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    RlimitName{"RLIMIT_NICE", RLIMIT_NICE},
    RlimitName{"RLIMIT_NOFILE", RLIMIT_NOFILE},
    RlimitName{"RLIMIT_NPROC", RLIMIT_NPROC},
    RlimitName{"RLIMIT_RSS", RLIMIT_RSS},
    RlimitName{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    RlimitName{"RLIMIT_RTTIME", RLIMIT_RTTIME},
    RlimitName{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    RlimitName{"RLIMIT_STACK", RLIMIT_STACK},
};

struct IoClassName {
  std::string_view name;
  int io_class;
};

// runtime-spec config.md, "ioPriority"; the numbers of linux/ioprio.h, which is not C++ in every
// release.
constexpr std::array kIoClasses{
    IoClassName{"IOPRIO_CLASS_RT", 1},
    IoClassName{"IOPRIO_CLASS_BE", 2},
    IoClassName{"IOPRIO_CLASS_IDLE", 3},
};

Result<ConsoleSize> parse_console_size(const json::Object& object) {
  // What a terminal can be told: struct winsize, ioctl_tty(2).
  const int64_t height = TRY(object.get_integer("height", 0, UINT16_MAX));
  const int64_t width = TRY(object.get_integer("width", 0, UINT16_MAX));
  return ConsoleSize{static_cast<uint16_t>(height), static_cast<uint16_t>(width)};
}

Result<uint32_t> parse_id(const json::Field& field) {
  return static_cast<uint32_t>(TRY(field.integer(0, kMaxId)));
}

Result<User> parse_user(const json::Object& object) {
  User user;
  TRY(object.read_integer("uid", user.uid, 0, kMaxId));
  TRY(object.read_integer("gid", user.gid, 0, kMaxId));
  TRY(object.read_integer("umask", user.umask, 0, 0777));
  TRY(object.read_each("additionalGids", user.additional_gids, parse_id));
  std::string_view name;  // for other platforms: checked, not used
  TRY(object.read("username", name));
  return user;
}

Result<Capabilities> parse_capabilities(const json::Object& object) {
  Capabilities sets;
  TRY(object.read("bounding", sets.bounding));
  TRY(object.read("effective", sets.effective));
  TRY(object.read("inheritable", sets.inheritable));
  TRY(object.read("permitted", sets.permitted));
  TRY(object.read("ambient", sets.ambient));
  return sets;
}

Result<Rlimit> parse_rlimit(const json::Object& object) {
  const json::Field type = TRY(object.get<json::Field>("type"));
  const std::string_view name = TRY(type.as<std::string_view>());
  const auto known = std::find_if(kRlimits.begin(), kRlimits.end(),
                                  [&](const RlimitName& row) { return row.name == name; });
  if (known == kRlimits.end()) return not_a(type, "a resource limit", name);
  const uint64_t soft = TRY(object.get<uint64_t>("soft"));
  const uint64_t hard = TRY(object.get<uint64_t>("hard"));
  if (soft > hard) return object.invalid("soft", "must not be above hard");
  return Rlimit{known->resource, soft, hard};
}

/// runtime-spec config.md, "rlimits": a duplicate type is an error.
Result<void> read_rlimits(const json::Object& process, std::vector<Rlimit>& rlimits) {
  std::vector<json::Object> rows;
  TRY(process.read("rlimits", rows));
  std::array<bool, RLIM_NLIMITS> seen{};
  for (const json::Object& row : rows) {
    const Rlimit limit = TRY(parse_rlimit(row));
    if (std::exchange(seen[static_cast<size_t>(limit.resource)], true))
      return row.invalid("type", "is the same as in an earlier entry");
    rlimits.push_back(limit);
  }
  return {};
}

Result<IoPriority> parse_io_priority(const json::Object& object) {
  const json::Field field = TRY(object.get<json::Field>("class"));
  const std::string_view name = TRY(field.as<std::string_view>());
  const auto known = std::find_if(kIoClasses.begin(), kIoClasses.end(),
                                  [&](const IoClassName& row) { return row.name == name; });
  if (known == kIoClasses.end()) return not_a(field, "an I/O scheduling class", name);
  IoPriority priority{known->io_class, 0};
  TRY(object.read_integer("priority", priority.priority, 0, 7));
  return priority;
}

/// Where a word stands in a table whose indexes are the kernel's numbers.
Result<uint32_t> parse_numbered(const json::Field& field, std::span<const std::string_view> table,
                                std::string_view what) {
  const std::string word = TRY(parse_word(field, table, what));
  return static_cast<uint32_t>(std::find(table.begin(), table.end(), word) - table.begin());
}

Result<uint64_t> parse_scheduler_flag(const json::Field& field) {
  return uint64_t{1} << TRY(parse_numbered(field, kSchedulerFlags, "a scheduler flag"));
}

Result<Scheduler> parse_scheduler(const json::Object& object) {
  Scheduler scheduler;
  const json::Field policy = TRY(object.get<json::Field>("policy"));
  scheduler.policy = TRY(parse_numbered(policy, kSchedulingPolicies, "a scheduling policy"));
  TRY(object.read_integer("nice", scheduler.nice, INT32_MIN, INT32_MAX));
  TRY(object.read_integer("priority", scheduler.priority, INT32_MIN, INT32_MAX));
  std::vector<uint64_t> flags;
  TRY(object.read_each("flags", flags, parse_scheduler_flag));
  for (const uint64_t flag : flags)
    scheduler.flags |= flag;
  TRY(object.read("runtime", scheduler.runtime));
  TRY(object.read("deadline", scheduler.deadline));
  TRY(object.read("period", scheduler.period));
  return scheduler;
}

/// A string without "=" sets no variable, see environ(7). Some images have them: they are left
/// out, as crun does; runc refuses such a bundle.
Result<void> read_environment(const json::Object& process, std::vector<std::string>& env) {
  TRY(process.read("env", env));
  std::erase_if(env, [](const std::string& entry) { return entry.find('=') == entry.npos; });
  return {};
}

Result<NumberSet> read_cpu_list(const json::Object& affinity, std::string_view key) {
  std::string_view cpus;
  TRY(affinity.read(key, cpus));
  auto set = read_number_set(cpus);
  if (!set) return affinity.invalid(key, "must be a list of CPUs such as 0-3,7");
  return std::move(*set);
}

/// What the program is: the fields every process has.
Result<void> read_program(const json::Object& object, Process& process) {
  TRY(object.read("args", process.args));
  if (process.args.empty()) return object.invalid("args", "must name a program");
  TRY(read_environment(object, process.env));
  const json::Field cwd = TRY(object.get<json::Field>("cwd"));
  process.cwd = TRY(parse_absolute_path(cwd));
  TRY(object.read("terminal", process.terminal));
  std::optional<json::Object> size;
  TRY(object.read("consoleSize", size));
  if (size) process.console_size = TRY(parse_console_size(*size));
  return {};
}

/// What the program may do.
Result<void> read_privileges(const json::Object& object, Process& process) {
  std::optional<json::Object> user;
  TRY(object.read("user", user));
  if (user) process.user = TRY(parse_user(*user));
  std::optional<json::Object> capabilities;
  TRY(object.read("capabilities", capabilities));
  if (capabilities) process.capabilities = TRY(parse_capabilities(*capabilities));
  TRY(object.read("noNewPrivileges", process.no_new_privileges));
  TRY(object.read("apparmorProfile", process.apparmor_profile));
  TRY(object.read("selinuxLabel", process.selinux_label));
  return {};
}

/// How much of the machine the program gets.
Result<void> read_scheduling(const json::Object& object, Process& process) {
  TRY(read_rlimits(object, process.rlimits));
  TRY(object.read_integer("oomScoreAdj", process.oom_score_adj, -1000, 1000));
  std::optional<json::Object> scheduler;
  TRY(object.read("scheduler", scheduler));
  if (scheduler) process.scheduler = TRY(parse_scheduler(*scheduler));
  std::optional<json::Object> io_priority;
  TRY(object.read("ioPriority", io_priority));
  if (io_priority) process.io_priority = TRY(parse_io_priority(*io_priority));
  std::optional<json::Object> affinity;
  TRY(object.read("execCPUAffinity", affinity));
  if (!affinity) return {};
  process.exec_cpus_initial = TRY(read_cpu_list(*affinity, "initial"));
  process.exec_cpus_final = TRY(read_cpu_list(*affinity, "final"));
  return {};
}

}  // namespace

Result<Process> parse_process_object(const json::Object& object) {
  Process process;
  TRY(read_program(object, process));
  TRY(read_privileges(object, process));
  TRY(read_scheduling(object, process));
  return process;
}

}  // namespace wolffia::oci
