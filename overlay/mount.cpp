// SPDX-License-Identifier: Apache-2.0
#include "overlay/mount.hpp"

#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/quote.hpp"
#include "base/words.hpp"
#include "overlay/daemon.hpp"
#include "overlay/operations.hpp"
#include "overlay/overlay.hpp"
#include "overlay/raw_requests.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"
#include "sys/namespace.hpp"

namespace wolffia::overlay {
namespace {

constexpr const char* kConfiguration = "/etc/fuse.conf";

/// libfuse separates options with commas.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ',' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// What libfuse has to say of a mount that fails; afterwards it goes to standard error.
struct Complaints {
  bool collecting = false;
  std::string text;
};
Complaints complaints;

__attribute__((format(printf, 2, 0))) void take_complaint(fuse_log_level level, const char* format,
                                                          va_list values) {
  std::array<char, 512> line{};
  const int length = ::vsnprintf(line.data(), line.size(), format, values);
  if (length <= 0) return;
  if (!complaints.collecting || level == FUSE_LOG_DEBUG) {
    (void)sys::write_all(sys::BorrowedFd(STDERR_FILENO).fd(), line.data());
    return;
  }
  std::string_view said = line.data();
  if (said.ends_with('\n')) said.remove_suffix(1);
  complaints.text += cat(complaints.text.empty() ? "" : "; ", printable(said));
}

/// What on_init() has to know; the operations have room only for the overlay.
struct Start {
  uint32_t max_write = 0;
  bool answered = false;
};
Start start;

void on_init(void* data, fuse_conn_info* connection) noexcept {
  operations().init(data, connection);
  if (start.max_write != 0)
    connection->max_write = std::min(connection->max_write, start.max_write);
  start.answered = true;
}

/// What the signal handler needs.
struct Finish {
  std::atomic<fuse_session*> session{nullptr};
  std::atomic<pid_t> keeper{0};
  std::atomic<int> channel{-1};
};
Finish finish;

/// Where the keeper is gone nobody else can save anything.
void on_signal(int /*number*/, siginfo_t* info, void* /*context*/) {
  const int before = errno;
  const char word = static_cast<char>(Word::Asked);
  fuse_session* const session = finish.session;
  if (session && (info->si_pid == finish.keeper || ::write(finish.channel, &word, 1) < 0))
    ::fuse_session_exit(session);
  errno = before;
}

Error not_mounted(const MountOptions& mount, const MountRights& rights) {
  std::string what = cat("cannot mount on ", quoted_if_needed(mount.point),
                         rights.direct ? "" : " with fusermount3");
  if (!complaints.text.empty()) what += cat(": ", complaints.text);
  if (!rights.direct && complaints.text.empty()) what += ", which says why";
  return Error::because(EPERM, std::move(what));
}

}  // namespace

bool lets_others_in(std::string_view fuse_conf) {
  for (Words lines(fuse_conf, '\n'); !lines.empty();) {
    std::string_view line = lines.next();
    line = line.substr(0, line.find('#'));
    const size_t begin = std::min(line.find_first_not_of(" \t\r"), line.size());
    line.remove_prefix(begin);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    if (line == "user_allow_other") return true;
  }
  return false;
}

Result<MountRights> mount_rights() {
  MountRights rights;
  const uint64_t held = TRY(sys::effective_capabilities());
  rights.direct = (held >> CAP_SYS_ADMIN & 1) != 0 && TRY(sys::owns_mount_namespace());
  const auto configuration = sys::read_file(sys::cwd(), kConfiguration, 1 << 20);
  rights.others = configuration && lets_others_in(*configuration);
  return rights;
}

Result<std::string> fuse_options(const MountOptions& mount, const MountRights& rights) {
  const bool others = rights.direct || rights.others;
  const bool asked = mount.allow_other || mount.allow_root;
  if (asked && !others)
    return Error::because(EPERM, cat(mount.allow_root ? "allow_root" : "allow_other",
                                     " needs a line user_allow_other in ", kConfiguration,
                                     " where fusermount3 mounts: ask for it, or leave it out"));
  if (!rights.direct && (mount.suid.value_or(false) || mount.dev.value_or(false)))
    return Error::because(EPERM, cat(mount.suid.value_or(false) ? "suid" : "dev",
                                     " is not for mounts of fusermount3: leave it out, or mount in "
                                     "a user and mount namespace of your own"));
  std::string out =
      cat("default_permissions,subtype=wolffia-overlay,fsname=", escaped(mount.source));
  const auto add = [&](bool wanted, std::string_view word) {
    if (wanted) out += cat(",", word);
  };
  add(others && !mount.allow_root, "allow_other");
  add(mount.allow_root, "allow_root");
  add(mount.read_only, "ro");
  out += mount.suid.value_or(rights.direct) ? ",suid" : ",nosuid";
  out += mount.dev.value_or(false) ? ",dev" : ",nodev";
  add(!mount.exec, "noexec");
  out += ",noatime";
  add(mount.debug, "debug");
  return out;
}

void Session::Destroy::operator()(fuse_session* session) const {
  finish.session = nullptr;
  ::fuse_session_destroy(session);
}

Result<Session> Session::mount(const CommandLine& line, Overlay& overlay) {
  const MountRights rights = TRY(mount_rights());
  std::string options = TRY(fuse_options(line.mount, rights));
  std::string program = "wolffia-overlay";
  std::string flag = "-o";
  std::array<char*, 4> words{program.data(), flag.data(), options.data(), nullptr};
  fuse_args arguments = FUSE_ARGS_INIT(3, words.data());
  fuse_lowlevel_ops all = operations();
  all.init = on_init;
  start = Start{.max_write = line.mount.max_write, .answered = false};
  complaints = Complaints{.collecting = true, .text = {}};
  ::fuse_set_log_func(take_complaint);
  Session session(::fuse_session_new(&arguments, &all, sizeof all, &overlay));
  ::fuse_opt_free_args(&arguments);
  if (!session.session_) return not_mounted(line.mount, rights);
  if (::fuse_session_mount(session.session_.get(), line.mount.point.c_str()) != 0)
    return not_mounted(line.mount, rights);
  TRY(see_raw_requests(session.session_.get()));
  complaints.collecting = false;
  return session;
}

Result<void> Session::answer_first() {
  fuse_buf request{};
  int got = 0;
  while (!start.answered) {
    got = ::fuse_session_receive_buf(session_.get(), &request);
    if (got == -EINTR) continue;
    if (got <= 0) break;
    ::fuse_session_process_buf(session_.get(), &request);
  }
  ::free(request.mem);
  if (start.answered && ::fuse_session_exited(session_.get()) == 0) return {};
  return Error::because(got < 0 ? -got : ENODEV, "the mount was gone before it was served");
}

Result<void> Session::serve(unsigned threads, bool clone_fd) {
  int done = 0;
  if (threads == 1) {
    done = ::fuse_session_loop(session_.get());
  } else {
    const std::unique_ptr<fuse_loop_config, void (*)(fuse_loop_config*)> config(
        ::fuse_loop_cfg_create(), ::fuse_loop_cfg_destroy);
    if (!config) return Error::because(ENOMEM, "there is no memory for threads");
    ::fuse_loop_cfg_set_clone_fd(config.get(), clone_fd ? 1 : 0);
    ::fuse_loop_cfg_set_max_threads(config.get(), threads);
    ::fuse_loop_cfg_set_idle_threads(config.get(), threads);
    done = ::fuse_session_loop_mt(session_.get(), config.get());
  }
  if (done < 0) return Error::because(-done, cat("serving failed: ", ::strerrordesc_np(-done)));
  return {};
}

Result<void> Session::finish_on_signals(pid_t keeper, int channel) {
  finish.session = session_.get();
  finish.keeper = keeper;
  finish.channel = channel;
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO;  // not SA_RESTART: what waits for requests has to look up
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    if (::sigaction(number, &action, nullptr) < 0) return Error::last("sigaction");
  action.sa_flags = 0;
  action.sa_handler = SIG_IGN;
  for (const int number : {SIGPIPE, SIGXFSZ})  // a write beyond the limit of ulimit -f is EFBIG
    if (::sigaction(number, &action, nullptr) < 0) return Error::last("sigaction");
  return {};
}

}  // namespace wolffia::overlay
