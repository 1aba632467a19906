// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "probe.hpp"

namespace probe {
namespace {

std::string first_process(const Expected& expected) {
  return differs(std::to_string(::getpid()), expected.get("pid", "1"));
}

std::string no_parent(const Expected&) {
  return differs(std::to_string(::getppid()), "0");
}

std::string own_session(const Expected&) {
  return differs(std::to_string(::getsid(0)), std::to_string(::getpid()));
}

// A controlling terminal of the caller's would take TIOCSTI.
std::string no_terminal(const Expected&) {
  const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return {};
  ::close(fd);
  return "has a controlling terminal";
}

std::string descriptors(const Expected&) {
  std::string open;
  for (int fd = 0; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      open += (open.empty() ? "" : ",") + std::to_string(fd);
    }
  }
  return differs(open, "0,1,2");
}

std::string no_directory_open(const Expected&) {
  for (int fd = 0; fd < 3; ++fd) {
    struct stat found {};
    if (::fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) {
      return "descriptor " + std::to_string(fd) + " is a directory";
    }
  }
  return {};
}

std::string signals_blocked(const Expected&) {
  return differs(status_field("SigBlk"), "0000000000000000");
}

std::string signals_ignored(const Expected&) {
  return differs(status_field("SigIgn"), "0000000000000000");
}

std::string signals_pending(const Expected&) {
  return differs(status_field("SigPnd") + status_field("ShdPnd"),
                 "00000000000000000000000000000000");
}

std::string parent_death_signal(const Expected&) {
  int signal = -1;
  ::prctl(PR_GET_PDEATHSIG, &signal);
  return differs(std::to_string(signal), "0");
}

std::string no_timer(const Expected&) {
  itimerval timer{};
  ::getitimer(ITIMER_REAL, &timer);
  return timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0 ? "" : "an alarm is set";
}

std::string not_traced(const Expected&) {
  return differs(status_field("TracerPid"), "0");
}

// Left over from the runtime, "not dumpable" would hide /proc/self from its own owner.
std::string dumpable(const Expected&) {
  return differs(std::to_string(::prctl(PR_GET_DUMPABLE)), "1");
}

std::string one_thread(const Expected&) {
  return differs(status_field("Threads"), "1");
}

/// The NUL-separated strings of a /proc file with newlines between them.
std::string strings(const std::string& path) {
  std::string text = read_file(path);
  for (char& c : text) {
    if (c == '\0') c = '\n';
  }
  return text;
}

std::string environment(const Expected& expected) {
  std::string wanted;
  for (const std::string& variable : expected.list("env"))
    wanted += variable + "\n";
  return differs(strings("/proc/self/environ"), wanted);
}

std::string first_argument(const Expected& expected) {
  return differs(split(strings("/proc/self/cmdline"), '\n').at(0), expected.get("argv0", "/probe"));
}

std::string file_limit(const Expected& expected) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return differs(std::to_string(limit.rlim_cur) + "/" + std::to_string(limit.rlim_max),
                 expected.get("nofile", "1024/1024"));
}

std::string core_limit(const Expected& expected) {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  return differs(std::to_string(limit.rlim_cur), expected.get("core", "0"));
}

std::string umask_value(const Expected& expected) {
  return differs(status_field("Umask"), expected.get("umask", "0022"));
}

std::string oom_score(const Expected& expected) {
  return differs(read_file("/proc/self/oom_score_adj"), expected.get("oom_score_adj", "0") + "\n");
}

std::string own_program(const Expected& expected) {
  return differs(link_target("/proc/self/exe"), expected.get("argv0", "/probe"));
}

std::string no_other_process(const Expected&) {
  for (const std::string& name : entries("/proc")) {
    if (name.find_first_not_of("0123456789") == std::string::npos && name != "1") {
      return "process " + name + " is visible";
    }
  }
  return {};
}

constexpr Fact kFacts[] = {
    {"it is pid 1", first_process},
    {"no parent is visible", no_parent},
    {"it leads its own session", own_session},
    {"no controlling terminal", no_terminal},
    {"only descriptors 0 to 2 are open", descriptors},
    {"no open directory", no_directory_open},
    {"no signal is blocked", signals_blocked},
    {"no signal is ignored", signals_ignored},
    {"no signal is pending", signals_pending},
    {"no parent death signal", parent_death_signal},
    {"no alarm is set", no_timer},
    {"nobody traces it", not_traced},
    {"it is dumpable again", dumpable},
    {"one thread", one_thread},
    {"environment is exact", environment},
    {"first argument is the bundle's", first_argument},
    {"limit of open files", file_limit},
    {"limit of core files", core_limit},
    {"umask", umask_value},
    {"oom_score_adj", oom_score},
    {"/proc/self/exe is the program", own_program},
    {"no other process is visible", no_other_process},
};

}  // namespace

std::span<const Fact> process_facts() {
  return kFacts;
}

}  // namespace probe
