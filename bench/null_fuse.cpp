// SPDX-License-Identifier: Apache-2.0
// Usage: null_fuse MOUNTPOINT
// A file system that does nothing: every name in its root is one empty file, and nothing may be
// remembered by the kernel. What a call on it takes is the round trip of one request through
// /dev/fuse, which no server of ours can be quicker than.
#define FUSE_USE_VERSION 35
#include <fuse3/fuse_lowlevel.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>

namespace {

constexpr fuse_ino_t kFile = FUSE_ROOT_ID + 1;
constexpr double kNotRemembered = 0.0;

struct stat attributes_of(fuse_ino_t inode) {
  struct stat found {};
  found.st_ino = inode;
  found.st_mode = inode == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
  found.st_nlink = inode == FUSE_ROOT_ID ? 2 : 1;
  return found;
}

void lookup(fuse_req_t request, fuse_ino_t, const char*) {
  fuse_entry_param entry{};
  entry.ino = kFile;
  entry.attr = attributes_of(kFile);
  entry.attr_timeout = kNotRemembered;
  entry.entry_timeout = kNotRemembered;
  fuse_reply_entry(request, &entry);
}

void getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
  const struct stat found = attributes_of(inode);
  fuse_reply_attr(request, &found, kNotRemembered);
}

/// Serves until it is unmounted.
bool serve(fuse_session* session, const char* mount_point) {
  if (fuse_set_signal_handlers(session) != 0) return false;
  bool served = false;
  if (fuse_session_mount(session, mount_point) == 0) {
    served = fuse_daemonize(0) == 0 && fuse_session_loop(session) == 0;
    fuse_session_unmount(session);
  }
  fuse_remove_signal_handlers(session);
  return served;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: null_fuse MOUNTPOINT\n");
    return 2;
  }
  fuse_lowlevel_ops operations{};
  operations.lookup = lookup;
  operations.getattr = getattr;
  fuse_args arguments = FUSE_ARGS_INIT(1, argv);
  fuse_session* const session =
      fuse_session_new(&arguments, &operations, sizeof operations, nullptr);
  if (session == nullptr) return 1;
  const bool served = serve(session, argv[1]);
  fuse_session_destroy(session);
  fuse_opt_free_args(&arguments);
  return served ? 0 : 1;
}
