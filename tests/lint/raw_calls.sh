#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: raw_calls.sh BUILD
# Fails when code outside src/sys makes a system call by itself: what takes a path could follow a link that a
# container put there, and what is not in sys has no typed error. Asks the built objects, not the text, so
# neither a using-declaration nor a header hides a call.
set -eu
build=$1

calls='open open64 openat openat64 creat fopen fopen64 freopen opendir fdopendir scandir nftw ftw realpath
  stat stat64 lstat lstat64 fstatat fstatat64 statx access faccessat eaccess
  mkdir mkdirat rmdir unlink unlinkat remove rename renameat renameat2 link linkat symlink symlinkat
  readlink readlinkat mknod mknodat mkfifo mkstemp mkdtemp tmpfile
  chmod fchmodat chown lchown fchownat utimensat truncate truncate64
  chdir fchdir chroot mount umount umount2 open_tree move_mount fsopen fsmount fsconfig mount_setattr
  setxattr lsetxattr getxattr lgetxattr removexattr lremovexattr
  syscall clone clone3 fork vfork posix_spawn posix_spawnp execve execvp execv execl execlp fexecve execveat
  system popen kill tgkill ptrace prctl setns unshare wait waitpid waitid wait4
  socket socketpair connect bind accept accept4 sendmsg recvmsg
  setuid setresuid setgid setresgid setgroups capset sethostname setrlimit setrlimit64 prlimit prlimit64
  dlopen getpwnam getpwuid getgrnam getgrgid getaddrinfo'
pattern=$(printf '%s\n' $calls | paste -sd '|')

bad=$(for library in "$build"/libwolffia_*.a; do
  [ "${library##*/}" = libwolffia_sys.a ] && continue
  nm --undefined-only --format=posix -A "$library" 2>/dev/null |
    sed 's/^.*\[\(.*\)\]: /\1 /' | grep -E " ($pattern|_ZNSt10filesystem.*) U" || true
done)
[ -n "$(ls "$build"/libwolffia_sys.a)" ]
[ -z "$bad" ] || { echo "system calls outside src/sys (object, symbol):"; printf '%s\n' "$bad"; exit 1; }
