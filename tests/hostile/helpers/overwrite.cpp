// SPDX-License-Identifier: Apache-2.0
// Usage: overwrite FD | overwrite - | overwrite hunt PROGRAM…
// Tries to write to the runtime's binary: through a descriptor of it that /interpreter caught, or
// through that of any process that shows up and runs none of the container's own PROGRAMs. While
// the binary is being executed the answer is ETXTBSY, so it is asked again until it ends. Prints
// what became of it.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <set>
#include <string>
#include <utility>

namespace {

using File = std::pair<dev_t, ino_t>;

/// One attempt to truncate and fill the file behind `fd`; the errno, 0 when it was overwritten.
int attempt(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int out = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (out < 0) return errno;
  const ssize_t written = ::write(out, "overwritten\n", 12);
  const int error = written == 12 ? 0 : errno;
  ::close(out);
  return error;
}

int insist(int fd) {
  const time_t deadline = std::time(nullptr) + 5;
  int error = ETXTBSY;
  while (error == ETXTBSY && std::time(nullptr) < deadline)
    error = attempt(fd);
  std::printf("%s: %s\n", error == 0 ? "OVERWRITTEN" : "refused", std::strerror(error));
  return error;
}

/// A descriptor of the program of a process that is not one of ours, or -1.
int find_foreign(const std::set<File>& own) {
  int caught = -1;
  DIR* processes = ::opendir("/proc");
  while (const dirent* entry = ::readdir(processes)) {
    if (caught >= 0 || entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    const int fd = ::open(("/proc/" + std::string(entry->d_name) + "/exe").c_str(), O_RDONLY);
    if (fd < 0) continue;
    struct stat found {};
    if (::fstat(fd, &found) == 0 && !own.contains({found.st_dev, found.st_ino})) {
      caught = fd;
    } else {
      ::close(fd);
    }
  }
  ::closedir(processes);
  return caught;
}

int hunt(char** programs) {
  std::set<File> own;
  for (; *programs != nullptr; ++programs) {
    struct stat found {};
    if (::stat(*programs, &found) == 0) own.emplace(found.st_dev, found.st_ino);
  }
  std::puts("ready");
  while (::access("/stop", F_OK) != 0) {
    const int fd = find_foreign(own);
    if (fd < 0) continue;
    if (insist(fd) == 0) return 1;
    ::close(fd);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  if (argc < 2) return 2;
  if (std::strcmp(argv[1], "hunt") == 0) return hunt(argv + 2);
  if (std::strcmp(argv[1], "-") == 0) {
    std::puts("refused: the runtime's binary cannot even be opened");
    return 0;
  }
  return insist(std::atoi(argv[1])) == 0 ? 1 : 0;
}
