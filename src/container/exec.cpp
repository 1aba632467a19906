// SPDX-License-Identifier: Apache-2.0
#include "container/exec.hpp"

#include "cgroup/group.hpp"
#include "container/announce.hpp"
#include "container/cgroups.hpp"
#include "container/filter.hpp"
#include "container/lifecycle.hpp"
#include "launch/init.hpp"
#include "launch/join.hpp"
#include "launch/probe.hpp"
#include "launch/seccomp_filter.hpp"
#include "oci/parse_runtime.hpp"
#include "plan/labels.hpp"
#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kProcLimit = size_t{64} << 10U;

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// The process with what the command line changes in it.
oci::Process adapt(oci::Process process, const ExecRequest& request) {
  append(process.env, request.env);
  if (!request.cwd.empty()) process.cwd = request.cwd;
  if (request.uid) process.user.uid = *request.uid;
  if (request.gid) process.user.gid = *request.gid;
  for (const uint32_t gid : request.additional_gids)
    process.user.additional_gids.push_back(gid);
  if (!request.capabilities.empty()) {
    if (!process.capabilities) process.capabilities.emplace();
    append(process.capabilities->bounding, request.capabilities);
    append(process.capabilities->effective, request.capabilities);
    append(process.capabilities->permitted, request.capabilities);
  }
  if (!request.apparmor.empty()) process.apparmor_profile = request.apparmor;
  if (!request.selinux.empty()) process.selinux_label = request.selinux;
  if (request.no_new_privileges) process.no_new_privileges = true;
  return process;
}

Result<oci::Process> process_of(const oci::Spec& spec, const ExecRequest& request) {
  oci::Process process;
  process.cwd = "/";
  if (!request.process_json.empty()) {
    process = TRY(oci::parse_process(request.process_json));
  } else {
    if (request.args.empty()) return Error::because(EINVAL, "exec needs a program to run");
    process = spec.process.value_or(process);
    process.args = request.args;
    process.terminal = false;  // unless asked for: the caller may have none to give
    process.console_size.reset();
  }
  process = adapt(std::move(process), request);
  if (request.terminal) process.terminal = *request.terminal;
  return process;
}

Result<void> check_console(const oci::Process& process, const ExecRequest& request) {
  const bool given = !request.console_socket.empty();
  if (process.terminal && !given && request.detach)
    return Error::because(EINVAL, "a detached process with a terminal needs --console-socket");
  if (!process.terminal && given)
    return Error::because(EINVAL, "--console-socket is given, but the process has no terminal");
  return {};
}

/// What is to be started, as far as it can be decided beforehand.
struct Order {
  plan::ProcessPlan process;
  launch::Handover handover;
  int made = 0;  // as launch::JoinTarget has it
};

int made_namespaces(const oci::Spec& spec) {
  int flags = 0;
  for (const oci::Namespace& space : spec.linux.namespaces)
    if (space.path.empty()) flags |= launch::namespace_flag(space.type);
  return flags;
}

/// `state`: the container's, as hook_state() has it.
Result<Order> prepare_order(const Store& store, const Entry& entry, const ExecRequest& request,
                            std::string_view state) {
  std::string config = TRY(entry.config(), "the config.json kept at create");
  const oci::Spec spec = TRY(oci::parse_spec(std::move(config)), "the config.json kept at create");
  const oci::Process process = TRY(process_of(spec, request), "process");
  TRY(check_console(process, request));
  plan::Options options;
  options.id = request.id;
  options.preserve_fds = request.preserve_fds;
  std::vector<std::string> notices;
  Order order;
  order.made = made_namespaces(spec);
  plan::SecurityModules modules;
  if (plan::names_labels(process)) modules = launch::probe_security_modules();
  order.process = TRY(plan::make_process_plan(process, options, modules, notices));
  plan::add_linux(spec.linux, order.process);
  // It is in its cgroup from the start, so nothing lies between the two: what comes last counts.
  const bool stays = process.exec_cpus_final.empty();
  order.process.cpus = stays ? process.exec_cpus_initial : process.exec_cpus_final;
  for (const std::string& notice : notices)
    request.notify(notice);
  TRY(add_filter(spec.linux.seccomp, spec.annotations, store.directory(), state, order.handover));
  if (!request.console_socket.empty())
    order.handover.console_socket = TRY(sys::connect_stream(request.console_socket.c_str()),
                                        "--console-socket ", request.console_socket);
  return order;
}

/// Whoever made the user namespace without subordinate gids has said for all that groups stay.
void tell_of_groups(const State& state, const ExecRequest& request) {
  if (request.additional_gids.empty()) return;
  const std::string file = cat("/proc/", state.init.pid, "/setgroups");
  const auto setgroups = sys::read_file(sys::cwd(), file.c_str(), kProcLimit);
  if (setgroups && setgroups->starts_with("deny"))
    request.notify(
        "--additional-gids: left out, setgroups is denied in the container's user namespace");
}

/// The cgroup to be in: what is asked for, that of the container, or where it has handed its
/// controllers to cgroups below it, and so takes no process, that of its first process.
Result<std::optional<cgroup::Group>> group_for(const State& state, const std::string& below) {
  if (state.cgroup.empty() && below.empty()) return std::optional<cgroup::Group>();
  if (below.empty()) {
    cgroup::Group own = TRY(group_of(state));
    const auto handed_on = own.read("cgroup.subtree_control");
    if (!handed_on || handed_on->empty()) return std::optional(std::move(own));
    const std::string file = cat("/proc/", state.init.pid, "/cgroup");
    const std::string text = TRY(sys::read_file(sys::cwd(), file.c_str(), kProcLimit));
    return std::optional(
        TRY(cgroup::Group::open(TRY(cgroup::Hierarchy::find()), TRY(cgroup::own_path(text)))));
  }
  const cgroup::Group own = TRY(group_of(state));
  const std::string path = TRY(cgroup::clean(cat(own.path(), "/", below)));
  return std::optional(TRY(cgroup::Group::open(TRY(cgroup::Hierarchy::find()), path), "--cgroup"));
}

/// Keeps a process that was let go from outliving the call that failed.
Error abandon(const launch::Init& init, Error error) {
  (void)sys::send_signal(init.pidfd(), SIGKILL);  // gone already is as good
  (void)sys::wait_for(init.pidfd());
  return error;
}

Result<int> attend(launch::Init& init, const ExecRequest& request, bool relayed, int& status) {
  auto signals = sys::HeldSignals::hold();
  if (!signals) return std::move(signals).error();
  std::unique_ptr<Relay> relay;
  if (relayed) relay = TRY(request.make_relay(init.take_console()), "terminal");
  TRY(init.release());
  if (auto ready = await_program(init.channel(), *signals, status); !ready)
    return abandon(init, std::move(ready).error());
  if (auto ran = init.wait_exec(); !ran) return abandon(init, std::move(ran).error());
  if (relay) relay->resized();  // the signal of a change meanwhile was dropped
  auto ended = supervise({init.pidfd(), init.pid()}, *signals, relay.get());
  if (!ended) return abandon(init, std::move(ended).error());
  return ended->status();
}

Result<int> leave(launch::Init& init) {
  TRY(init.release());
  if (auto ran = init.wait_exec(); !ran) return abandon(init, std::move(ran).error());
  return 0;
}

/// A missing or unusable program is the caller's to tell apart; the rest is our failure.
int exit_status(const launch::Init& init, int status) {
  if (init.failure_status() != 1) return init.failure_status();
  return status;
}

}  // namespace

Result<int> exec(const Store& store, const ExecRequest& request, int& status) {
  status = kExecFailed;
  const Entry entry = TRY(store.find(request.id));
  const Held container = TRY(hold(entry));
  if (container.status != Status::Paused || !request.ignore_paused)
    TRY(allow(Operation::Exec, container.status, request.id));
  Order order = TRY(
      prepare_order(store, entry, request,
                    hook_state(container.state, container.status, cat(container.state.init.pid))));
  const bool relayed = order.process.terminal && request.console_socket.empty();
  tell_of_groups(container.state, request);
  const auto group = TRY(group_for(container.state, request.cgroup));
  if (group) order.handover.cgroup = target_of(container.state, *group);
  launch::Init init = TRY(launch::start_exec({container.init, container.state.init.pid, order.made},
                                             order.process, std::move(order.handover)));
  auto prepared = init.prepare();
  status = exit_status(init, status);
  TRY(std::move(prepared));
  for (const std::string& notice : init.notices())
    request.notify(notice);
  TRY(send_pidfd("--pidfd-socket", request.pidfd_socket, init.pidfd()));
  PidFile pid_file = TRY(PidFile::write(request.pid_file, init.pid()));
  if (request.settled) request.settled();
  auto result = request.detach ? leave(init) : attend(init, request, relayed, status);
  if (result)
    pid_file.keep();
  else
    status = exit_status(init, status);
  return result;
}

}  // namespace wolffia::container
