// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "probe.hpp"

/// What the default profile of `wolffia run` keeps from the kernel: calls and families where most
/// of its holes were. Each is tried with arguments that would do, so that only the profile can
/// refuse.
namespace probe {
namespace {

/// Empty where `result` is a failure with `code`.
std::string fails(long result, int code) {
  if (result < 0 && errno == code) return {};
  if (result >= 0) return "is allowed";
  return std::string("is ") + std::strerror(errno) + ", not " + std::strerror(code);
}

template <int kFamily, int kType, int kProtocol>
std::string no_socket(const Expected&) {
  return fails(::socket(kFamily, kType | SOCK_CLOEXEC, kProtocol), EPERM);
}

std::string no_io_uring(const Expected&) {
  io_uring_params parameters{};
  return fails(::syscall(SYS_io_uring_setup, 1, &parameters), EPERM);
}

std::string no_keyring(const Expected&) {
  return fails(::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0), EPERM);
}

std::string no_key(const Expected&) {
  constexpr const char* kName = "probe";
  return fails(::syscall(SYS_add_key, "user", kName, kName, 5, KEY_SPEC_PROCESS_KEYRING), EPERM);
}

std::string no_bpf(const Expected&) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = attributes.value_size = 4;
  attributes.max_entries = 1;
  return fails(::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes), EPERM);
}

std::string no_perf_events(const Expected&) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.exclude_kernel = 1;
  return fails(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0), EPERM);
}

std::string no_userfaultfd(const Expected&) {
  return fails(::syscall(SYS_userfaultfd, O_CLOEXEC), EPERM);
}

std::string no_user_namespace(const Expected&) {
  return fails(::unshare(CLONE_NEWUSER), EPERM);
}

std::string no_child_in_one(const Expected&) {
  const long pid = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (pid == 0) ::_exit(0);
  const int code = errno;
  if (pid > 0) ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
  errno = code;
  return fails(pid, EPERM);
}

// What a filter cannot look into: the C library then takes clone.
std::string no_structured_clone(const Expected&) {
  struct {
    unsigned long long flags, rest[10];
  } arguments{};
  return fails(::syscall(SYS_clone3, &arguments, sizeof arguments), ENOSYS);
}

std::string no_new_mount_call(const Expected&) {
  return fails(::syscall(SYS_fsopen, "tmpfs", 0), EPERM);
}

std::string no_module(const Expected&) {
  return fails(::syscall(SYS_finit_module, 0, "", 0), EPERM);
}

std::string no_handle(const Expected&) {
  struct {
    unsigned bytes;
    int type;
    unsigned char handle[8];
  } handle{8, 1, {}};
  return fails(::syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY), EPERM);
}

constexpr Fact kFacts[] = {
    {"no socket of AF_ALG", no_socket<AF_ALG, SOCK_SEQPACKET, 0>},
    {"no socket of AF_VSOCK", no_socket<AF_VSOCK, SOCK_STREAM, 0>},
    {"no socket of AF_KEY", no_socket<AF_KEY, SOCK_RAW, 2>},
    {"no socket of AF_RXRPC", no_socket<AF_RXRPC, SOCK_DGRAM, AF_INET>},
    {"no socket of AF_PACKET", no_socket<AF_PACKET, SOCK_RAW, 0>},
    {"no io_uring", no_io_uring},
    {"no keyring", no_keyring},
    {"no key", no_key},
    {"no bpf", no_bpf},
    {"no performance events", no_perf_events},
    {"no userfaultfd", no_userfaultfd},
    {"no user namespace within", no_user_namespace},
    {"no child in a user namespace", no_child_in_one},
    {"no clone by structure", no_structured_clone},
    {"no file system context", no_new_mount_call},
    {"no kernel module", no_module},
    {"no file by handle", no_handle},
};

}  // namespace

std::span<const Fact> profile_facts() {
  return kFacts;
}

}  // namespace probe
