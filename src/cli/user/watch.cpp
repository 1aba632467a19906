// SPDX-License-Identifier: Apache-2.0
#include "cli/user/watch.hpp"

#include <chrono>

#include "cli/user/actions.hpp"
#include "cli/user/attach_words.hpp"
#include "cli/user/options_container.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user {
namespace {

constexpr std::chrono::seconds kRunnerPatience{10};

/// A killed process loses its sockets a moment before it counts as ended: for so long, one that
/// seems to live is doubted.
constexpr std::chrono::seconds kDyingPatience{2};

bool lives(const Result<container::OpenedProcess>& runner) {
  if (!runner) return false;
  const auto ended = sys::ended_within(runner->pidfd, kDyingPatience);
  return ended && !*ended;
}

/// To the program as it is now: it may have been started again.
void send_to_program(const Session& session, const std::string& id, int signal) {
  auto directory = session.containers.find(id);
  if (!directory) return;
  const auto known = examine(std::move(directory).value());
  if (!known || known->phase != Phase::Running) return;
  const auto init = container::open_process(known->init);
  if (init) (void)sys::send_signal(init->pidfd, signal);
}

/// The connection ended, and nobody said how the program did.
Result<int> find_out(const Session& session, const std::string& id) {
  Known known = TRY(examine(TRY(session.containers.find(id))));
  const auto runner = container::open_process(known.record.runner);
  if (known.phase == Phase::Running && lives(runner))
    return Error::because(EPIPE, cat("what container ", id, " writes was not read here for a ",
                                     "second: see wolffia logs, or attach again"));
  if (known.phase == Phase::Running)
    return Error::because(EPIPE, cat("the supervisor of container ", id, " was killed: it runs ",
                                     "on, and nobody keeps what it writes"));
  if (runner) (void)sys::ended_within(runner->pidfd, kRunnerPatience);
  known = TRY(examine(TRY(session.containers.find(id))));
  if (known.exit) return known.exit->status;
  return Error::because(ECHILD, cat("nobody knows how container ", id, " ended"));
}

}  // namespace

Result<int> watch(const Session& session, const std::string& id, Attachment attachment) {
  attachment.send = [&](int signal) { send_to_program(session, id, signal); };
  const std::optional<int> status = TRY(attach(std::move(attachment)), "container ", id);
  if (status) return *status;
  return find_out(session, id);
}

Result<int> run_attach(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  const std::string& id = known.record.id;
  if (known.phase != Phase::Running && known.phase != Phase::Starting)
    return Error::because(EINVAL,
                          cat("container ", id, " is not running: wolffia start --attach ", id));
  if (!known.record.detached)
    return Error::because(EINVAL, cat("container ", id, " runs in the foreground of another ",
                                      "command, which has what it writes"));
  Attachment attachment;
  attachment.signals.emplace(TRY(sys::HeldSignals::hold()));
  auto connection = sys::connect_at(known.directory.fd, kAttachSocket);
  if (!connection)
    return std::move(connection).error().context(cat("container ", id, " has no supervisor"));
  attachment.connection = std::move(connection).value();
  attachment.input = !arguments.has(kNoStdin);
  attachment.proxies = arguments.value(kSigProxy, "true") == "true";
  attachment.keys = TRY(DetachKeys::parse(arguments.value(kDetachKeys, kUsualDetachKeys)));
  return watch(session, id, std::move(attachment));
}

}  // namespace wolffia::cli::user
