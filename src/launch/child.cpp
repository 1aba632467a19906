// SPDX-License-Identifier: Apache-2.0
#include "launch/child.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <span>

#include "launch/hooks.hpp"
#include "launch/id_map.hpp"
#include "plan/make_plan.hpp"
#include "sys/attributes.hpp"
#include "sys/file.hpp"
#include "sys/memory.hpp"
#include "sys/namespace.hpp"
#include "sys/path.hpp"
#include "sys/process.hpp"
#include "sys/seccomp.hpp"
#include "sys/session.hpp"
#include "sys/signal_reset.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {
namespace {

using oci::NamespaceType;

constexpr size_t kSetgroupsLimit = 64;  // it holds one word

struct Stage {
  const char* name;
  Result<void> (*run)(Child&);
  bool about_program = false;  // its failure is the program's: 127 or 126, as shells report it
};

/// The helpers failed: what the plan says about the other ids goes, in this process's own copy.
Result<void> go_on_with_one_id(Child& child) {
  if (!child.fallback) return Error::because(EPROTO, "the bundle's ids are not negotiable");
  const size_t told = child.fallback->notices.size();
  plan::fall_back_to_one_id(*child.fallback);
  child.keep_groups = true;
  for (size_t i = told; i < child.fallback->notices.size(); ++i)
    TRY(child.channel.notice(child.fallback->notices[i]));
  return {};
}

/// Only here is it known of a namespace that was joined: whoever made it, perhaps without
/// subordinate gids, has said for all that its groups stay.
Result<void> keep_groups_that_stay(Child& child) {
  const auto setgroups = sys::read_record(sys::cwd(), "/proc/self/setgroups", kSetgroupsLimit);
  if (child.keep_groups || !setgroups || !setgroups->starts_with("deny")) return {};
  child.keep_groups = true;
  if (child.process.additional_gids.empty()) return {};
  return child.channel.notice(
      "process.user.additionalGids: left out, setgroups is denied in the user namespace that is "
      "joined");
}

Result<void> map_ids(Child& child) {
  const plan::UserNamespacePlan& user = child.plan->user;
  child.keep_groups = child.process.keep_groups || !child.plan->process;
  if (user.how == plan::UserNamespacePlan::How::Join) return keep_groups_that_stay(child);
  if (user.how != plan::UserNamespacePlan::How::New) return {};
  if (user.writer == plan::MapWriter::Child) return write_own_maps(user);
  const Packet done = TRY(child.channel.expect(Word::MapsDone));
  return done.value != 0 ? go_on_with_one_id(child) : Result<void>();
}

Result<void> become_root(Child& child) {
  sys::set_umask(0);  // modes of what is made from here on are meant as written
  if (child.plan->user.how == plan::UserNamespacePlan::How::Inherit) return {};
  return become_mapped_root(child.plan->user);
}

Result<void> make_cgroup_namespace(Child& child) {
  if (!child.handover.cgroup || !child.plan->creates(NamespaceType::Cgroup)) return {};
  return sys::unshare_namespaces(CLONE_NEWCGROUP);
}

Result<void> reset_signals(Child&) {
  return reset_signals_now();
}

Result<void> set_oom_score(Child& child) {
  if (!child.process.oom_score_adj) return {};
  const std::string score = cat(*child.process.oom_score_adj);
  auto written = sys::write_existing(sys::cwd(), "/proc/self/oom_score_adj", score);
  if (written || !written.error().is(EACCES)) return written;
  return child.channel.notice(cat("process.oomScoreAdj ", score,
                                  " is not applied: without privileges it can only be raised"));
}

Result<void> set_clock_offsets(Child& child) {
  if (child.plan->time_offsets.empty()) return {};
  TRY(sys::unshare_namespaces(CLONE_NEWTIME));
  std::string lines;
  for (const oci::Linux::TimeOffset& offset : child.plan->time_offsets)
    lines += cat(offset.clock, " ", offset.secs, " ", offset.nanosecs, "\n");
  TRY(sys::write_existing(sys::cwd(), "/proc/self/timens_offsets", lines));
  const sys::NamespaceFd space(
      TRY(sys::open_at(sys::cwd(), "/proc/self/ns/time_for_children", O_RDONLY)).release());
  return sys::join_namespace(space, CLONE_NEWTIME);
}

Result<void> hide_from_others(Child&) {
  return sys::set_dumpable(false);
}

/// The engines' default filters refuse it in a container around us, whoever asks.
Result<void> set_host_name(const Child& child) {
  const std::string& name = child.plan->hostname;
  auto set = sys::set_host_name(name);
  if (set || !child.plan->hostname_optional || !set.error().is(EPERM))
    return set ? std::move(set) : std::move(set).error().context("hostname");
  return child.channel.notice(
      cat("hostname: stays that of the machine, as a filter around us refuses ", name));
}

Result<void> set_names(Child& child) {
  if (!child.plan->hostname.empty()) TRY(set_host_name(child));
  if (!child.plan->domainname.empty())
    TRY(sys::set_domain_name(child.plan->domainname), "domainname");
  return {};
}

Result<void> open_proc(Child& child) {
  child.rootfs->host_proc = TRY(open_host_proc());
  return {};
}

Result<void> set_sysctl(Child& child) {
  for (const auto& [name, value] : child.plan->sysctl) {
    const std::string path = cat("sys/", name);
    TRY(sys::write_existing(child.rootfs->host_proc, path.c_str(), value), "linux.sysctl ", name);
  }
  return {};
}

Result<void> isolate(Child& child) {
  return isolate_mounts(child.plan->root);
}
Result<void> root(Child& child) {
  return attach_root(*child.rootfs);
}
Result<void> mounts(Child& child) {
  return attach_mounts(*child.rootfs);
}
Result<void> console(Child& child) {
  if (!child.process.terminal) return {};
  TRY(open_terminal(child));
  return attach_console(*child.rootfs, child.terminal);
}
Result<void> paths(Child& child) {
  return seal_paths(*child.rootfs);
}

Result<void> let_runtime_hooks_run(Child& child) {
  const oci::Hooks& hooks = child.plan->hooks;
  if (hooks.prestart.empty() && hooks.create_runtime.empty()) return {};
  TRY(child.channel.say(Word::Mounted));
  TRY(child.channel.expect(Word::HooksDone));
  return {};
}

/// What stands in front of the pid in `json` cannot hold the mark: an id has no "@".
/// Source: runtime-spec runtime.md, "State".
std::string with_pid(std::string json, pid_t pid) {
  constexpr std::string_view kMark = "@PID@";
  const size_t at = json.find(kMark);
  return at == std::string::npos ? json : json.replace(at, kMark.size(), cat(pid));
}

/// Hooks in the container's namespaces get the pid as it is seen there.
std::string with_own_pid(std::string json) {
  return with_pid(std::move(json), ::getpid());
}

Result<void> create_container_hooks(Child& child) {
  const std::vector<oci::Hook>& hooks = child.plan->hooks.create_container;
  if (hooks.empty()) return {};
  TRY(sys::change_directory_to(child.rootfs->root));  // not where the last mount left us
  return run_hooks("createContainer", hooks, with_own_pid(child.handover.creating_json),
                   {.output = &child.handover.hook_output});
}

Result<void> enter(Child& child) {
  for (const std::string& text : child.rootfs->notices)
    TRY(child.channel.notice(text));
  return enter_root(*child.rootfs);
}

/// Whether the container's own filter is upon us from filter_early() on.
bool is_filtered_early(const Child& child) {
  return !child.process.no_new_privileges && !child.handover.filter.program.empty();
}

/// Whoever answers our notifications knows us by the number that the starter sees.
Result<void> learn_pid(Child& child) {
  if (!child.handover.listener_socket) return {};
  const Packet known = TRY(child.channel.expect(Word::Known));
  std::string& json = child.handover.listener_json;  // of the process, then of the container
  json = with_pid(std::move(json), known.value);
  if (child.plan) json = with_pid(std::move(json), known.value);  // who joins: another's, known
  return {};
}

/// Nothing may stand between the two: a call that the filter notifies of waits until the listener
/// has somebody. Source: runtime-spec config-linux.md, "The Container Process State".
Result<void> install_and_hand_over(Child& child) {
  const Filter& filter = child.handover.filter;
  if (!child.handover.listener_socket) return sys::install_filter(filter.program, filter.flags);
  const sys::Fd listener = TRY(sys::install_filter_with_listener(filter.program, filter.flags));
  const std::string& json = child.handover.listener_json;
  TRY(sys::send_packet(child.handover.listener_socket, std::as_bytes(std::span(json)), &listener),
      "linux.seccomp.listenerPath");
  child.handover.listener_socket.reset();
  return {};
}

Result<void> filter_early(Child& child) {
  return is_filtered_early(child) ? install_and_hand_over(child) : Result<void>();
}

Result<void> report_ready(Child& child) {
  TRY(child.channel.say(Word::Ready));
  TRY(child.channel.expect(Word::Release));
  return {};
}

/// `start` usually follows at once. Where it does not, it may be days, through which there may be
/// hundreds of containers that wait: they should not hold what making them took. Not with a filter
/// of the container's upon us, which need not allow what this takes.
void settle_at_gate(const Child& child) {
  constexpr std::chrono::milliseconds kSettled(100);
  if (is_filtered_early(child)) return;
  const auto soon = sys::readable_within(child.handover.gate, kSettled);
  if (soon && !*soon) sys::give_back_memory();
}

Result<void> wait_at_gate(Child& child) {
  if (!child.handover.gate) return {};
  // The user who made the container may exec into it now: that needs /proc/PID/ns, which the
  // kernel opens to its owner only while we are dumpable. Nobody else shares our pid namespace.
  if (child.plan->creates(NamespaceType::Pid)) TRY(sys::set_dumpable(true));
  child.channel.replace({});
  settle_at_gate(child);
  child.channel.replace(TRY(sys::accept_from(child.handover.gate)));
  child.handover.gate.reset();
  TRY(child.channel.say(Word::Ready));
  return sys::set_dumpable(false);
}

Result<void> start_container_hooks(Child& child) {
  if (!child.plan) return {};
  const std::vector<oci::Hook>& hooks = child.plan->hooks.start_container;
  if (hooks.empty()) return {};
  return run_hooks("startContainer", hooks, with_own_pid(child.handover.created_json),
                   {.output = &child.handover.hook_output});
}

Result<void> filter_late(Child& child) {
  if (!child.process.no_new_privileges || child.handover.filter.program.empty()) return {};
  return install_and_hand_over(child);
}

// The order is the design; each line says why it stands where it does.
constexpr Stage kBuild[] = {
    {"map ids", map_ids},          // before anything that needs an id or creates a file
    {"become root", become_root},  // files made from here on belong to a mapped id
    {"make the cgroup namespace", make_cgroup_namespace},  // needs CAP_SYS_ADMIN
    {"reset signals", reset_signals},              // reads /proc/self, which hiding would close
    {"set oom score", set_oom_score},              // likewise
    {"set clock offsets", set_clock_offsets},      // likewise
    {"get network devices", get_network_devices},  // reads /proc/self; sysctls may be of them
    {"hide", hide_from_others},                    // before a container's process could see us
    {"set host name", set_names},                  // needs CAP_SYS_ADMIN
    {"bring lo up", bring_loopback_up},            // needs CAP_NET_ADMIN
    {"open /proc", open_proc},                     // before any path of the container
    {"isolate mounts", isolate},                   // or every later mount leaks to the host
    {"set sysctl", set_sysctl},                    // before /proc/sys becomes read-only
    {"attach the root file system", root},         // pins the root: all below goes by descriptor
    {"mount", mounts},                             //
    {"make room to work", make_room_to_work},      // before the root becomes read-only
    {"open the terminal", console},                // needs the container's devpts
    {"mask paths", paths},                         // after every mount that could bring them
    {"runtime hooks", let_runtime_hooks_run},      // all mounted, not pivoted: runtime-spec 1.3
    {"createContainer hooks", create_container_hooks},  // the host's paths are still there
    {"enter the root file system", enter},              // from here no path leads to the host
};

constexpr Stage kBecome[] = {
    {"learn the pid", learn_pid},                      // the starter says it once
    {"start a session", take_terminal},                // own session, own terminal (I8)
    {"set scheduling", set_scheduling},                // needs CAP_SYS_NICE
    {"close descriptors", close_foreign_descriptors},  // before cwd could be one of them (I3)
    {"join a session keyring", new_keyring},           // the host's keys stay outside
    {"set limits", set_limits},                        // needs CAP_SYS_RESOURCE
    {"find HOME", find_home},                          // reads passwd before rights are dropped
    {"make the working directory", make_working_directory},  // as root, where it is missing
    {"give the standard streams", give_streams},             // as root: /dev/stdout must open again
    {"install seccomp", filter_early},           // without no_new_privs it needs CAP_SYS_ADMIN
    {"drop privileges", drop_privileges},        //
    {"open what takes the label", open_labels},  // by who we are now; closes the host's /proc
    {"enter the working directory", enter_working_directory},  // as the user who will work there
    {"find the program", find_program, true},  // so that `create` reports a missing one
};

constexpr Stage kGo[] = {
    {"report", report_ready},                         // the starter records us, then lets go
    {"wait for start", wait_at_gate},                 //
    {"startContainer hooks", start_container_hooks},  // in the container, before the program
};

constexpr Stage kLast[] = {
    {"set the label", set_labels},     // or a hook would take it on
    {"install seccomp", filter_late},  // nothing but exec follows
};

[[noreturn]] void give_up(Child& child, Error error, const Stage& stage) noexcept {
  const int32_t status = stage.about_program ? program_status(error) : kStatusOther;
  if (!stage.about_program) error = std::move(error).context(stage.name);
  child.channel.fail(error, status);
  ::_exit(status);
}

void run(Child& child, std::span<const Stage> stages) noexcept {
  for (const Stage& stage : stages)
    if (auto done = stage.run(child); !done) give_up(child, std::move(done).error(), stage);
}

/// Everything after the namespaces and the root are there. Nothing but exec follows the filter.
[[noreturn]] void become_program(Child& child) noexcept {
  run(child, kBecome);
  run(child, kGo);
  std::vector<char*> argv = sys::exec_vector(child.process.args);
  std::vector<char*> envp = sys::exec_vector(child.process.env);
  if (!child.home.empty()) envp.insert(envp.end() - 1, child.home.data());
  run(child, kLast);
  const Error error = sys::execute(child.program.c_str(), argv, envp);
  give_up(child, program_error(child.process.args[0], error), {"execute", nullptr, true});
}

Result<void> joined_console(Child& child) {
  return child.process.terminal ? open_terminal(child) : Result<void>();
}

Result<void> open_joined_root(Child& child) {
  child.joined_root = TRY(sys::open_root("/"));
  return {};
}

constexpr Stage kJoined[] = {
    {"open the root", open_joined_root},    // the container's: we have joined it
    {"open the terminal", joined_console},  // in the container's devpts
};

}  // namespace

Result<void> reset_signals_now() {
  constexpr size_t kStatusLimit = 65536;
  const std::string status = TRY(sys::read_record(sys::cwd(), "/proc/self/status", kStatusLimit));
  return sys::reset_signals(status);
}

// bad_alloc ends these through noexcept: the process dies, the starter reads the end of file.
[[noreturn]] void run_init(Child& child) noexcept {
  Rootfs rootfs{.plan = *child.plan, .host_proc = {}, .root = {}, .notices = {}};
  rootfs.own_cgroup = bool(child.handover.cgroup);
  rootfs.mapped = &child.handover.mapped_trees;
  child.rootfs = &rootfs;
  run(child, kBuild);
  become_program(child);
}

[[noreturn]] void run_joined(Child& child) noexcept {
  run(child, kJoined);
  become_program(child);
}

}  // namespace wolffia::launch
