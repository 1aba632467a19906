// SPDX-License-Identifier: Apache-2.0
#include "sys/namespace.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sys/credentials.hpp"
#include "sys/file.hpp"

namespace wolffia::sys {

Result<void> join_namespace(const NamespaceFd& space, int flag) {
  if (::setns(space.get(), flag) < 0) return Error::last("setns");
  return {};
}

Result<void> join_namespaces_of(const PidFd& process, int flags) {
  if (::setns(process.get(), flags) < 0) return Error::last("setns");
  return {};
}

Result<bool> owns_mount_namespace() {
  const Fd mounts = TRY(open_at(cwd(), "/proc/self/ns/mnt", O_RDONLY), "/proc/self/ns/mnt");
  const int fd = ::ioctl(mounts.get(), NS_GET_USERNS);
  if (fd < 0 && errno == EPERM) return false;  // it lies outside of ours
  if (fd < 0) return Error::last("ioctl(NS_GET_USERNS)");
  const struct stat owner = TRY(stat_fd(Fd(fd)));
  const struct stat ours = TRY(stat_at(cwd(), "/proc/self/ns/user"), "/proc/self/ns/user");
  return owner.st_dev == ours.st_dev && owner.st_ino == ours.st_ino;
}

Result<void> unshare_namespaces(int flags) {
  if (::unshare(flags) < 0) return Error::last("unshare");
  return {};
}

Result<void> unshare_user() {
  const uint32_t uid = effective_uid();
  const uint32_t gid = effective_gid();
  TRY(unshare_namespaces(CLONE_NEWUSER));
  return map_own_ids(uid, gid);
}

Result<void> map_own_ids(uint32_t uid, uint32_t gid) {
  TRY(write_existing(cwd(), "/proc/self/setgroups", "deny"));
  TRY(write_existing(cwd(), "/proc/self/uid_map", cat(uid, " ", uid, " 1")));
  return write_existing(cwd(), "/proc/self/gid_map", cat(gid, " ", gid, " 1"));
}

Result<void> set_host_name(const std::string& name) {
  if (::sethostname(name.data(), name.size()) < 0) return Error::last("sethostname");
  return {};
}

Result<void> set_domain_name(const std::string& name) {
  if (::setdomainname(name.data(), name.size()) < 0) return Error::last("setdomainname");
  return {};
}

Result<void> bring_loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Error::last("socket");
  const Fd socket(fd);
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) return Error::last("SIOCSIFFLAGS");
  return {};
}

}  // namespace wolffia::sys
