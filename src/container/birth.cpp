// SPDX-License-Identifier: Apache-2.0
#include "container/birth.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "container/filter.hpp"
#include "container/finish.hpp"
#include "container/readiness.hpp"
#include "launch/hooks.hpp"
#include "launch/probe.hpp"
#include "launch/seccomp_filter.hpp"
#include "oci/parse_runtime.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::container {
namespace {

constexpr size_t kConfigLimit = 16U << 20;
constexpr const char* kPidfdReceiver = "run.oci.pidfd_receiver";

Result<std::string> read_config(const CreateRequest& request) {
  if (!request.config_file.empty())
    return TRY(sys::read_file(sys::cwd(), request.config_file.c_str(), kConfigLimit), "config ",
               request.config_file);
  const std::string path = cat(request.options.bundle, "/config.json");
  auto text = sys::read_file(sys::cwd(), path.c_str(), kConfigLimit);
  if (!text && text.error().is(ENOENT))
    return std::move(text).error().context(cat(
        "there is no config.json in ", request.options.bundle, ": name the bundle with --bundle"));
  return TRY(std::move(text), path);
}

/// Where the container's directory is, or would be: absolute, as the source of a mount has to be.
Result<std::string> place_of(const std::string& state_root, const CreateRequest& request) {
  const std::string place = cat(state_root, "/", request.options.id);
  if (place.starts_with('/')) return place;
  return cat(TRY(sys::working_directory()), "/", place);
}

Result<plan::Plan> plan_of(std::string config, const CreateRequest& request,
                           const std::string& state_root) {
  const std::string& file = request.config_file;
  oci::Spec spec = TRY(oci::parse_spec(std::move(config)), file.empty() ? "config.json" : file);
  if (spec.process)
    spec.process->env.insert(spec.process->env.end(), request.env.begin(), request.env.end());
  if (!request.service_manager.empty()) add_readiness(spec, TRY(place_of(state_root, request)));
  const plan::Host host = TRY(launch::probe_host(spec));
  return plan::make_plan(spec, host, request.options);
}

Result<void> check_console(const plan::Plan& plan, const CreateRequest& request,
                           Attendance attendance) {
  const bool terminal = plan.process && plan.process->terminal;
  const bool given = !request.console_socket.empty();
  if (terminal && !given && attendance != Attendance::Foreground)
    return Error::because(EINVAL,
                          "process.terminal is true: a container that goes on in the background "
                          "needs --console-socket");
  if (!terminal && given)
    return Error::because(EINVAL, "--console-socket is given, but process.terminal is not true");
  return {};
}

State describe(const plan::Plan& plan, uint32_t owner) {
  State state;
  state.id = plan.id;
  state.bundle = plan.bundle;
  state.rootfs = plan.root.path;
  state.created = timestamp_now();
  state.owner = owner;
  state.has_process = plan.process.has_value();
  state.terminal = plan.process && plan.process->terminal;
  state.own_pid_namespace = plan.creates(oci::NamespaceType::Pid);
  state.annotations = plan.annotations;
  state.poststart = plan.hooks.poststart;
  state.poststop = plan.hooks.poststop;
  return state;
}

Result<launch::Handover> make_handover(const plan::Plan& plan, const Store& store,
                                       const CreateRequest& request, const State& state) {
  launch::Handover handover;
  const bool may_listen = plan.seccomp && !plan.seccomp->listener_path.empty();
  TRY(add_filter(plan.seccomp, plan.annotations, store.directory(),
                 may_listen ? hook_state(state, Status::Creating, "@PID@") : std::string(),
                 handover));
  handover.hook_output = TRY(open_hook_output(plan.annotations));
  handover.mapped_trees = TRY(launch::map_trees(plan));
  if (!request.console_socket.empty())
    handover.console_socket = TRY(sys::connect_stream(request.console_socket.c_str()),
                                  "--console-socket ", request.console_socket);
  if (!plan.hooks.create_container.empty())
    handover.creating_json = hook_state(state, Status::Creating, "@PID@");
  if (!plan.hooks.start_container.empty())
    handover.created_json = hook_state(state, Status::Created, "@PID@");
  return handover;
}

/// The hooks that run in our namespaces, while init waits between mounting and pivot_root.
Result<void> run_runtime_hooks(const plan::Plan& plan, const State& state) {
  const oci::Hooks& hooks = plan.hooks;
  if (hooks.prestart.empty() && hooks.create_runtime.empty()) return {};
  const std::string json = hook_state(state, Status::Creating, cat(state.init.pid));
  const launch::HookOutput output = TRY(open_hook_output(state.annotations));
  const launch::HookPlace place{state.bundle.c_str(), &output};
  TRY(launch::run_hooks("prestart", hooks.prestart, json, place));
  return launch::run_hooks("createRuntime", hooks.create_runtime, json, place);
}

Result<void> complete(Birth& birth, const plan::Plan& plan, const CreateRequest& request) {
  birth.state.init = TRY(identify(birth.init.pid()), "identify the container's first process");
  TRY(birth.reservation.trace(birth.state.init));
  TRY(run_runtime_hooks(plan, birth.state));
  TRY(birth.init.prepare());
  // The namespace that begins at its cgroup has been made by now.
  if (plan.cgroup) TRY(birth.cgroup.hand_over(*plan.cgroup, birth.init.pid(), request.notify));
  for (const std::string& notice : birth.init.notices())
    request.notify(notice);
  TRY(birth.reservation.record(birth.state));
  TRY(send_pidfd("--pidfd-socket", request.pidfd_socket, birth.init.pidfd()));
  if (const std::string* receiver = find_annotation(plan.annotations, kPidfdReceiver))
    TRY(send_pidfd(kPidfdReceiver, *receiver, birth.init.pidfd()));
  birth.pid_file = TRY(PidFile::write(request.pid_file, birth.init.pid()));
  if (request.settled) request.settled();
  return {};
}

}  // namespace

Entry Birth::keep() && {
  pid_file.keep();
  cgroup.keep();
  return std::move(reservation).keep();
}

Error abandon(Birth birth, Error error, const Notify& notify) {
  if (auto ended = end_container(birth.state, birth.init.pidfd()); !ended)
    notify(std::move(ended).error().context("stop the container").message());
  else
    (void)sys::wait_for(birth.init.pidfd());  // reaped already where release() did not succeed
  run_poststop_hooks(birth.state, notify);
  return error;
}

bool needs_relay(const State& state, const CreateRequest& request) {
  return state.terminal && request.console_socket.empty();
}

Result<Birth> bring_up(const Store& store, const CreateRequest& request, Attendance attendance,
                       int& status) {
  status = 1;
  Reservation reservation = TRY(store.reserve(request.options.id));
  std::string config = TRY(read_config(request));
  TRY(reservation.save_config(config));
  if (!request.service_manager.empty()) TRY(make_ready_directory(reservation.entry()));
  const plan::Plan plan = TRY(plan_of(std::move(config), request, store.path()));
  if (request.planned) request.planned(plan);
  TRY(check_console(plan, request, attendance));
  for (const std::string& notice : plan.notices)
    request.notify(notice);
  CgroupLease cgroup;
  if (plan.cgroup) cgroup = TRY(CgroupLease::take(*plan.cgroup, plan.id, request.notify));
  State state = describe(plan, store.owner());
  launch::Handover handover = TRY(make_handover(plan, store, request, state));
  if (attendance == Attendance::AtGate)
    handover.gate = TRY(launch::make_gate(reservation.entry().directory(), kGate));
  handover.cgroup = cgroup.target();
  launch::Init init = TRY(launch::start_init(plan, std::move(handover)));
  cgroup.describe(state);
  Birth birth{std::move(reservation), std::move(cgroup), std::move(state), PidFile(),
              std::move(init)};
  if (auto completed = complete(birth, plan, request); !completed) {
    status = birth.init.failure_status();
    return abandon(std::move(birth), std::move(completed).error(), request.notify);
  }
  return birth;
}

Result<plan::Plan> plan_only(const CreateRequest& request, const std::string& state_root) {
  std::string config = TRY(read_config(request));
  return plan_of(std::move(config), request, state_root);
}

Result<void> create(const Store& store, const CreateRequest& request, int& status) {
  Birth birth = TRY(bring_up(store, request, Attendance::AtGate, status));
  if (auto released = birth.init.release(); !released)
    return abandon(std::move(birth), std::move(released).error(), request.notify);
  (void)std::move(birth).keep();
  return {};
}

}  // namespace wolffia::container
