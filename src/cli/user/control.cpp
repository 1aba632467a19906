// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <signal.h>

#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/ending.hpp"
#include "cli/user/options_container.hpp"
#include "cli/user/recorded.hpp"
#include "cli/user/run.hpp"
#include "cli/user/session.hpp"
#include "cli/user/supervisor.hpp"
#include "cli/user/watch.hpp"
#include "container/kill.hpp"
#include "container/store.hpp"
#include "launch/programs.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"
#include "sys/signal.hpp"
#include "sys/socket.hpp"

/// stop, start, kill, rm, wait and rename.
namespace wolffia::cli::user {
namespace {

constexpr int kLookAgain = 50;  // milliseconds
constexpr std::chrono::seconds kRunnerPatience{10};

bool is_live(const Known& known) {
  return known.phase == Phase::Running || known.phase == Phase::Starting;
}

/// Until whoever waits for it has written how it ended.
void await_runner(const Known& known) {
  const auto runner = container::open_process(known.record.runner);
  if (runner) (void)sys::ended_within(runner->pidfd, kRunnerPatience);
}

Result<void> refuse_running(const Known& known, std::string_view advice) {
  if (!is_live(known)) return {};
  return Error::because(EBUSY, cat("container ", known.record.id, " is running: ", advice));
}

/// With the options it was made with, for the background.
Result<Assembly> assemble_as_recorded(const Session& session, Known known) {
  TRY(clear_runtime(known.record.state_root, known.record.id));
  RunRequest request = TRY(request_of(known.record));
  request.store = session.store.path();
  request.detach = true;
  known.record.detached = true;
  const std::string runtime = TRY(launch::find_program("wolffia-oci"));
  Containers containers = TRY(Containers::open(session.store));
  return assemble_again(request, runtime, std::move(known), std::move(containers));
}

}  // namespace

Result<int> run_stop(const Arguments& arguments) {
  const uint32_t given = TRY(arguments.number(kStopTime, kUsualPatience, kMostPatience));
  return for_each_container(
      arguments,
      [&](const Session&, ContainerDir directory, const std::string& word) -> Result<void> {
        const Known known = TRY(examine(std::move(directory)));
        if (known.phase == Phase::Exited || known.phase == Phase::Dead) return {};
        const uint32_t own = known.record.stop_timeout;
        TRY(stop(known, std::chrono::seconds(arguments.has(kStopTime) ? given : own)));
        if (known.record.detached) await_runner(known);
        return print(cat(word, "\n"));
      });
}

namespace {

Result<void> start_in_background(const Session& session, Known known) {
  TRY(refuse_running(known, "there is nothing to start"));
  Assembly assembly = TRY(assemble_as_recorded(session, std::move(known)));
  const int failure = TRY(run_detached(assembly));
  if (failure == 0) return {};
  return Error::because(ECHILD, cat("container ", assembly.record.id, " did not start"));
}

/// From before the start, so that nothing of what it writes is missed.
Result<int> start_attached(const Arguments& arguments, Attachment attachment) {
  if (arguments.positionals().size() > 1)
    return Error::because(EINVAL, "start shows one container: leave --attach out, or the others");
  const Session session = TRY(Session::open(arguments));
  Known known = TRY(session.known(arguments));
  TRY(refuse_running(known, "there is nothing to start"));
  Assembly assembly = TRY(assemble_as_recorded(session, std::move(known)));
  auto [ours, theirs] = TRY(sys::packet_pair());
  const int failure = TRY(run_detached(assembly, std::move(theirs)));
  if (failure != 0) return failure;
  attachment.connection = std::move(ours);
  return watch(session, assembly.record.id, std::move(attachment));
}

}  // namespace

Result<int> run_start(const Arguments& arguments) {
  Attachment attachment;
  attachment.keys = TRY(DetachKeys::parse(arguments.value(kDetachKeys, kUsualDetachKeys)));
  attachment.proxies = arguments.value(kSigProxy, "true") == "true";
  attachment.input = arguments.has(kAttachInput);
  if (arguments.has(kAttach) || attachment.input)
    return start_attached(arguments, std::move(attachment));
  return for_each_container(
      arguments,
      [](const Session& session, ContainerDir directory, const std::string& word) -> Result<void> {
        TRY(start_in_background(session, TRY(examine(std::move(directory)))));
        return print(cat(word, "\n"));
      });
}

Result<int> run_kill(const Arguments& arguments) {
  const std::string_view name = arguments.value(kSignal, "KILL");
  const auto signal = sys::parse_signal(name);
  if (!signal) return Error::because(EINVAL, cat("--signal ", quoted(name), " is no signal"));
  return for_each_container(
      arguments,
      [&](const Session&, ContainerDir directory, const std::string& word) -> Result<void> {
        const Known known = TRY(examine(std::move(directory)));
        const container::Store runtime = TRY(container::Store::open(known.record.state_root));
        if (known.phase != Phase::Running && arguments.has(kEvery)) return {};
        if (known.phase != Phase::Running)
          return Error::because(EINVAL, cat("container ", known.record.id, " is not running"));
        TRY(container::kill(runtime, known.record.id, *signal, container::Reach::Init));
        return print(cat(word, "\n"));
      });
}

Result<int> run_rm(const Arguments& arguments) {
  const bool force = arguments.has(kForce);
  return for_each_container(
      arguments,
      [&](const Session& session, ContainerDir directory, const std::string& word) -> Result<void> {
        const std::string id = directory.id;
        if (!force) {
          const Record record = TRY(load_record(directory));
          ContainerDir again = TRY(session.containers.find(id));
          TRY(refuse_running(TRY(examine(std::move(again))), cat("wolffia rm -f ", id)));
        }
        TRY(remove_forcibly(session.containers, std::move(directory)));
        return print(cat(word, "\n"));
      });
}

Result<int> run_wait(const Arguments& arguments) {
  return for_each_container(
      arguments,
      [&](const Session& session, ContainerDir directory, const std::string&) -> Result<void> {
        const std::string id = directory.id;
        for (;;) {
          const Known known = TRY(examine(std::move(directory)));
          if (known.exit) return print(cat(known.exit->status, "\n"));
          if (known.phase == Phase::Dead)
            return Error::because(ECHILD, cat("nobody knows how container ", id, " ended"));
          (void)::poll(nullptr, 0, kLookAgain);
          directory = TRY(session.containers.find(id));
        }
      });
}

Result<int> run_rename(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  Known known = TRY(session.known(arguments));
  const std::string name(arguments.positionals()[1]);
  TRY(check_name(name));
  const sys::Fd lock = session.containers.lock_names();  // until the record has it too
  TRY(session.containers.take_name_locked(name, known.record.id));
  const std::string before = known.record.name;
  known.record.name = name;
  TRY(save_record(known.directory, known.record));
  TRY(session.containers.drop_name(before, known.record.id));
  return 0;
}

}  // namespace wolffia::cli::user
