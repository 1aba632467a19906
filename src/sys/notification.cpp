// SPDX-License-Identifier: Apache-2.0
#include "sys/notification.hpp"

#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

// Linux 5.5; older headers need not have it.
#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE (1UL << 0)
#endif

namespace wolffia::sys {
namespace {

Result<void> respond(const Fd& listener, seccomp_notif_resp response) {
  while (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &response) < 0) {
    if (errno == ENOENT) return {};
    if (errno != EINTR) return Error::last("SECCOMP_IOCTL_NOTIF_SEND");
  }
  return {};
}

}  // namespace

Result<std::optional<Notification>> receive_notification(const Fd& listener) {
  seccomp_notif received{};
  while (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &received) < 0) {
    if (errno == ENOENT) return std::optional<Notification>();
    if (errno != EINTR) return Error::last("SECCOMP_IOCTL_NOTIF_RECV");
    received = {};  // the kernel takes zeros only
  }
  Notification notification{.id = received.id,
                            .thread = static_cast<pid_t>(received.pid),
                            .call = received.data.nr,
                            .architecture = received.data.arch};
  std::copy_n(received.data.args, notification.arguments.size(), notification.arguments.begin());
  return std::optional(notification);
}

bool is_waiting(const Fd& listener, const Notification& notification) {
  return ::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &notification.id) == 0;
}

Result<void> answer(const Fd& listener, const Notification& notification, int error) {
  return respond(listener, {.id = notification.id, .val = 0, .error = -error, .flags = 0});
}

Result<void> let_go_on(const Fd& listener, const Notification& notification) {
  return respond(
      listener,
      {.id = notification.id, .val = 0, .error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
}

Result<std::string> read_text_of(pid_t thread, uint64_t address, size_t limit) {
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  std::string text;
  while (text.size() < limit) {
    // Not over the end of a page: the next one need not be there.
    const size_t length = std::min<size_t>(page - address % page, limit - text.size());
    const size_t had = text.size();
    text.resize(had + length);
    const iovec ours{.iov_base = text.data() + had, .iov_len = length};
    const iovec theirs{.iov_base = reinterpret_cast<void*>(address), .iov_len = length};  // NOLINT
    const ssize_t read = ::process_vm_readv(thread, &ours, 1, &theirs, 1, 0);
    if (read < 0) return Error::last("process_vm_readv");
    text.resize(had + static_cast<size_t>(read));
    if (const size_t end = text.find('\0', had); end != std::string::npos) {
      text.resize(end);
      return text;
    }
    if (static_cast<size_t>(read) < length) return Error::because(EFAULT, "it ends too early");
    address += length;
  }
  return Error::because(ENAMETOOLONG, "it has no end");
}

}  // namespace wolffia::sys
