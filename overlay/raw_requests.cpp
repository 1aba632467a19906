// SPDX-License-Identifier: Apache-2.0
#include "overlay/raw_requests.hpp"

#include <linux/fuse.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string_view>

namespace wolffia::overlay {
namespace {

/// Asked for, or every write(2) to a file would be two requests: the kernel looks for its
/// capabilities first. The library of Debian 12 does not know the flag.
constexpr uint32_t kWanted = FUSE_HANDLE_KILLPRIV_V2;

std::atomic<uint32_t> first_offers{0};  // of the kernel, until they are answered
thread_local bool takes_set_ids = false;

/// The structure behind the header of a request; zeros where it is shorter.
template <class T>
T body_of(std::string_view request) {
  T body{};
  if (request.size() > sizeof(fuse_in_header)) request.remove_prefix(sizeof(fuse_in_header));
  std::memcpy(&body, request.data(), std::min(request.size(), sizeof body));
  return body;
}

bool asks_to_take_set_ids(uint32_t opcode, std::string_view request) {
  switch (opcode) {
    case FUSE_WRITE:
      return (body_of<fuse_write_in>(request).write_flags & FUSE_WRITE_KILL_SUIDGID) != 0;
    case FUSE_OPEN:
      return (body_of<fuse_open_in>(request).open_flags & FUSE_OPEN_KILL_SUIDGID) != 0;
    case FUSE_SETATTR:
      return (body_of<fuse_setattr_in>(request).valid & FATTR_KILL_SUIDGID) != 0;
    default:
      return false;
  }
}

ssize_t read_request(int fd, void* buffer, size_t size, void* /*session*/) {
  const ssize_t got = ::read(fd, buffer, size);
  fuse_in_header header{};
  if (got < static_cast<ssize_t>(sizeof header)) return got;
  std::memcpy(&header, buffer, sizeof header);
  const std::string_view request(static_cast<const char*>(buffer), static_cast<size_t>(got));
  takes_set_ids = asks_to_take_set_ids(header.opcode, request);
  if (header.opcode == FUSE_INIT) first_offers = body_of<fuse_init_in>(request).flags & kWanted;
  return got;
}

/// The kernel sends nothing else before its first request was answered.
ssize_t write_answer(int fd, iovec* parts, int count, void* /*session*/) {
  const uint32_t flags = first_offers.exchange(0);
  if (flags != 0 && count > 1 && parts[1].iov_len >= offsetof(fuse_init_out, max_background)) {
    fuse_init_out answer{};
    const size_t size = std::min(parts[1].iov_len, sizeof answer);
    std::memcpy(&answer, parts[1].iov_base, size);
    answer.flags |= flags;
    std::memcpy(parts[1].iov_base, &answer, size);
  }
  return ::writev(fd, parts, count);
}

}  // namespace

Result<void> see_raw_requests(fuse_session* session) {
  fuse_custom_io io{};
  io.writev = write_answer;
  io.read = read_request;
  const int done = ::fuse_session_custom_io(session, &io, ::fuse_session_fd(session));
  if (done != 0) return Error::because(-done, "fuse_session_custom_io");
  return {};
}

bool kills_set_ids() {
  return takes_set_ids;
}

}  // namespace wolffia::overlay
