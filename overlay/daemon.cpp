// SPDX-License-Identifier: Apache-2.0
#include "overlay/daemon.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <new>

#include "overlay/confine.hpp"
#include "overlay/descriptors.hpp"
#include "overlay/mount.hpp"
#include "overlay/overlay.hpp"
#include "overlay/threads.hpp"
#include "sys/attributes.hpp"
#include "sys/close_others.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::overlay {
namespace {

Result<void> tell(const sys::Fd& report, Word word) {
  const char byte = static_cast<char>(word);
  return sys::write_all(report, {&byte, 1});
}

/// Whoever started us may wait for the end of what we inherited.
Result<void> let_go_of_terminal() {
  const sys::Fd nothing = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR), "/dev/null");
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    TRY(sys::place_at(nothing, number));
  return {};
}

/// Nobody else lets go of a mount that is held by a descriptor: it must not outlive its keeper.
/// Else it stays, until somebody unmounts it.
Result<void> end_with_keeper(const CommandLine& line, pid_t keeper) {
  if (line.exit_fd < 0) return {};
  TRY(sys::die_with_parent(SIGTERM));
  if (::getppid() != keeper) return Error::because(ESRCH, "it was killed");
  return {};
}

Result<void> serve(const CommandLine& line, const sys::Fd& report, const Claim& claim,
                   pid_t keeper) {
  std::vector<int> keep = claim.descriptors();
  keep.push_back(report.get());
  for (const int number : descriptors_of(line.options))
    keep.push_back(number);
  TRY(sys::close_all_but(std::move(keep)), "close other files");
  TRY(sys::raise_rlimit(RLIMIT_NOFILE));
  const unsigned threads = line.options.threads != 0 ? line.options.threads : default_threads();
  const std::unique_ptr<Overlay> overlay = TRY(Overlay::open(line.options));
  for (const int number : descriptors_of(line.options))
    sys::Fd(number).reset();  // the layers have descriptors of their own
  Session session = TRY(Session::mount(line, *overlay));
  TRY(tell(report, Word::Mounted));
  TRY(session.finish_on_signals(keeper, report.get()));
  TRY(end_with_keeper(line, keeper), "the process that unmounts");
  if (!line.foreground) TRY(let_go_of_terminal());
  TRY(confine(overlay->reachable(line.mount.clone_fd)));
  TRY(session.answer_first());
  TRY(tell(report, Word::Served));
  return session.serve(threads, line.mount.clone_fd);
}

void tell_failure(const sys::Fd& report, std::string_view why) {
  if (tell(report, Word::Failed)) (void)sys::write_all(report, why);
}

}  // namespace

void run_daemon(const CommandLine& line, const sys::Fd& report, const Claim& claim,
                pid_t keeper) noexcept {
  int status = 1;
  try {
    const auto done = serve(line, report, claim, keeper);
    if (!done) tell_failure(report, done.error().message());
    status = done ? 0 : 1;
  } catch (const std::bad_alloc&) {
    tell_failure(report, "there is no memory left");
  }
  ::_exit(status);  // what the starter has buffered is the starter's
}

}  // namespace wolffia::overlay
