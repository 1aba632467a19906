// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

/// What a process can see of its mounts and files, as text that two builds can be compared by.
namespace wolffia::test {

inline bool contains_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

/// One mount a line, sorted: "/proc proc nosuid,nodev,relatime master". What differs from run to
/// run (numbers of mounts and peer groups) is left out.
inline std::string mounts() {
  std::istringstream lines(read_text("/proc/self/mountinfo"));
  std::vector<std::string> mounts;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point, options, field, groups, type;
    fields >> id >> parent >> device >> root >> point >> options;
    while (fields >> field && field != "-")
      groups += " " + field.substr(0, field.find(':'));
    fields >> type;
    mounts.push_back(point + " " + type + " " + options + groups);
  }
  std::sort(mounts.begin(), mounts.end());
  std::string text;
  for (const std::string& mount : mounts)
    text += mount + "\n";
  return text;
}

/// What is mounted at `point`: the last line for it without the point itself, empty if nothing.
inline std::string mount_at(const std::string& mounts, const std::string& point) {
  const size_t at = ("\n" + mounts).rfind("\n" + point + " ");
  if (at == std::string::npos) return {};
  const size_t begin = at + point.size() + 1;
  return mounts.substr(begin, mounts.find('\n', begin) - begin);
}

/// "dir 755", "file 644", "char 1:3", "link target", or "missing".
inline std::string describe(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) < 0) return "missing";
  std::ostringstream text;
  text << std::oct;
  const unsigned mode = status.st_mode & 07777U;
  switch (status.st_mode & S_IFMT) {
    case S_IFDIR:
      text << "dir " << mode;
      break;
    case S_IFLNK:
      text << "link " << std::filesystem::read_symlink(path).string();
      break;
    case S_IFCHR:
      text << "char " << std::dec << major(status.st_rdev) << ":" << minor(status.st_rdev);
      break;
    case S_IFIFO:
      text << "fifo " << mode;
      break;
    default:
      text << "file " << mode;
  }
  return text.str();
}

/// describe() of every entry of a directory, sorted.
inline std::string listing(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names)
    text += name + " " + describe(directory + "/" + name) + "\n";
  return text;
}

/// Everything of a tree that a write would change: names, types, modes, owners, times, contents.
inline std::string fingerprint(const std::string& directory) {
  std::vector<std::string> paths{directory};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::ostringstream text;
  for (const std::string& path : paths) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) < 0) continue;
    text << path << " " << status.st_mode << " " << status.st_uid << ":" << status.st_gid << " "
         << status.st_mtim.tv_sec << "." << status.st_mtim.tv_nsec << " " << status.st_ctim.tv_sec
         << "." << status.st_ctim.tv_nsec << " " << status.st_ino;
    if (S_ISREG(status.st_mode)) text << " " << read_text(path);
    if (S_ISLNK(status.st_mode)) text << " " << std::filesystem::read_symlink(path).string();
    text << "\n";
  }
  return text.str();
}

/// "ok", or the errno's name of trying to make a file there.
inline std::string try_write(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ::strerrorname_np(errno);
  ::close(fd);
  return "ok";
}

}  // namespace wolffia::test
