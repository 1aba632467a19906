// SPDX-License-Identifier: Apache-2.0
#include "cli/settle.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <climits>

#include "cli/network_filesystem.hpp"
#include "image/settle.hpp"
#include "launch/fallback.hpp"
#include "launch/starter.hpp"
#include "sys/file.hpp"
#include "sys/memory.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"
#include "sys/space.hpp"

namespace wolffia::cli {
namespace {

/// What a slow disk, of 100 MB a second, writes in less than a second: nobody minds that, and who
/// powers the machine off after a small pull need not know of any of this.
constexpr uint64_t kLittle = uint64_t{64} << 20;

/// Files there are on disk when they are closed; and the other machines, of other boots, are to
/// have the image when the command has ended.
bool is_shared(const wolffia::image::Store& store) {
  const auto space = sys::space_of(store.directory());
  return !space || !network_filesystem(space->type).empty();
}

/// Holds nothing of the caller's: neither its pipes nor its terminal nor its directory.
Result<void> detach(const sys::Fd& store) {
  constexpr int kFirst = STDERR_FILENO + 1;
  TRY(sys::start_session());
  // It takes seconds, and what it is for is that the machine may stop.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM})
    (void)::signal(signal, SIG_IGN);
  sys::Fd nothing = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDWR));
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    TRY(sys::place_at(nothing, stream));
  nothing.reset();
  if (store.get() > kFirst) TRY(launch::close_descriptors(kFirst, store.get() - 1));
  TRY(launch::close_descriptors(store.get() + 1, INT_MAX));
  return sys::change_directory("/");
}

}  // namespace

Result<void> settle_images(const wolffia::image::Store& store, Settling settling) {
  sigset_t none;  // they are held back for whoever waited for what the command started
  ::sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) < 0) return Error::last("sigprocmask");
  const wolffia::image::Unsettled left = TRY(wolffia::image::unsettled(store));
  if (left.images == 0) return {};
  if (settling == Settling::BeforeEnd)
    return wolffia::image::settle(store, wolffia::image::IfBusy::Wait);
  if (left.bytes <= kLittle || is_shared(store))
    return wolffia::image::settle(store, wolffia::image::IfBusy::Leave);
  const sys::Cloned child = TRY(launch::clone_into(0), "starting a process that syncs the store");
  if (child.pid != 0) return {};
  sys::give_back_memory();
  const bool done =
      detach(store.directory()) && wolffia::image::settle(store, wolffia::image::IfBusy::Leave);
  ::_exit(done ? 0 : 1);
}

}  // namespace wolffia::cli
