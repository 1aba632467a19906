// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "probe.hpp"

namespace probe {
namespace {

std::string working_directory(const Expected& expected) {
  char buffer[4096];
  // A directory outside the root reads as "(unreachable)/…", getcwd(3).
  return differs(::getcwd(buffer, sizeof buffer) ? buffer : "(error)", expected.get("cwd", "/"));
}

std::string root_is_top(const Expected&) {
  struct stat root {
  }, above{};
  if (::stat("/", &root) != 0 || ::stat("/..", &above) != 0) return "cannot be examined";
  return root.st_ino == above.st_ino && root.st_dev == above.st_dev ? "" : "\"/..\" is elsewhere";
}

// "TARGET" of each mount, sorted: one more would be the host's, one less an escaped one.
std::string mount_list(const Expected& expected) {
  // Below these nothing is compared: where the kernel gives no new procfs or sysfs, the host's
  // takes its place with all that is mounted in it.
  const std::vector<std::string> open_ended = expected.list("below");
  const auto counts = [&](const std::string& target) {
    return std::none_of(open_ended.begin(), open_ended.end(), [&](const std::string& directory) {
      return target.starts_with(directory + "/");
    });
  };
  std::vector<std::string> found;
  std::vector<std::string> wanted;
  for (const MountLine& mount : mounts()) {
    if (counts(mount.target)) found.push_back(mount.target);
  }
  for (const std::string& target : expected.list("mounts")) {
    if (counts(target)) wanted.push_back(target);
  }
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  if (found == wanted) return {};
  std::string text;
  for (const std::string& target : found)
    text += target + ",";
  return differs(text, expected.get("mounts"));
}

// flags=TARGET:OPTION:OPTION,…: each mount carries at least these.
std::string mount_flags(const Expected& expected) {
  for (const std::string& entry : expected.list("flags")) {
    const std::vector<std::string> words = split(entry, ':');
    for (const MountLine& mount : mounts()) {
      if (mount.target != words[0]) continue;
      for (size_t i = 1; i < words.size(); ++i) {
        if (!has_option(mount, words[i])) return mount.target + " is " + mount.options;
      }
    }
  }
  return {};
}

std::string not_shared(const Expected&) {
  for (const MountLine& mount : mounts()) {
    if (mount.optional_fields.find("shared:") != std::string::npos) {
      return mount.target + " is " + mount.optional_fields;
    }
  }
  return {};
}

std::string real_proc(const Expected&) {
  struct statfs found {};
  if (::statfs("/proc", &found) != 0) return "cannot be examined";
  return found.f_type == PROC_SUPER_MAGIC ? "" : "is another file system";
}

/// Whether something can be read below `path`, a masked file or directory.
std::string readable(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};  // absent on this kernel
  if (S_ISDIR(found.st_mode)) {
    if (!entries(path).empty()) return path + " has entries";
    const std::string inside = path + "/probe";
    const int made = ::open(inside.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (made >= 0) {
      ::close(made);
      return path + " is writable";
    }
    return {};
  }
  if (!S_ISCHR(found.st_mode) || found.st_rdev != makedev(1, 3)) return path + " is no null device";
  return read_file(path).empty() ? "" : path + " can be read";
}

std::string masked(const Expected& expected) {
  for (const std::string& path : expected.list("masked")) {
    if (std::string what = readable(path); !what.empty()) return what;
  }
  return {};
}

std::string readonly_paths(const Expected& expected) {
  for (const std::string& path : expected.list("readonly")) {
    struct statvfs found {};
    if (::statvfs(path.c_str(), &found) != 0) continue;  // absent on this kernel
    if ((found.f_flag & ST_RDONLY) == 0) return path + " is writable";
  }
  return {};
}

std::string readonly_root(const Expected& expected) {
  if (expected.get("readonly_root", "yes") != "yes") return {};
  const int made = ::open("/probe-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0) return {};
  ::close(made);
  return "a file could be made in it";
}

std::string device_entries(const Expected& expected) {
  const std::set<std::string> found = entries("/dev");
  const std::vector<std::string> names = expected.list("dev");
  if (found == std::set<std::string>(names.begin(), names.end())) return {};
  std::string text;
  for (const std::string& name : found)
    text += name + ",";
  return differs(text, expected.get("dev"));
}

// runtime-spec config-linux.md, "Default Devices", with the numbers of devices.txt.
struct Node {
  const char* path;
  unsigned major, minor;
};
constexpr Node kNodes[] = {
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

std::string device_nodes(const Expected&) {
  for (const Node& node : kNodes) {
    struct stat found {};
    if (::lstat(node.path, &found) != 0) return std::string(node.path) + " is missing";
    if (!S_ISCHR(found.st_mode) || found.st_rdev != makedev(node.major, node.minor)) {
      return std::string(node.path) + " is something else";
    }
  }
  return {};
}

/// No device but the default ones and the pseudo terminals anywhere in /dev.
std::string no_other_device(const Expected&) {
  for (const std::string& name : entries("/dev")) {
    struct stat found {};
    const std::string path = "/dev/" + name;
    if (::lstat(path.c_str(), &found) != 0) continue;
    if (!S_ISCHR(found.st_mode) && !S_ISBLK(found.st_mode)) continue;
    const bool known = std::any_of(std::begin(kNodes), std::end(kNodes), [&](const Node& node) {
      return found.st_rdev == makedev(node.major, node.minor) && S_ISCHR(found.st_mode);
    });
    if (!known) return path + " is a device nobody asked for";
  }
  return {};
}

std::string device_links(const Expected&) {
  constexpr const char* kLinks[][2] = {{"/dev/fd", "/proc/self/fd"},
                                       {"/dev/stdin", "/proc/self/fd/0"},
                                       {"/dev/stdout", "/proc/self/fd/1"},
                                       {"/dev/stderr", "/proc/self/fd/2"}};
  for (const auto& [path, target] : kLinks) {
    if (link_target(path) != target) return std::string(path) + " is " + link_target(path);
  }
  const std::string ptmx = link_target("/dev/ptmx");
  return ptmx == "pts/ptmx" || ptmx == "/dev/pts/ptmx" ? "" : "/dev/ptmx is " + ptmx;
}

// A process inside can look at its own root and working directory, and at nobody's beside.
std::string no_way_out(const Expected&) {
  for (const char* path : {"/proc/self/root/..", "/proc/self/cwd/../../../../..", "/proc/1/root"}) {
    struct stat root {
    }, there{};
    if (::stat("/", &root) != 0 || ::stat(path, &there) != 0) continue;
    if (root.st_ino != there.st_ino || root.st_dev != there.st_dev) {
      return std::string(path) + " leads out";
    }
  }
  return {};
}

constexpr Fact kFacts[] = {
    {"the working directory is inside", working_directory},
    {"the root has nothing above it", root_is_top},
    {"no path of /proc leads out of the root", no_way_out},
    {"the mounts are the bundle's, no host mount is visible", mount_list},
    {"mount flags are the bundle's", mount_flags},
    {"no mount is shared", not_shared},
    {"/proc is procfs", real_proc},
    {"masked paths are empty", masked},
    {"read-only paths cannot be written", readonly_paths},
    {"the root is read-only", readonly_root},
    {"/dev has the expected entries", device_entries},
    {"the default devices are the right ones", device_nodes},
    {"no other device", no_other_device},
    {"the links of /dev", device_links},
};

}  // namespace

std::span<const Fact> file_facts() {
  return kFacts;
}

}  // namespace probe
