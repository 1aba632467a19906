// SPDX-License-Identifier: Apache-2.0
// Usage: hunter PROGRAM…
// Runs as a container's first process and attacks every other process that appears: while it is
// still the runtime on its way to exec, none of its files, memory or variables may be had. The
// PROGRAMs are the container's own files; a process that runs one of them is past exec and fair
// game.
#include <dirent.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <utility>

namespace {

using File = std::pair<dev_t, ino_t>;

class Hunter {
 public:
  void add_own(const char* path) {
    struct stat found {};
    if (::stat(path, &found) == 0) own_.emplace(found.st_dev, found.st_ino);
  }

  void attack(const std::string& pid) {
    seen_.insert(pid);
    look_at_program(pid);
    look_at_descriptors(pid);
    look_at_memory(pid);
    look_at_environment(pid);
    trace(pid);
  }

  void report() const { std::printf("seen %zu\n", seen_.size()); }

 private:
  /// Whether /proc/PID/exe can be opened and is none of the container's programs.
  bool is_foreign(const std::string& pid) const {
    const int fd = ::open(("/proc/" + pid + "/exe").c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) return false;
    struct stat found {};
    const bool known = ::fstat(fd, &found) != 0 || own_.contains({found.st_dev, found.st_ino});
    ::close(fd);
    return !known;
  }

  static void exposed(const std::string& pid, const char* what) {
    std::printf("EXPOSED: %s of process %s\n", what, pid.c_str());
  }

  void look_at_program(const std::string& pid) const {
    if (is_foreign(pid)) exposed(pid, "the program");
  }

  void look_at_descriptors(const std::string& pid) const {
    DIR* list = ::opendir(("/proc/" + pid + "/fd").c_str());
    if (list == nullptr) return;
    ::closedir(list);
    if (is_foreign(pid)) exposed(pid, "the descriptors");
  }

  void look_at_memory(const std::string& pid) const {
    const int fd = ::open(("/proc/" + pid + "/mem").c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    ::close(fd);
    if (is_foreign(pid)) exposed(pid, "the memory");
  }

  static void look_at_environment(const std::string& pid) {
    const int fd = ::open(("/proc/" + pid + "/environ").c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    char text[8192];
    const ssize_t n = ::read(fd, text, sizeof text);
    ::close(fd);
    constexpr char kCanary[] = "WOLFFIA_CANARY";
    if (n > 0 && ::memmem(text, static_cast<size_t>(n), kCanary, sizeof kCanary - 1) != nullptr) {
      exposed(pid, "the environment");
    }
  }

  void trace(const std::string& pid) const {
    const pid_t number = std::atoi(pid.c_str());
    if (::ptrace(PTRACE_SEIZE, number, nullptr, nullptr) != 0) return;
    if (::ptrace(PTRACE_INTERRUPT, number, nullptr, nullptr) == 0) {
      int status = 0;
      ::waitpid(number, &status, __WALL);
      if (is_foreign(pid)) exposed(pid, "control");
    }
    ::ptrace(PTRACE_DETACH, number, nullptr, nullptr);
  }

  std::set<File> own_;
  std::set<std::string> seen_;
};

bool is_number(const char* name) {
  return std::strspn(name, "0123456789") == std::strlen(name);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  Hunter hunter;
  hunter.add_own("/proc/self/exe");
  for (int i = 1; i < argc; ++i)
    hunter.add_own(argv[i]);
  std::puts("ready");
  while (::access("/stop", F_OK) != 0) {
    DIR* processes = ::opendir("/proc");
    while (const dirent* entry = ::readdir(processes)) {
      if (is_number(entry->d_name) && std::strcmp(entry->d_name, "1") != 0)
        hunter.attack(entry->d_name);
    }
    ::closedir(processes);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
  hunter.report();
}
