// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/result.hpp"
#include "overlay/command_line.hpp"

struct fuse_session;

/// The mount and the session behind it, on libfuse.
namespace wolffia::overlay {

class Overlay;

/// What this process may do about mounts.
struct MountRights {
  bool direct = false;  // mount(2) itself; else fusermount3(1) does it
  bool others = false;  // fusermount3 lets other users in: user_allow_other in fuse.conf(5)
};

Result<MountRights> mount_rights();

/// Whether the text of /etc/fuse.conf has the word. Source: fusermount3's read_conf().
bool lets_others_in(std::string_view fuse_conf);

/// The options in libfuse's words. Others may look in wherever that can be.
/// Errors: EPERM for what was asked for and cannot be, with what to change.
Result<std::string> fuse_options(const MountOptions& mount, const MountRights& rights);

/// A mount that is served by this process.
class Session {
 public:
  /// Mounts. `overlay` has to outlive the session.
  static Result<Session> mount(const CommandLine& line, Overlay& overlay);

  /// Answers the first request, which starts the session: then the mount can be used.
  Result<void> answer_first();
  /// Serves until the mount is gone, or the signal handler of finish_on_signals() says so.
  Result<void> serve(unsigned threads, bool clone_fd);

  /// SIGTERM, SIGINT and SIGHUP end the session when the process `keeper` sends them. Of anybody
  /// else's it is told through `channel`, as it has to save and unmount first.
  Result<void> finish_on_signals(pid_t keeper, int channel);

 private:
  struct Destroy {
    void operator()(fuse_session* session) const;
  };
  explicit Session(fuse_session* session) : session_(session) {}
  std::unique_ptr<fuse_session, Destroy> session_;
};

}  // namespace wolffia::overlay
