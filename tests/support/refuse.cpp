// SPDX-License-Identifier: Apache-2.0
// Usage: refuse CALL[&FLAG]:ERROR[,…] COMMAND [ARGUMENT…]
// Runs the command under a seccomp filter like those of containers around us: each CALL answers
// with ERROR (an errno's number), with FLAG only where its first argument has one of those bits.
// Without CAP_SYS_ADMIN no_new_privs is set.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

namespace {

struct Call {
  const char* name;
  unsigned number;
};
constexpr Call kCalls[] = {
    {"clone", SYS_clone},   {"clone3", SYS_clone3},
    {"flock", SYS_flock},   {"fork", SYS_fork},
    {"mount", SYS_mount},   {"unshare", SYS_unshare},
    {"write", SYS_write},   {"fstatfs", SYS_fstatfs},
    {"openat", SYS_openat}, {"sethostname", SYS_sethostname},
    {"syncfs", SYS_syncfs},
};

[[noreturn]] void complain(const std::string& what) {
  (void)fprintf(stderr, "refuse: %s\n", what.c_str());
  exit(2);
}

unsigned number_of(const std::string& name) {
  for (const Call& call : kCalls)
    if (name == call.name) return call.number;
  complain("unknown call " + name);
}

constexpr unsigned field(size_t offset) {
  return static_cast<unsigned>(offset);
}

/// The instructions of one "CALL[&FLAG]:ERROR"; they fall through where it is not meant.
void add_rule(std::vector<sock_filter>& program, const std::string& rule) {
  const size_t colon = rule.find(':');
  const size_t flag = rule.find('&');
  if (colon == std::string::npos) complain("no error in " + rule);
  const bool flagged = flag != std::string::npos && flag < colon;
  const unsigned number = number_of(rule.substr(0, flagged ? flag : colon));
  const unsigned action =
      rule.substr(colon + 1) == "stall"
          ? SECCOMP_RET_USER_NOTIF
          : SECCOMP_RET_ERRNO | static_cast<unsigned>(atoi(rule.c_str() + colon + 1));
  const sock_filter load_number =
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, field(offsetof(seccomp_data, nr)));
  const sock_filter load_flags =
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, field(offsetof(seccomp_data, args)));
  program.push_back(load_number);
  if (flagged) {
    const auto bits = static_cast<unsigned>(strtoul(rule.c_str() + flag + 1, nullptr, 0));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3));
    program.push_back(load_flags);
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
  } else {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, action));
}

/// The descriptor that could answer a stalled call.
int install(const sock_fprog& filter) {
  return static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) complain("usage: refuse CALL[&FLAG]:ERROR[,...] COMMAND [ARGUMENT...]");
  std::vector<sock_filter> program;
  std::string rules = argv[1];
  for (size_t end = 0; !rules.empty(); rules.erase(0, end + 1)) {
    end = rules.find(',');
    add_rule(program, rules.substr(0, end));
    if (end == std::string::npos) break;
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  int listener = install(filter);
  if (listener < 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) listener = install(filter);
  if (listener < 0) complain(strerror(errno));
  // The command has it, and does not know: nobody answers, and nothing ends the waiting.
  if (fcntl(listener, F_SETFD, 0) < 0) complain(strerror(errno));
  execvp(argv[2], argv + 2);
  complain(std::string(argv[2]) + ": " + strerror(errno));
}
