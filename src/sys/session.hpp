// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Sessions, pseudo-terminals and the working directory of the calling process.
namespace wolffia::sys {

Result<void> start_session();  // setsid(2)

/// Unlocks the pty of `master`. Source: TIOCSPTLCK in ioctl_tty(2).
Result<void> unlock_pty(const Fd& master);

/// The other side of `master`, opened without any path. Source: TIOCGPTPEER, Linux 4.13.
Result<Fd> open_pty_peer(const Fd& master);

/// Both 0: left as they are. Source: TIOCSWINSZ.
Result<void> set_window_size(const Fd& terminal, uint16_t rows, uint16_t columns);

/// Makes `terminal` the controlling terminal of our session. Source: TIOCSCTTY.
Result<void> control_terminal(const Fd& terminal);

/// Puts `file` at descriptor `number`, inherited by exec. Source: dup2(2).
Result<void> place_at(const Fd& file, int number);

/// exec hands on the descriptor `number` as it is. Source: FD_CLOEXEC in fcntl(2).
Result<void> pass_on(int number);

/// A copy of `file` at the lowest free number from `from` on, close-on-exec. Source: fcntl(2).
Result<Fd> copy_from(const Fd& file, int from);

/// Source: fchown(2); UINT32_MAX leaves that id.
Result<void> change_owner(const Fd& file, uint32_t uid, uint32_t gid);

void set_umask(mode_t mask);  // umask(2)

Result<void> change_directory(const char* path);        // chdir(2)
Result<void> change_directory_to(const Fd& directory);  // fchdir(2)
Result<void> change_root_here();                        // chroot(".")

/// True when the working directory lies below our root: the kernel names it from "/" on.
/// Source: getcwd(2), "(unreachable)", Linux 2.6.36.
Result<bool> directory_is_reachable();

}  // namespace wolffia::sys
