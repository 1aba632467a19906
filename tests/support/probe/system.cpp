// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "probe.hpp"

namespace probe {
namespace {

// namespaces=TYPE:INODE,…: those of the host, which none of ours may be.
std::string namespaces(const Expected& expected) {
  for (const std::string& entry : expected.list("namespaces")) {
    const std::vector<std::string> words = split(entry, ':');
    const std::string own = link_target("/proc/self/ns/" + words.at(0));
    if (own == words.at(0) + ":[" + words.at(1) + "]") return words.at(0) + " is the host's";
  }
  return {};
}

std::string hostname(const Expected& expected) {
  utsname names{};
  ::uname(&names);
  return differs(names.nodename, expected.get("hostname"));
}

std::string domainname(const Expected& expected) {
  utsname names{};
  ::uname(&names);
  return differs(names.domainname, expected.get("domainname"));
}

std::string only_loopback(const Expected&) {
  for (const std::string& line : split(read_file("/proc/net/dev"), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;  // the two header lines
    const size_t start = line.find_first_not_of(' ');
    const std::string name = line.substr(start, colon - start);
    if (name != "lo") return name + " is visible";
  }
  return {};
}

std::string loopback_is_up(const Expected&) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "no socket";
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  const int done = ::ioctl(fd, SIOCGIFFLAGS, &request);
  ::close(fd);
  return done == 0 && (request.ifr_flags & IFF_UP) != 0 ? "" : "lo is down";
}

std::string loopback_works(const Expected&) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  char byte = 'x';
  const bool works = fd >= 0 && ::bind(fd, generic, size) == 0 &&
                     ::getsockname(fd, generic, &size) == 0 &&
                     ::sendto(fd, &byte, 1, 0, generic, size) == 1 && ::recv(fd, &byte, 1, 0) == 1;
  ::close(fd);
  return works ? "" : "no datagram came back";
}

std::string no_route_out(const Expected&) {
  // The first line is the header.
  return split(read_file("/proc/net/route"), '\n').size() <= 1 ? "" : "there is a route";
}

/// The description of the session keyring: "keyring;UID;GID;PERMISSIONS;NAME".
std::string session_keyring() {
  char text[256] = "";
  ::syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof text);
  return text;
}

std::string own_keyring(const Expected& expected) {
  const std::string wanted = expected.get("keyring");
  if (wanted.empty()) return {};
  const std::string found = session_keyring();
  const bool own = found.ends_with(";" + wanted) || found.ends_with(";_ses." + wanted);
  return own ? "" : "is \"" + found + "\"";
}

// The test left a key of this name in its own session keyring.
std::string no_host_key(const Expected& expected) {
  const std::string name = expected.get("host_key", "wolffia-canary");
  const long found =
      ::syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name.c_str(), 0);
  return found < 0 ? "" : "the caller's key can be found";
}

std::string no_writable_cgroup(const Expected&) {
  for (const MountLine& mount : mounts()) {
    if (mount.type != "cgroup" && mount.type != "cgroup2") continue;
    struct statvfs found {};
    if (::statvfs(mount.target.c_str(), &found) == 0 && (found.f_flag & ST_RDONLY) == 0) {
      return mount.target + " is writable";
    }
  }
  return {};
}

std::string no_new_namespace(const Expected&) {
  return ::unshare(CLONE_NEWNS) != 0 && errno == EPERM ? "" : "unshare worked";
}

std::string no_new_mount(const Expected&) {
  // Where a new namespace can be had, nothing is mounted: a probe started by mistake on the host
  // would cover a directory everybody uses.
  if (::unshare(CLONE_NEWNS) == 0) return "a mount namespace could be made";
  return ::mount("none", "/tmp", "tmpfs", 0, nullptr) != 0 && errno == EPERM ? "" : "mount worked";
}

constexpr Fact kFacts[] = {
    {"no namespace is the host's", namespaces},
    {"hostname", hostname},
    {"domainname", domainname},
    {"only lo is visible", only_loopback},
    {"lo is up", loopback_is_up},
    {"lo carries a datagram", loopback_works},
    {"no route leads out", no_route_out},
    {"the session keyring is the container's", own_keyring},
    {"no key of the caller can be found", no_host_key},
    {"no cgroup is writable", no_writable_cgroup},
    {"nothing can be mounted", no_new_mount},
    {"no mount namespace can be made", no_new_namespace},
};

}  // namespace

std::span<const Fact> system_facts() {
  return kFacts;
}

}  // namespace probe
