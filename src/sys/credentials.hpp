// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"

/// Who the calling process is, and what executing a program file would add to that.
namespace wolffia::sys {

uint32_t effective_uid();
uint32_t effective_gid();

/// Whether execve grants nothing any more. Source: PR_GET_NO_NEW_PRIVS.
Result<bool> has_no_new_privileges();

/// What a program file carries, and whether its mount lets it count.
struct ExecRights {
  bool setuid_root = false;   // set-user-ID, owned by root
  bool capabilities = false;  // a security.capability attribute, capabilities(7)
  bool nosuid = false;        // ignored on this mount: MS_NOSUID in mount(2)
};

/// Source: stat(2), statvfs(3), getxattr(2). Errors: ENOENT where there is no such program.
Result<ExecRights> exec_rights(const char* path);

}  // namespace wolffia::sys
