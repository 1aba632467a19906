// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <new>

#include "image/layer/confine.hpp"
#include "image/layer/message.hpp"
#include "image/layer/unpack_parts.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/process.hpp"

namespace wolffia::image {
namespace {

struct Task {
  const sys::Fd& stream;
  const sys::Fd& tree;
  const UnpackOptions& options;
  const sys::Fd& answer;
};

Result<Unpacked> work(const Task& task, Hasher& hasher) {
  sys::Fd tree = TRY(sys::same_again(task.tree));
  TRY(confine(task.stream, task.answer, tree, task.options.owners));
  return unpack_hashing(task.stream, tree, task.options, std::move(hasher));
}

/// The child: leaves only by _exit(2), so that nothing of the parent's is flushed or destroyed
/// here.
[[noreturn]] void run_child(const Task& task, Hasher& hasher) noexcept {
  int status = 0;
  try {
    const std::string message = encode(work(task, hasher));
    status = sys::write_all(task.answer, message) ? 0 : 1;
  } catch (const std::bad_alloc&) {
    const std::string message =
        encode(Error::because(ENOMEM, "the layer takes more memory than unpacking may"));
    status = sys::write_all(task.answer, message) ? 0 : 1;
  }
  ::_exit(status);
}

Error died(const sys::Ended& how) {
  const std::string end =
      how.signalled ? cat("signal ", how.value) : cat("exit status ", how.value);
  return Error::because(EIO, cat("the unpacking process ended without an answer: ", end));
}

}  // namespace

Result<Unpacked> unpack_confined(const sys::Fd& stream, const sys::Fd& tree,
                                 const UnpackOptions& options) {
  auto [ours, theirs] = TRY(sys::make_pipe(0));
  Hasher hasher(options.diff_id);
  const sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) run_child({stream, tree, options, theirs}, hasher);
  theirs.reset();
  const auto message = sys::read_all(ours, kMostMessage);
  if (!message) (void)sys::send_signal(child.pidfd, SIGKILL);
  const sys::Ended how = TRY(sys::wait_for(child.pidfd));
  if (!message) return message.error();
  if (message->empty() || how.status() != 0) return died(how);
  return decode(*message);
}

}  // namespace wolffia::image
