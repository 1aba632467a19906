// SPDX-License-Identifier: Apache-2.0
#include "cli/user/foreground.hpp"

#include <signal.h>

#include "cli/user/ending.hpp"
#include "cli/user/network_care.hpp"
#include "cli/user/tell.hpp"
#include "container/kill.hpp"
#include "container/store.hpp"
#include "sys/directory.hpp"

namespace wolffia::cli::user {
namespace {

constexpr int kTimedOut = 124;  // as timeout(1) has it

/// As far as it runs.
void kill_init(const Assembly& assembly, int signal) {
  const auto store = container::Store::open(assembly.record.state_root);
  if (store) (void)container::kill(*store, assembly.record.id, signal, container::Reach::Init);
}

}  // namespace

Result<int> run_foreground(Assembly& assembly) {
  bool rang = false;
  const Alarm alarm{std::chrono::seconds(assembly.request.timeout), [&] {
                      kill_init(assembly, rang ? SIGKILL : stop_signal(assembly.container));
                      rang = true;
                      return std::chrono::seconds(assembly.request.stop_timeout);
                    }};
  Lines lines = TRY(Lines::make());
  NetworkCare network(assembly, lines.network);
  const auto told = [](const std::string& sentence) {
    if (!sentence.empty()) tell(sentence);
  };
  const Vigil vigil{.alarm = assembly.request.timeout ? &alarm : nullptr,
                    .line = &lines.storage,
                    .line_died = [&] { kill_init(assembly, SIGKILL); },
                    .child_ended = [&] { told(network.replace_dead()); }};
  auto status = start_runtime(assembly, Wait::Yes, lines, vigil);
  told(network.stop());
  if (status && rang) status = kTimedOut;
  // Where the runtime was killed; as long as the record is there, so that rm -f can do it too.
  TRY(remove_from_runtime(assembly.record.state_root, assembly.container.id));
  Exit exit{.finished = now()};
  exit.oom_killed = bool(sys::stat_entry(assembly.container.fd, kOomFile));
  if (const auto served = lines.storage.finish(); !served) {
    tell(kStorageDied);
    status = kRunnerFailed;
    exit.error = kStorageDied;
  }
  if (assembly.request.remove || assembly.request.dry_run) {
    TRY(remove_files(assembly.containers, assembly.container, assembly.record.name));
  } else if (status) {
    exit.status = *status;
    TRY(save_exit(assembly.container, exit));
  }
  return status;
}

}  // namespace wolffia::cli::user
