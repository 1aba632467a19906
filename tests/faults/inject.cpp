// SPDX-License-Identifier: Apache-2.0
// Usage: inject [--also PROGRAM] [--all] record -- CMD…
//        inject [--also PROGRAM] [--all] PROCESS CALL FAULT -- CMD…
// Runs CMD and lets one system call of one of its processes go wrong. Processes are counted in the
// order in which they are made (CMD is 0), calls per process; both are the same from run to run.
// FAULT is KILL, which ends the process at the call, or the name of an errno that the call returns
// without being made; close(2) is made all the same, since it never leaves its descriptor open.
// A process that executes another program than CMD or PROGRAM is let go: it is the
// container's, and runs undisturbed. So are newuidmap and newgidmap, before they are executed: who
// is traced gets none of their rights. With --all it goes on until every process has ended, not
// only CMD's first.
//
// "record" prints "PROCESS CALL NUMBER" for every call there is. Else "hit NUMBER" goes to
// descriptor 2 when the fault was reached. The exit status is CMD's (128 and the signal where one
// ended it).
//
// strace can do nearly the same, but counts the calls of every process alike ("per syscall and per
// tracee"), so that the third openat of the parent would always hide the third openat of the child.
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

struct Fault {
  const char* name;
  int error;  // 0: the process is killed
};
constexpr Fault kFaults[] = {{"KILL", 0},        {"ENOMEM", ENOMEM}, {"EMFILE", EMFILE},
                             {"ENOSPC", ENOSPC}, {"EPERM", EPERM},   {"ENOSYS", ENOSYS},
                             {"EBUSY", EBUSY}};

struct Process {
  int order = 0;         // in which it was made
  int calls = 0;         // entered so far
  bool spoiled = false;  // the call it is in returns the error
};

/// What to do, and to which call.
struct Orders {
  bool record = false;
  int process = -1;
  int call = -1;
  const Fault* fault = nullptr;
  const char* also = nullptr;  // a program that is no stranger either
  bool all = false;            // not only until the command has ended
};

class Tracer {
 public:
  Tracer(Orders orders, pid_t command) : orders_(orders), command_(command) {
    processes_[command].order = made_++;
    struct stat found {};
    if (::stat(program_of(command).c_str(), &found) == 0) sizes_.push_back(found.st_size);
    if (orders_.also != nullptr && ::stat(orders_.also, &found) == 0)
      sizes_.push_back(found.st_size);
  }

  /// Until the command has ended; its wait status. What it leaves running goes on untraced when we
  /// end, too.
  int run() {
    int status = 0;
    int ended = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, __WALL)) > 0;) {
      if (WIFSTOPPED(status)) {
        stopped(pid, status);
        continue;
      }
      processes_.erase(pid);
      if (pid == command_) ended = status;
      if (pid == command_ && !orders_.all) break;
    }
    return ended;
  }

 private:
  static std::string program_of(pid_t pid) { return "/proc/" + std::to_string(pid) + "/exe"; }

  void stopped(pid_t pid, int status) {
    if (!processes_.contains(pid)) processes_[pid].order = made_++;
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) {
      at_call(pid, processes_[pid]);
      return;
    }
    if (event == PTRACE_EVENT_EXEC && is_another_program(pid)) return let_go(pid);
    // A stop of the tracer's own making is no signal for the process.
    const bool own = event != 0 || signal == SIGTRAP;
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, own ? 0 : signal);
  }

  void let_go(pid_t pid) {
    ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
    processes_.erase(pid);
  }

  bool is_another_program(pid_t pid) const {
    struct stat found {};
    if (::stat(program_of(pid).c_str(), &found) != 0) return true;
    // A runtime may have made a copy of itself that is a memory file: same size, another device.
    return std::find(sizes_.begin(), sizes_.end(), found.st_size) == sizes_.end();
  }

  /// Whether it is about to execute what writes the mappings of ids.
  static bool becomes_privileged(pid_t pid) {
    const user_regs_struct registers = registers_of(pid);
    if (registers.orig_rax != SYS_execve) return false;
    char path[256] = {};
    for (size_t at = 0; at + 1 < sizeof path; ++at) {  // it may lie at the end of a page
      const iovec here{path + at, 1};
      const iovec there{reinterpret_cast<void*>(registers.rdi + at), 1};
      if (::process_vm_readv(pid, &here, 1, &there, 1, 0) != 1 || path[at] == '\0') break;
    }
    const std::string text = path;
    return text.ends_with("/newuidmap") || text.ends_with("/newgidmap");
  }

  void at_call(pid_t pid, Process& process) {
    if (is_entry(pid)) {
      ++process.calls;
      enter(pid, process);
      if (becomes_privileged(pid)) return let_go(pid);
    } else if (process.spoiled) {
      process.spoiled = false;
      set_result(pid, -orders_.fault->error);
    }
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
  }

  void enter(pid_t pid, Process& process) {
    if (orders_.record) {
      std::printf("%d %d %ld\n", process.order, process.calls, number_of(pid));
      return;
    }
    if (process.order != orders_.process || process.calls != orders_.call) return;
    ::dprintf(STDERR_FILENO, "hit %ld\n", number_of(pid));
    if (orders_.fault->error == 0) {
      ::kill(pid, SIGKILL);
      return;
    }
    process.spoiled = true;
    if (number_of(pid) != SYS_close) set_number(pid, -1);
  }

#if !defined(__x86_64__)
#error "the registers of this processor are not known"
#endif

  /// Whether the call begins. Counting stops would go wrong: the first one of a process may be the
  /// end of the execve or clone that it began with.
  static bool is_entry(pid_t pid) {
    __ptrace_syscall_info info{};
    void* const size = reinterpret_cast<void*>(sizeof info);
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, size, &info);
    return info.op == PTRACE_SYSCALL_INFO_ENTRY;
  }

  static user_regs_struct registers_of(pid_t pid) {
    user_regs_struct registers{};
    iovec vector{&registers, sizeof registers};
    ::ptrace(PTRACE_GETREGSET, pid, reinterpret_cast<void*>(NT_PRSTATUS), &vector);
    return registers;
  }

  static void set_registers(pid_t pid, user_regs_struct registers) {
    iovec vector{&registers, sizeof registers};
    ::ptrace(PTRACE_SETREGSET, pid, reinterpret_cast<void*>(NT_PRSTATUS), &vector);
  }

  static long number_of(pid_t pid) {
    return static_cast<long>(registers_of(pid).orig_rax);
  }

  static void set_number(pid_t pid, long number) {
    user_regs_struct registers = registers_of(pid);
    registers.orig_rax = static_cast<unsigned long long>(number);
    set_registers(pid, registers);
  }

  static void set_result(pid_t pid, long result) {
    user_regs_struct registers = registers_of(pid);
    registers.rax = static_cast<unsigned long long>(result);
    set_registers(pid, registers);
  }

  Orders orders_;
  pid_t command_;
  std::vector<off_t> sizes_;  // of the programs that are followed
  std::map<pid_t, Process> processes_;
  int made_ = 0;
};

const Fault* find_fault(const char* name) {
  for (const Fault& fault : kFaults) {
    if (std::strcmp(fault.name, name) == 0) return &fault;
  }
  return nullptr;
}

/// Starts the command, traced with everything it makes and stopped where it was executed. Seized,
/// not attached: what is still new when we end goes on, instead of staying in the SIGSTOP of an
/// attachment.
pid_t start(char** command) {
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
  int go[2];
  if (::pipe2(go, O_CLOEXEC) != 0) std::exit(2);
  const pid_t pid = ::fork();
  if (pid == 0) {
    char byte = 0;
    ::close(go[1]);
    (void)::read(go[0], &byte, 1);  // end of file: we are traced
    ::execv(command[0], command);
    ::perror(command[0]);
    ::_exit(127);
  }
  if (pid < 0 || ::ptrace(PTRACE_SEIZE, pid, nullptr, kOptions) != 0) std::exit(2);
  ::close(go[0]);
  ::close(go[1]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status >> 8 != (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) std::exit(127);
  return pid;
}

}  // namespace

int main(int argc, char** argv) {
  Orders orders;
  int command = 0;
  for (; argc > 1 && std::strncmp(argv[1], "--", 2) == 0; --argc, ++argv) {
    if (std::strcmp(argv[1], "--all") == 0) {
      orders.all = true;
    } else if (std::strcmp(argv[1], "--also") == 0 && argc > 2) {
      orders.also = argv[2];
      --argc;
      ++argv;
    } else {
      return 2;
    }
  }
  if (argc > 3 && std::strcmp(argv[1], "record") == 0) {
    orders.record = true;
    command = 3;
  } else if (argc > 5) {
    orders.process = std::atoi(argv[1]);
    orders.call = std::atoi(argv[2]);
    orders.fault = find_fault(argv[3]);
    command = 5;
  }
  if (command == 0 || (!orders.record && orders.fault == nullptr)) return 2;
  const pid_t pid = start(argv + command);
  Tracer tracer(orders, pid);
  ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
  const int status = tracer.run();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
