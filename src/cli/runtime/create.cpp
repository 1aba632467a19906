// SPDX-License-Identifier: Apache-2.0
#include "container/create.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/relay.hpp"
#include "container/run.hpp"
#include "container/start.hpp"
#include "container/state_root.hpp"
#include "container/store.hpp"
#include "sys/file.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::runtime {
namespace {

constexpr int kFirstPreserved = 3;  // behind standard input, output and error
constexpr uint32_t kMostPreserved = 65536;

/// --bundle as an absolute path, which is what state and hooks tell.
Result<std::string> bundle_path(const Arguments& arguments) {
  const std::string bundle(arguments.value(kBundle));
  if (bundle.empty() || bundle == ".") return sys::working_directory();
  if (bundle[0] == '/') return bundle;
  std::string path = TRY(sys::resolve(bundle.c_str()), "--bundle ", quoted_if_needed(bundle));
  return path;
}

std::string_view environment(const char* name) {
  const char* value = ::getenv(name);
  return value ? value : "";
}

std::optional<uint32_t> parse_count(std::string_view text, uint32_t limit) {
  uint32_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (fault != std::errc() || end != text.data() + text.size() || count > limit) return {};
  return count;
}

/// How many sockets a service manager handed to us. LISTEN_PID of another process means that the
/// variables were inherited and are not about us; without it they count, as crun has it.
/// Source: sd_listen_fds(3).
Result<uint32_t> listen_fds() {
  const std::string_view count = environment("LISTEN_FDS");
  const std::string_view pid = environment("LISTEN_PID");
  if (count.empty() || (!pid.empty() && pid != cat(::getpid()))) return 0U;
  const std::optional<uint32_t> number = parse_count(count, kMostPreserved);
  if (!number)
    return Error::because(EINVAL, cat("LISTEN_FDS must be a number, not ", quoted(count)));
  return *number;
}

/// The variables as the container's program needs them, which runs as pid 1.
std::vector<std::string> listen_environment(uint32_t count) {
  if (count == 0) return {};
  std::vector<std::string> env{cat("LISTEN_FDS=", count), "LISTEN_PID=1"};
  const std::string_view names = environment("LISTEN_FDNAMES");
  if (!names.empty()) env.push_back(cat("LISTEN_FDNAMES=", names));
  return env;
}

bool takes_listen_fds(const Arguments& arguments) {
  return arguments.command() == &kCreate || arguments.command() == &kRun;
}

plan::CgroupManager cgroup_manager(const Arguments& arguments) {
  const std::string_view usual = arguments.has(kSystemdCgroup) ? "systemd" : "cgroupfs";
  const std::string_view manager = arguments.value(kCgroupManager, usual);
  if (manager == "systemd") return plan::CgroupManager::Systemd;
  return manager == "disabled" ? plan::CgroupManager::Disabled : plan::CgroupManager::Cgroupfs;
}

}  // namespace

container::Notify Invocation::notify() const {
  return [this](std::string_view message) { notices.add(message); };
}

Result<container::Store> Invocation::open_store() const {
  return container::Store::open(std::string(arguments.value(kRoot)));
}

Result<uint32_t> preserved_fds(const Arguments& arguments) {
  const uint32_t asked = TRY(arguments.number(kPreserveFds, 0, kMostPreserved));
  const uint32_t listening = takes_listen_fds(arguments) ? TRY(listen_fds()) : 0U;
  return asked + listening;
}

Result<void> check_preserved_fds(const Arguments& arguments) {
  const uint32_t count = TRY(preserved_fds(arguments));
  for (uint32_t i = 0; i < count; ++i) {
    const int fd = kFirstPreserved + static_cast<int>(i);
    if (!sys::is_open(fd))
      return Error::because(
          EBADF, cat("descriptor ", fd, " is not open, but ", count, " from ", kFirstPreserved,
                     " on are to be passed (--preserve-fds, LISTEN_FDS)"));
  }
  return {};
}

Result<container::CreateRequest> create_request(const Invocation& call) {
  const Arguments& arguments = call.arguments;
  const uint32_t listening = TRY(listen_fds());
  container::CreateRequest request;
  request.options.id = call.id();
  request.options.bundle = TRY(bundle_path(arguments));
  request.options.pivot = !arguments.has(kNoPivot);
  request.options.new_keyring = !arguments.has(kNoNewKeyring);
  request.options.preserve_fds = TRY(preserved_fds(arguments));
  request.options.cgroups = cgroup_manager(arguments);
  request.config_file = arguments.value(kConfig);
  request.env = listen_environment(listening);
  request.pid_file = arguments.value(kPidFile);
  request.console_socket = arguments.value(kConsoleSocket);
  request.pidfd_socket = arguments.value(kPidfdSocket);
  request.service_manager = environment("NOTIFY_SOCKET");
  request.notify = call.notify();
  if (arguments.has(kDebug) || arguments.value(kLogLevel) == "debug")
    request.planned = [&call](const plan::Plan& plan) { call.notices.debug(plan::print(plan)); };
  request.settled = [&call] { call.notices.settle(); };
  return request;
}

Result<int> run_create(const Invocation& call, int& failure) {
  const container::CreateRequest request = TRY(create_request(call));
  const container::Store store = TRY(call.open_store());
  TRY(container::create(store, request, failure));
  call.notices.info(cat("container ", request.options.id, " is created"));
  return 0;
}

Result<int> run_start(const Invocation& call, int& failure) {
  const container::Store store = TRY(call.open_store());
  TRY(container::start(store, call.id(), std::string(environment("NOTIFY_SOCKET")), failure));
  call.notices.info(cat("container ", call.id(), " is started"));
  return 0;
}

Result<int> run_run(const Invocation& call, int& failure) {
  container::RunRequest request;
  request.create = TRY(create_request(call));
  if (call.arguments.has(kDryRun)) {
    TRY(container::check_id(request.create.options.id));
    const std::string root = container::state_root_path(std::string(call.arguments.value(kRoot)));
    const plan::Plan plan = TRY(container::plan_only(request.create, root));
    TRY(print(plan::print(plan)));
    return 0;
  }
  request.detach = call.arguments.has(kDetach);
  request.keep = call.arguments.has(kKeep);
  request.oom_file = call.arguments.value(kOomFile);
  if (request.detach && !request.oom_file.empty())
    return Error::because(EINVAL, "--oom-file is not for --detach: nobody waits for the end then");
  request.make_relay = container::relay_standard_streams;
  const container::Store store = TRY(call.open_store());
  return container::run(store, request, failure);
}

}  // namespace wolffia::cli::runtime
