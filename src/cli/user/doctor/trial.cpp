// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/trial.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "cli/local_scratch.hpp"
#include "launch/fallback.hpp"
#include "launch/id_map.hpp"
#include "launch/overlay.hpp"
#include "launch/starter.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/namespace.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using plan::UserNamespacePlan;
using How = UserNamespacePlan::How;

/// The codes of Trials as they cross from the process that tried.
using Codes = std::array<int16_t, kSteps>;

struct StepRow {
  Step step;
  int flag;
};
constexpr std::array kNamespaceSteps{
    StepRow{Step::IpcNamespace, CLONE_NEWIPC},
    StepRow{Step::UtsNamespace, CLONE_NEWUTS},
    StepRow{Step::CgroupNamespace, CLONE_NEWCGROUP},
    StepRow{Step::NetNamespace, CLONE_NEWNET},
};

template <class T>
int code_of(const Result<T>& result) {
  return result ? 0 : result.error().code();
}

Result<void> make_layers(const sys::Fd& dir) {
  for (const char* name : {"lower", "lower/replaced", "upper", "work", "merged"})
    TRY(sys::make_directory(dir, name, S_IRWXU));
  return {};
}

/// What every image does: a file is made, and a directory of a lower layer is replaced, for which
/// the upper file system must keep extended attributes.
Result<void> change_merged(const sys::Fd& dir) {
  TRY(sys::remove_directory(dir, "merged/replaced"));
  TRY(sys::make_directory(dir, "merged/replaced", S_IRWXU));
  TRY(sys::open_at(dir, "merged/file", O_WRONLY | O_CREAT | O_EXCL, 0600));
  return {};
}

/// The kernel's overlay with all of its directories in `dir`, made as that of a container is.
Result<void> try_overlay(const sys::Fd& dir) {
  TRY(make_layers(dir));
  std::array<sys::InRoot, 1> lowers;
  lowers[0] = TRY(launch::open_inside(dir, "lower", O_PATH | O_DIRECTORY));
  const sys::Fd upper = TRY(sys::open_directory(dir, "upper"));
  const sys::Fd work = TRY(sys::open_directory(dir, "work"));
  const sys::Fd merged = TRY(sys::open_directory(dir, "merged"));
  // What need not last is not synced either, for which a busy disk takes long.
  TRY(launch::mount_overlay({.lowers = lowers, .upper = &upper, .work = &work, .lasts = false},
                            merged));
  auto changed = change_merged(dir);
  TRY(sys::detach_by_path(dir, "merged"));
  return changed;
}

constexpr std::string_view kTrialPrefix = ".wolffia-doctor-";

void remove_trial(const sys::Fd& place, const std::string& name) {
  const auto dir = sys::open_directory(place, name.c_str());
  if (dir) (void)sys::empty_directory(*dir);
  (void)sys::remove_directory(place, name.c_str());  // what stays is found by a person
}

/// What trials have left that were killed.
void sweep(const sys::Fd& place) {
  constexpr size_t kNamesLimit = 4096;
  constexpr time_t kLongAgo = 60;  // seconds; a trial takes one at most
  const auto names = sys::entry_names(place, kNamesLimit);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(kTrialPrefix)) continue;
    const auto status = sys::stat_entry(place, name.c_str());
    if (status && status->st_mtime + kLongAgo < ::time(nullptr)) remove_trial(place, name);
  }
}

/// The same in a directory of its own in `place`, which is removed again by the root of the
/// namespace: the overlay leaves directories that nobody else may open.
Result<void> try_overlay_in(const sys::Fd& place) {
  sweep(place);
  const std::string name = cat(kTrialPrefix, ::getpid());
  TRY(sys::make_directory(place, name.c_str(), S_IRWXU));
  const sys::Fd dir = TRY(sys::open_directory(place, name.c_str()));
  auto tried = try_overlay(dir);
  remove_trial(place, name);
  return tried;
}

/// In a process of its own, the first of the new pid namespace. Returns an errno.
int mount_proc(const sys::Fd& scratch) {
  if (auto made = sys::make_directory(scratch, "proc", S_IRWXU); !made) return made.error().code();
  return code_of(sys::mount_by_path(
      scratch, {.source = "proc", .target = "proc", .type = "proc", .flags = MS_NOSUID}));
}

void try_pid_namespace(const sys::Fd& scratch, Trials& trials) {
  auto child = launch::clone_into(CLONE_NEWPID);
  trials.set(Step::PidNamespace, code_of(child));
  if (!child) return;
  if (child->pid == 0) ::_exit(mount_proc(scratch));
  const auto ended = sys::wait_for(child->pidfd);
  trials.set(Step::Proc, ended && !ended->signalled ? ended->value : ECHILD);
}

void try_sysfs(const sys::Fd& scratch, Trials& trials) {
  auto tried = sys::make_directory(scratch, "sys", S_IRWXU);
  if (tried)
    tried = sys::mount_by_path(
        scratch, {.source = "sysfs", .target = "sys", .type = "sysfs", .flags = MS_NOSUID});
  trials.set(Step::Sysfs, code_of(tried));
}

/// A tmpfs where only this mount namespace sees it.
Result<sys::Fd> mount_scratch() {
  const sys::Fd root = TRY(sys::open_at(sys::cwd(), "/", O_PATH | O_DIRECTORY));
  TRY(sys::mount_by_path(root, {.source = "wolffia", .target = "tmp", .type = "tmpfs"}));
  return sys::open_at(root, "tmp", O_RDONLY | O_DIRECTORY);
}

/// Where what containers change is kept instead.
void try_scratch(Trials& trials) {
  for (const std::string& path : local_scratch()) {
    const auto place = sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_DIRECTORY);
    if (place) trials.set(Step::ScratchOverlay, code_of(try_overlay_in(*place)));
    if (trials.works(Step::ScratchOverlay)) return;
  }
}

/// Everything behind the id maps, in the new user and mount namespace.
void try_inside(const std::string& store, Trials& trials) {
  // Opened before the tmpfs covers /tmp, which it may lie in.
  const auto place = sys::open_at(sys::cwd(), store.c_str(), O_RDONLY | O_DIRECTORY);
  trials.set(Step::PrivateMounts, code_of(sys::change_propagation("/", MS_REC | MS_PRIVATE)));
  if (!trials.works(Step::PrivateMounts)) return;
  if (place) trials.set(Step::StoreOverlay, code_of(try_overlay_in(*place)));
  if (trials.fails(Step::StoreOverlay)) try_scratch(trials);
  const auto scratch = mount_scratch();
  trials.set(Step::Tmpfs, code_of(scratch));
  if (!scratch) return;
  trials.set(Step::MemoryOverlay, code_of(try_overlay_in(*scratch)));
  for (const StepRow& row : kNamespaceSteps)
    trials.set(row.step, code_of(sys::unshare_namespaces(row.flag)));
  if (trials.works(Step::UtsNamespace))
    trials.set(Step::HostName, code_of(sys::set_host_name("wolffia")));
  if (trials.works(Step::NetNamespace)) try_sysfs(*scratch, trials);
  try_pid_namespace(*scratch, trials);
}

/// The new process gets its ids as that of a container does.
int get_ids(const sys::Fd& socket, const UserNamespacePlan& user) {
  if (user.how != How::New) return 0;
  if (user.writer == plan::MapWriter::Child) {
    if (auto written = launch::write_own_maps(user); !written) return written.error().code();
  } else {
    // What is said is whether there are maps: the socket answers with something else afterwards.
    std::array<std::byte, 1> word{};
    const auto heard = sys::receive_packet(socket, word);
    if (!heard || heard->size != word.size()) return EPERM;
  }
  return code_of(launch::become_mapped_root(user));
}

Codes try_all(const sys::Fd& socket, const UserNamespacePlan& user, const std::string& store) {
  Trials trials;
  trials.set(Step::UserNamespace, 0);
  trials.set(Step::Maps, get_ids(socket, user));
  if (trials.works(Step::Maps)) try_inside(store, trials);
  return trials.code;
}

/// Of "only one uid…: what newuidmap said; check …", what newuidmap said.
std::string helper_words(const std::string& notice) {
  const size_t begin = notice.find(": ");
  const size_t end = notice.find("; check");
  if (begin == std::string::npos || end == std::string::npos || end < begin) return notice;
  return notice.substr(begin + 2, end - begin - 2);
}

}  // namespace

Trials try_a_start(const UserNamespacePlan& user, const std::string& store,
                   Clock::time_point deadline) {
  Trials trials;
  const bool is_new = user.how == How::New;
  const uint64_t flags = CLONE_NEWNS | (is_new ? uint64_t{CLONE_NEWUSER} : 0);
  auto asked = Asked<Codes>::start(
      flags, [&](const sys::Fd& socket) { return try_all(socket, user, store); });
  trials.set(Step::UserNamespace, code_of(asked));
  if (!asked) return trials;
  if (is_new && user.writer != plan::MapWriter::Child) {
    const auto written = launch::write_maps_of(asked->pid(), user);
    trials.set(Step::Maps, code_of(written));
    if (!written) return trials;
    trials.one_id = written->one_id;
    trials.helper = helper_words(written->notice);
    constexpr std::array<std::byte, 1> kGo{};
    (void)sys::send_packet(asked->socket(), kGo);  // where nobody listens, nobody answers
  }
  if (const auto codes = asked->take(deadline)) trials.code = *codes;
  return trials;
}

}  // namespace wolffia::cli::user::doctor
