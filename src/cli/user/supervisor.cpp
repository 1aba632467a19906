// SPDX-License-Identifier: Apache-2.0
#include "cli/user/supervisor.hpp"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/words.hpp"
#include "cli/user/attend.hpp"
#include "cli/user/ending.hpp"
#include "cli/user/session.hpp"
#include "cli/user/streams.hpp"
#include "cli/user/tell.hpp"
#include "container/cgroups.hpp"
#include "container/remove.hpp"
#include "container/start.hpp"
#include "container/store.hpp"
#include "sys/attributes.hpp"
#include "sys/children.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kReportLimit = 64 << 10;
constexpr int kOurFailure = 125;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{60'000};

void discard(std::string_view) {}

/// Its program has not started: what was said of that.
Error start_failure(const sys::Fd& words) {
  auto said = sys::read_all(words, kReportLimit);
  std::string text = said ? std::move(said).value() : std::string();
  while (text.ends_with('\n'))
    text.pop_back();
  for (const std::string_view own : {"wolffia: ", "wolffia-oci: "})
    if (text.starts_with(own)) text.erase(0, own.size());
  return Error::because(ECHILD, text.empty() ? "the container could not be started" : text);
}

/// The program's process, a child of ours since the runtime ended, whether it lives or not: only we
/// reap it.
struct Init {
  sys::PidFd file;
  container::MemoryKills kills;
};

Result<Init> find_init(const container::Store& store, const std::string& id) {
  const container::Listing listing = TRY(container::inspect(store, id));
  return Init{.file = TRY(sys::open_pidfd(listing.state.init.pid)),
              .kills = container::MemoryKills::of(listing.state)};
}

class Supervisor {
 public:
  Supervisor(Assembly& assembly, sys::Fd report, sys::Fd watcher)
      : assembly_(assembly), report_(std::move(report)), watcher_(std::move(watcher)) {}

  /// Until the end of the last program. What keeps the first from starting is reported.
  void run() {
    auto ended = prepare();
    if (ended) ended = run_all();
    leave(ended);
    if (ended) audience_->tell(Word::Ended, cat(exit_.status));
  }

 private:
  /// What others find of it from now on, before they are told that it ended: they may start it
  /// again at once, with a supervisor that has a socket and an exit of its own.
  void leave(const Result<void>& ended) {
    if (!ended && report_) {
      exit_.error = ended.error().message();
      exit_.status = failure_;
      (void)sys::write_all(report_, cat(failure_, "\n", exit_.error));
    }
    const auto cleared = ended ? Result<void>() : clear_runtime();
    if (cleared && (assembly_.request.remove || (report_ && assembly_.is_new))) {
      (void)remove_files(assembly_.containers, assembly_.container, assembly_.record.name);
      return;
    }
    exit_.finished = now();
    (void)sys::remove_entry(assembly_.container.fd, kAttachSocket);
    (void)save_exit(assembly_.container, exit_);
  }

  Result<void> prepare() {
    TRY(sys::start_session());
    TRY(sys::set_subreaper());
    assembly_.record.runner = TRY(container::identify(::getpid()));
    TRY(save_record(assembly_.container, assembly_.record));
    audience_ = TRY(Audience::open(assembly_.container.fd));
    const RunRequest& request = assembly_.request;
    audience_->set_takes(static_cast<uint8_t>((request.interactive ? kTakesInput : 0) |
                                              (request.terminal ? kHasTerminal : 0)));
    if (watcher_) audience_->add(std::move(watcher_));
    return {};
  }

  Result<void> run_all() {
    std::chrono::milliseconds pause = kFirstPause;
    for (;;) {
      exit_.status = TRY(run_once());
      if (!starts_again()) return {};
      audience_->tell(Word::Ended, cat(exit_.status));
      audience_->dismiss();
      ++exit_.restarts;
      wait(pause);
      TRY(reap_the_rest());
      if (was_stopped(assembly_.container)) return {};
      pause = std::min(pause * 2, kLongestPause);
    }
  }

  /// What a runtime leaves that was killed; as long as the record is there, rm -f can do it too.
  Result<void> clear_runtime() const {
    return remove_from_runtime(assembly_.record.state_root, assembly_.record.id);
  }

  bool starts_again() const {
    const RestartPolicy& policy = assembly_.request.restart;
    if (policy.when == RestartPolicy::When::Never || was_stopped(assembly_.container)) return false;
    if (policy.when == RestartPolicy::When::OnFailure && exit_.status == 0) return false;
    return policy.most == 0 || exit_.restarts < policy.most;
  }

  static void wait(std::chrono::milliseconds pause) {
    (void)::poll(nullptr, 0, static_cast<int>(pause.count()));
  }

  /// Whoever kept owners for a program that has ended, and what else that left to us.
  static Result<void> reap_the_rest() {
    while (const pid_t child = TRY(sys::ended_child()))
      TRY(sys::reap(child));
    return {};
  }

  Result<int> run_once() {
    StreamsInTheMaking making =
        TRY(StreamsInTheMaking::make(assembly_.request, assembly_.container));
    Lines lines = TRY(Lines::make());
    const int started = TRY(start_runtime(assembly_, Wait::No, lines, {}));
    Streams streams = TRY(std::move(making).finish(started == 0));
    if (started != 0) {
      failure_ = started;
      lines.network.stop();
      TRY(clear_runtime());  // first: a program that runs all the same holds its words open
      return start_failure(streams.err);
    }
    const container::Store store = TRY(container::Store::open(assembly_.record.state_root));
    Init init = TRY(find_init(store, assembly_.record.id));
    if (streams.terminal) TRY(let_go(store));
    if (report_) TRY(sys::write_all(report_, "\n"));
    report_.reset();
    const sys::PidFd& storage = *TRY(lines.storage.process());
    NetworkCare network(assembly_, lines.network);
    const sys::Ended ended =
        TRY(attend({.container = assembly_.container,
                    .init = init.file,
                    .storage = storage,
                    .network = network,
                    .kills = init.kills,
                    .streams = std::move(streams),
                    .audience = *audience_,
                    .log = assembly_.request.log,
                    .timeout = assembly_.request.timeout,
                    .patience = std::chrono::seconds(assembly_.request.stop_timeout)}));
    exit_.oom_killed = init.kills.count() != 0;
    TRY(container::remove(store, assembly_.record.id, container::Force::Yes, discard));
    exit_.error.clear();
    (void)network.stop();
    if (lines.storage.finish()) return ended.status();
    exit_.error = kStorageDied;
    return kOurFailure;
  }

  Result<void> let_go(const container::Store& store) {
    int status = 0;
    auto started = container::start(store, assembly_.record.id, {}, status);
    if (!started)
      (void)container::remove(store, assembly_.record.id, container::Force::Yes, discard);
    return started;
  }

  Assembly& assembly_;
  sys::Fd report_;   // empty: the caller has its answer
  sys::Fd watcher_;  // connected from the start; empty: nobody is
  std::optional<Audience> audience_;
  Exit exit_{};
  int failure_ = kOurFailure;  // 126 or 127 where it is the program's
};

}  // namespace

Result<int> run_detached(Assembly& assembly, sys::Fd watcher) {
  auto [answer, report] = TRY(sys::make_pipe(0));
  const sys::Cloned child = TRY(sys::clone_process(0));
  if (child.pid == 0) {
    answer.reset();
    Supervisor(assembly, std::move(report), std::move(watcher)).run();
    ::_exit(0);
  }
  report.reset();
  watcher.reset();
  const std::string text = TRY(sys::read_all(answer, kReportLimit));
  if (text == "\n") return 0;
  int status = kOurFailure;
  const size_t line = text.find('\n');
  if (line == std::string::npos || !read_number(std::string_view(text).substr(0, line), status))
    return Error::because(ECHILD, "the supervisor was killed");
  complain(Error::because(ECHILD, text.substr(line + 1)));
  return status;
}

}  // namespace wolffia::cli::user
