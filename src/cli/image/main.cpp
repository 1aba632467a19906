// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <array>
#include <new>
#include <span>
#include <string_view>

#include "cli/front.hpp"
#include "cli/image/commands.hpp"
#include "cli/image_options.hpp"
#include "cli/output.hpp"
#include "sys/standard_streams.hpp"

namespace wolffia::cli::image {
namespace {

constexpr std::array kHandlers{
    Handler{&kPull, run_pull},       Handler{&kUnpack, run_unpack},
    Handler{&kCopy, run_copy},       Handler{&kConvert, run_convert},
    Handler{&kPush, run_push},       Handler{&kSave, run_save},
    Handler{&kExport, run_export},   Handler{&kCommitCommand, run_commit},
    Handler{&kLoad, run_load},       Handler{&kImport, run_import},
    Handler{&kInspect, run_inspect}, Handler{&kSign, run_sign},
    Handler{&kVerify, run_verify},   Handler{&kLogin, run_login},
    Handler{&kLogout, run_logout},
};
static_assert(kHandlers.size() == kCommands.size());

constexpr int kFailed = 1;
/// podman's and docker's, and so what wolffia(1) fails with; it calls us by its own name.
constexpr int kFailedForWolffia = 125;

int run(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<size_t>(argc));
  const bool for_wolffia = !words.empty() && words[0] == std::string_view("wolffia");
  const int status =
      run_front(kProgram, kHandlers,
                {argv + (argc > 0 ? 1 : 0), words.empty() ? 0 : words.size() - 1}, kFailed);
  return status == kFailed && for_wolffia ? kFailedForWolffia : status;
}

}  // namespace
}  // namespace wolffia::cli::image

int main(int argc, char** argv) {
  using namespace wolffia::cli;
  (void)::signal(SIGPIPE, SIG_IGN);  // a process that unpacks may die first: EPIPE says so
  if (!wolffia::sys::fill_standard_streams()) return 1;  // and nowhere to say so
  try {
    return image::run(argc, argv);
  } catch (const std::bad_alloc&) {
    print_message("wolffia-image: out of memory\n");
    return 1;
  }
}
