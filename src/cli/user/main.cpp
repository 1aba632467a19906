// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <new>
#include <span>

#include "cli/front.hpp"
#include "cli/log.hpp"
#include "cli/output.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/doctor.hpp"
#include "cli/user/handed_on.hpp"
#include "cli/user/run.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::user {
namespace {

/// podman's and docker's: the runner itself failed, not the program.
constexpr int kRunnerFailed = 125;

constexpr std::array kHandlers{Handler{&kRun, run},
                               Handler{&kPs, run_ps},
                               Handler{&kLogs, run_logs},
                               Handler{&kAttachCommand, run_attach},
                               Handler{&kExec, run_exec},
                               Handler{&kShell, run_shell},
                               Handler{&kStop, run_stop},
                               Handler{&kStart, run_start},
                               Handler{&kKill, run_kill},
                               Handler{&kPause, run_pause},
                               Handler{&kUnpause, run_unpause},
                               Handler{&kUpdate, run_update},
                               Handler{&kRmCommand, run_rm},
                               Handler{&kWait, run_wait},
                               Handler{&kInspect, run_inspect},
                               Handler{&kCp, run_cp},
                               Handler{&kDiff, run_diff},
                               Handler{&kPortCommand, run_port},
                               Handler{&kExport, run_export},
                               Handler{&kCommitCommand, run_commit},
                               Handler{&kExplain, run_explain},
                               Handler{&kRename, run_rename},
                               Handler{&kTop, run_top},
                               Handler{&kStats, run_stats},
                               Handler{&kImages, run_images},
                               Handler{&kHistory, run_history},
                               Handler{&kTag, run_tag},
                               Handler{&kRmi, run_rmi},
                               Handler{&kGc, run_gc},
                               Handler{&kCompletion, run_completion},
                               Handler{&kVersionCommand, run_version},
                               Handler{&kDoctor, run_doctor}};
constexpr size_t kHandedOnCommands = 7;  // handed_on.hpp
constexpr auto kRefused = std::count_if(kCommands.begin(), kCommands.end(),
                                        [](const Command* one) { return !one->missing.empty(); });
static_assert(kHandlers.size() + kHandedOnCommands + size_t{kRefused} == kCommands.size());

int run_program(std::span<const char* const> words) {
  if (auto handed_on = hand_on(words); !handed_on) {
    print_message(sentence(kProgram.name, Level::Error, handed_on.error().message()));
    return kRunnerFailed;
  }
  return run_front(kProgram, kHandlers, words, kRunnerFailed);
}

}  // namespace
}  // namespace wolffia::cli::user

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  try {
    const size_t words = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
    return user::run_program({argv + (argc > 0 ? 1 : 0), words});
  } catch (const std::bad_alloc&) {
    print_message("wolffia: out of memory\n");
    return 1;
  }
}
