// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Namespaces of the calling thread and what is set inside them. Flags are CLONE_NEW*.
namespace wolffia::sys {

using NamespaceFd = FdOf<struct NamespaceKind>;

/// Joins the namespace. Source: setns(2).
/// Errors: EINVAL when it is not of the type `flag`; EPERM without CAP_SYS_ADMIN over it.
Result<void> join_namespace(const NamespaceFd& space, int flag);

/// Joins the namespaces `flags` of a process at once, or none. Source: setns(2), Linux 5.8.
/// Errors: EINVAL on older kernels, and when the own user namespace is among them.
Result<void> join_namespaces_of(const PidFd& process, int flags);

/// Whether our mount namespace belongs to our user namespace, so that CAP_SYS_ADMIN lets us mount.
/// Source: ioctl_ns(2), NS_GET_USERNS, Linux 4.9.
Result<bool> owns_mount_namespace();

/// Leaves the namespaces `flags` for new ones. Source: unshare(2).
Result<void> unshare_namespaces(int flags);
/// Enters a new user namespace in which we have the ids that we had, and no others: what needs
/// capabilities can then be done with them. Source: user_namespaces(7). Errors: as clone(2)'s with
/// CLONE_NEWUSER.
Result<void> unshare_user();
/// The second half of that, of a process that clone_process() made in a new user namespace: `uid`
/// and `gid` are those of its parent.
Result<void> map_own_ids(uint32_t uid, uint32_t gid);

Result<void> set_host_name(const std::string& name);    // sethostname(2)
Result<void> set_domain_name(const std::string& name);  // setdomainname(2)

/// Brings "lo" up in the current network namespace. Source: netdevice(7), SIOCSIFFLAGS.
Result<void> bring_loopback_up();

}  // namespace wolffia::sys
