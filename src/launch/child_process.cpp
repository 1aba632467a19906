// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <climits>
#include <cstring>

#include "base/quote.hpp"
#include "launch/child.hpp"
#include "launch/fallback.hpp"
#include "oci/scheduler_names.hpp"
#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/session.hpp"

namespace wolffia::launch {
namespace {

constexpr int kFirstForeign = STDERR_FILENO + 1;
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kDefaultUmask = 022;
constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The value of NAME= in an environment, or nullptr.
const char* find_variable(const std::vector<std::string>& env, std::string_view name_and_equals) {
  for (const std::string& variable : env)
    if (variable.starts_with(name_and_equals)) return variable.c_str() + name_and_equals.size();
  return nullptr;
}

/// The next field of a line of passwd(5).
std::string_view next_field(std::string_view& line) {
  const size_t end = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

/// The home directory of `uid` in the text of a passwd file: the sixth field. A name that looks
/// like a number is still only a name (runc CVE-2016-3697).
std::string_view home_in(std::string_view passwd, uint32_t uid) {
  while (!passwd.empty()) {
    const size_t end = std::min(passwd.find('\n'), passwd.size());
    std::string_view line = passwd.substr(0, end);
    passwd.remove_prefix(std::min(end + 1, passwd.size()));
    (void)next_field(line);  // name
    (void)next_field(line);  // password
    const std::string_view number = next_field(line);
    uint32_t found = 0;
    const auto [rest, bad] = std::from_chars(number.data(), number.data() + number.size(), found);
    if (bad != std::errc() || rest != number.data() + number.size() || found != uid) continue;
    (void)next_field(line);  // gid
    (void)next_field(line);  // gecos
    return next_field(line);
  }
  return {};
}

/// The image's /etc/passwd, if it is a regular file of a sane size: anything else has no say, and
/// must not make us wait.
std::string read_passwd(const sys::Fd& root) {
  constexpr size_t kPasswdLimit = 1 << 20;
  const auto file = open_inside(root, "etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return {};
  const auto status = sys::stat_fd(*file);
  if (!status || !S_ISREG(status->st_mode)) return {};
  auto text = sys::read_all(*file, kPasswdLimit);
  return text ? std::move(text).value() : std::string();
}

/// EINVAL of setgroups(2), setresgid(2) and setresuid(2) means one thing only.
Result<void> mapped(Result<void> done, const std::string& field) {
  if (done) return done;
  if (!done.error().is(EINVAL)) return std::move(done).error().context(field);
  return Error::because(EINVAL, cat(field,
                                    ": does not exist in the container, whose ids are those "
                                    "of /proc/PID/uid_map and gid_map"));
}

Result<void> set_ids(const Child& child) {
  const plan::ProcessPlan& process = child.process;
  if (!child.keep_groups)
    TRY(mapped(sys::set_groups(process.additional_gids), "process.user.additionalGids"));
  TRY(mapped(sys::set_group(process.gid.value), cat("process.user.gid ", process.gid.value)));
  return mapped(sys::set_user(process.uid.value), cat("process.user.uid ", process.uid.value));
}

/// May the program be executed by who we are now? A directory may be "executable" too.
Result<void> check_program(const char* path) {
  TRY(sys::check_access(path, X_OK));
  const struct stat status = TRY(sys::stat_at(sys::cwd(), path));
  if (!S_ISREG(status.st_mode)) return Error::because(EACCES, "not a regular file");
  return {};
}

}  // namespace

Result<void> set_limits(Child& child) {
  for (const oci::Rlimit& limit : child.process.rlimits)
    TRY(sys::set_rlimit(limit.resource, limit.soft, limit.hard), "process.rlimits: soft ",
        limit.soft, ", hard ", limit.hard,
        " (a hard limit can only be lowered without privileges)");
  return {};
}

/// Which policies an ordinary user may have is the kernel's to say: sched(7), RLIMIT_RTPRIO.
Result<void> set_scheduler(const oci::Scheduler& wanted) {
  auto set = sys::set_scheduler({.policy = wanted.policy,
                                 .flags = wanted.flags,
                                 .nice = wanted.nice,
                                 .priority = static_cast<uint32_t>(wanted.priority),
                                 .runtime = wanted.runtime,
                                 .deadline = wanted.deadline,
                                 .period = wanted.period});
  if (set) return {};
  std::string name = cat("process.scheduler: ", oci::kSchedulingPolicies[wanted.policy]);
  if (wanted.nice != 0) name += cat(" with nice ", wanted.nice);
  if (!set.error().is(EPERM)) return std::move(set).error().context(name);
  const bool real_time = wanted.policy == SCHED_FIFO || wanted.policy == SCHED_RR;
  return std::move(set).error().context(
      cat(name, real_time ? " needs root, or a limit rtprio of its priority" : " needs root"));
}

Result<void> set_scheduling(Child& child) {
  const plan::ProcessPlan& process = child.process;
  if (process.personality) TRY(sys::set_personality(*process.personality), "linux.personality");
  if (process.io_priority)
    TRY(sys::set_io_priority(process.io_priority->io_class, process.io_priority->priority),
        "process.ioPriority");
  if (process.scheduler) TRY(set_scheduler(*process.scheduler));
  if (!process.cpus.empty())
    TRY(sys::set_cpus(process.cpus), "process.execCPUAffinity: CPUs ", list_of(process.cpus));
  if (process.memory_policy) {
    const oci::MemoryPolicy& policy = *process.memory_policy;
    TRY(sys::set_memory_policy(policy.mode, policy.nodes), "linux.memoryPolicy: nodes ",
        policy.nodes.empty() ? "none" : list_of(policy.nodes));
  }
  return {};
}

Result<void> close_foreign_descriptors(Child& child) {
  // Nothing of the host is left to become a working directory (CVE-2024-21626). Below `from` stand
  // the caller's --preserve-fds; what is ours among them is close-on-exec.
  if (child.process.labels.empty()) child.host_proc().reset();
  child.terminal.reset();
  child.handover.console_socket.reset();
  HookOutput& output = child.handover.hook_output;
  if (!child.plan || child.plan->hooks.start_container.empty()) output = {};
  std::array ours{child.channel.socket().get(),
                  child.handover.gate.get(),
                  child.handover.listener_socket.get(),
                  child.root().get(),
                  child.host_proc().get(),
                  output.out.get(),
                  output.error.get()};
  std::sort(ours.begin(), ours.end());
  int from = kFirstForeign + static_cast<int>(child.process.preserve_fds);
  for (const int fd : ours) {
    if (fd < from) continue;
    if (fd > from) TRY(close_descriptors(from, fd - 1));
    from = fd + 1;
  }
  return close_descriptors(from, INT_MAX);
}

Result<void> new_keyring(Child& child) {
  if (!child.process.new_keyring) return {};
  const std::string name = cat("_ses.", child.plan ? child.plan->id : "exec");
  auto joined = sys::join_session_keyring(name.c_str());
  // A kernel without keys has none to hide. EPERM is the seccomp profile of a container around us:
  // it binds what we start as well.
  if (!joined && (joined.error().is(ENOSYS) || joined.error().is(EPERM))) return {};
  return joined;
}

Result<void> find_home(Child& child) {
  const char* given = find_variable(child.process.env, "HOME=");
  if (given && *given != '\0') return {};
  const std::string passwd = read_passwd(child.root());
  const std::string_view home = home_in(passwd, child.process.uid.value);
  child.home = cat("HOME=", home.empty() ? "/" : home);
  return {};
}

/// In a root that stays read-only there is no later moment for it. What fails here fails again
/// when it is entered, with its reason.
Result<void> make_room_to_work(Child& child) {
  const std::string& path = child.process.cwd;
  if (child.plan->root.readonly && !path.empty())
    (void)sys::make_directories(child.rootfs->root, path, kDirectoryMode);
  return {};
}

Result<void> make_working_directory(Child& child) {
  const std::string& path = child.process.cwd;
  auto entered = sys::change_directory(path.c_str());
  if (!entered && entered.error().is(ENOENT)) {
    TRY(sys::make_directories(child.root(), path.c_str(), kDirectoryMode), "process.cwd ", path);
    entered = sys::change_directory(path.c_str());
  }
  child.in_working_directory = bool(entered);
  // Only its user may enter it, perhaps: tried again as that user.
  if (!entered && !entered.error().is(EACCES))
    return std::move(entered).error().context(cat("process.cwd ", path));
  return {};
}

Result<void> enter_working_directory(Child& child) {
  const std::string& path = child.process.cwd;
  if (!child.in_working_directory) TRY(sys::change_directory(path.c_str()), "process.cwd ", path);
  const bool inside = TRY(sys::directory_is_reachable(), "process.cwd ", path);
  if (inside) return {};
  return Error::because(EACCES, cat("process.cwd ", path, " lies outside the root file system"));
}

Result<void> give_streams(Child& child) {
  // A pipe opened again through /dev/stdout is checked against its owner. Files and terminals of
  // the host keep theirs.
  if (child.process.uid.value == 0) return {};
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    const sys::BorrowedFd stream(number);
    const auto status = sys::stat_fd(stream.fd());
    if (!status || !S_ISFIFO(status->st_mode)) continue;
    // Not ours to give where the pipe belongs to an id without a mapping; the program can write
    // to it all the same.
    (void)sys::change_owner(stream.fd(), child.process.uid.value, child.process.gid.value);
  }
  return {};
}

Result<void> drop_privileges(Child& child) {
  const plan::ProcessPlan& process = child.process;
  const plan::CapabilitySets& sets = process.capabilities;
  TRY(sys::limit_bounding(sets.bounding), "process.capabilities.bounding");
  if (process.uid.value != 0) TRY(sys::keep_capabilities());
  TRY(set_ids(child));
  TRY(sys::set_capabilities(sets.effective, sets.permitted, sets.inheritable),
      "process.capabilities");
  // Of what is not inheritable capset(2) has left none in the ambient set.
  if (sets.inheritable != 0) TRY(sys::set_ambient(sets.ambient), "process.capabilities.ambient");
  if (process.no_new_privileges) TRY(sys::forbid_new_privileges());
  sys::set_umask(process.umask.value_or(kDefaultUmask));
  return {};
}

Result<void> find_program(Child& child) {
  if (child.process.args.empty()) return {};
  const std::string& name = child.process.args[0];
  if (name.find('/') != std::string::npos) {
    if (auto found = check_program(name.c_str()); !found)
      return program_error(name, std::move(found).error());
    child.program = name;
    return {};
  }
  const char* path = find_variable(child.process.env, "PATH=");
  std::string_view rest = path ? path : kDefaultPath;
  int code = ENOENT;
  while (!rest.empty() && !name.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string_view directory = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    child.program = cat(directory.empty() ? "." : directory, "/", name);
    const auto found = check_program(child.program.c_str());
    if (found) return {};
    if (found.error().is(EACCES)) code = EACCES;  // execvp(3): told only if nothing else serves
  }
  return program_error(name, Error::because(code, {}));
}

int32_t program_status(const Error& error) {
  return error.is(ENOENT) || error.is(ENOTDIR) ? kStatusNotFound : kStatusCannotExecute;
}

Error program_error(const std::string& program, const Error& error) {
  const bool searched = program.find('/') == std::string::npos;
  std::string why = searched && error.is(ENOENT) ? "executable file not found in $PATH"
                                                 : ::strerrordesc_np(error.code());
  if (!why.empty()) why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  return Error::because(error.code(), cat("exec: ", quoted(program), ": ", why));
}

}  // namespace wolffia::launch
