// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/quote.hpp"
#include "cli/network_filesystem.hpp"
#include "cli/user/doctor/causes.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using RuntimeDir = Environment::RuntimeDir;

/// An image of some size: below, the first pull of one is likely to fail.
constexpr uint64_t kLowSpace = uint64_t{1} << 30;
constexpr uint64_t kLowInodes = 20'000;
/// State of containers is small; what programs write to /tmp themselves is not.
constexpr uint64_t kLowTmp = uint64_t{16} << 20;
constexpr uint64_t kLowTmpInodes = 100;

std::string elsewhere(const Facts& facts) {
  if (facts.better_store.empty()) return {};
  return cat("export WOLFFIA_STORE=", shell_word(facts.better_store));
}

/// A finding about the store: another one is always the way out.
Told about_store(const Facts& facts, std::string cause) {
  return Told{.cause = std::move(cause), .fix = elsewhere(facts)};
}

std::string store_name(const Facts& facts) {
  return quoted_if_needed(facts.store.path);
}

bool out_of_quota(const sys::Quota& quota) {
  const bool bytes = quota.limit_bytes > 0 && quota.used_bytes + kLowSpace > quota.limit_bytes;
  const bool inodes = quota.limit_inodes > 0 && quota.used_inodes + kLowInodes > quota.limit_inodes;
  return bytes || inodes;
}

bool usable_runtime_dir(const Facts& facts) {
  const RuntimeDir state = facts.environment.runtime_dir;
  return state == RuntimeDir::Usable || state == RuntimeDir::NotNeeded;
}

/// Without a runtime directory the state of containers is in /tmp.
Told about_tmp(const Facts& facts, std::string cause) {
  Told told{.cause = std::move(cause)};
  if (usable_runtime_dir(facts)) return told;
  told.severity = Severity::Blocked;
  told.now = "no container runs, as its state would be there: XDG_RUNTIME_DIR is of no use";
  return told;
}

}  // namespace

bool has_overlay(const Facts& facts) {
  // A store that cannot be written to says nothing about the kernel.
  if (facts.trials[Step::StoreOverlay] == kNotTried) return facts.trials.works(Step::MemoryOverlay);
  return facts.trials.works(Step::StoreOverlay) || facts.trials.works(Step::ScratchOverlay);
}

bool has_union(const Facts& facts) {
  return facts.environment.has_fuse;
}

/// Where images do not have their overlay in the store, how they run.
std::string_view without_upper(const Facts& facts) {
  if (!has_overlay(facts))
    return has_union(facts) ? "images run, each served by wolffia-overlay"
                            : "images run, copied for each container";
  return "images run; what containers change is kept in WOLFFIA_SCRATCH, TMPDIR or /tmp";
}

Look no_home(const Facts& facts) {
  if (facts.environment.has_home) return std::nullopt;
  return Told{};
}

Look store_silent(const Facts& facts) {
  if (facts.store.answered) return std::nullopt;
  return about_store(facts, cat("the file system of the store ", store_name(facts),
                                " does not answer: its server may be gone"));
}

Look store_foreign(const Facts& facts) {
  const Place& store = facts.store;
  if (!store.answered || (store.is_ours && !store.others_write)) return std::nullopt;
  Told told = about_store(
      facts, cat("the store ", store_name(facts),
                 store.is_ours ? " can be written to by others" : " belongs to somebody else"));
  if (store.is_ours) told.fix = cat("chmod go-w ", shell_word(store.path));
  return told;
}

Look store_unwritable(const Facts& facts) {
  const Place& store = facts.store;
  const int code = store.write_code;
  if (!store.answered || !store.is_ours || code == 0 || code == ENOSPC || code == EDQUOT)
    return std::nullopt;
  return about_store(facts, cat("nothing can be written to ", quoted_if_needed(store.existing),
                                ", where the store is to be: ", strerrordesc_np(code)));
}

Look store_full(const Facts& facts) {
  const sys::Space& space = facts.store.space;
  const bool bytes = space.total_bytes > 0 && space.free_bytes < kLowSpace;
  const bool inodes = space.total_inodes > 0 && space.free_inodes < kLowInodes;
  if (facts.store.write_code != ENOSPC && !bytes && !inodes) return std::nullopt;
  return about_store(facts, inodes && !bytes
                                ? cat("the file system of the store ", store_name(facts),
                                      " has room for only ", space.free_inodes, " more files")
                                : cat("the store ", store_name(facts), " has only ",
                                      size_words(space.free_bytes), " left"));
}

Look store_quota(const Facts& facts) {
  const Place& store = facts.store;
  if (store.write_code != EDQUOT && !(store.quota && out_of_quota(*store.quota)))
    return std::nullopt;
  std::string cause = cat("your quota where the store ", store_name(facts), " is, is used up");
  if (store.quota && store.quota->limit_bytes > 0)
    cause += cat(": ", size_words(store.quota->used_bytes), " of ",
                 size_words(store.quota->limit_bytes));
  return about_store(facts, std::move(cause));
}

Look store_noexec(const Facts& facts) {
  if (!facts.store.space.noexec) return std::nullopt;
  Told told = about_store(facts, cat("the store ", store_name(facts),
                                     " is on a noexec mount: no program in it starts"));
  if (has_overlay(facts)) {
    told.severity = Severity::Works;
    told.now = "images start, as the kernel's overlay above the store is not noexec";
  }
  return told;
}

Look store_remote(const Facts& facts) {
  const std::string_view name = network_filesystem(facts.store.space.type);
  if (name.empty()) return std::nullopt;
  Told told = about_store(facts, cat("the store ", store_name(facts), " is on ", name,
                                     ", which is slow for many small files and knows one owner"));
  if (has_overlay(facts)) told.severity = Severity::Works;
  if (!facts.trials.works(Step::StoreOverlay)) told.now = without_upper(facts);
  return told;
}

Look store_without_locks(const Facts& facts) {
  if (facts.store.lock_code == 0) return std::nullopt;
  Told told = about_store(facts, cat("the file system of the store ", store_name(facts),
                                     " has no locks: ", strerrordesc_np(facts.store.lock_code)));
  told.severity = Severity::Works;
  return told;
}

Look store_without_overlay(const Facts& facts) {
  if (!facts.trials.fails(Step::StoreOverlay) || !facts.trials.works(Step::MemoryOverlay) ||
      !network_filesystem(facts.store.space.type).empty())  // which is cause enough
    return std::nullopt;
  Told told = about_store(
      facts, cat("the kernel's overlay cannot write to the file system of the store ",
                 store_name(facts), ": ", strerrordesc_np(facts.trials[Step::StoreOverlay])));
  if (has_overlay(facts)) told.severity = Severity::Works;
  told.now = without_upper(facts);
  return told;
}

Look no_overlay(const Facts& facts) {
  if (!facts.trials.fails(Step::MemoryOverlay) || facts.trials.works(Step::StoreOverlay))
    return std::nullopt;
  const int code = facts.trials[Step::MemoryOverlay];
  if (code == ENODEV)
    return Told{.cause = "the kernel has no overlayfs loaded",
                .fix = "sudo modprobe overlay",
                .now = has_union(facts) ? std::string(without_upper(facts)) : std::string()};
  Told told{.cause =
                cat("the kernel lets no ordinary user mount an overlay: ", strerrordesc_np(code))};
  if (has_union(facts)) told.now = without_upper(facts);
  return told;
}

Look no_fuse(const Facts& facts) {
  if (facts.environment.has_fuse) return std::nullopt;
  Told told{.severity = has_overlay(facts) ? Severity::Works : Severity::Degraded,
            .fix = fix_for_device(facts, "/dev/fuse")};
  if (!has_overlay(facts)) told.now = "an image is copied for each container";
  return told;
}

Look tmp_full(const Facts& facts) {
  const sys::Space& space = facts.tmp.space;
  const bool bytes = space.total_bytes > 0 && space.free_bytes < kLowTmp;
  const bool inodes = space.total_inodes > 0 && space.free_inodes < kLowTmpInodes;
  if (facts.tmp.write_code != ENOSPC && !bytes && !inodes) return std::nullopt;
  return about_tmp(facts, bytes ? cat("/tmp has only ", size_words(space.free_bytes), " left")
                                : "/tmp has no room for more files");
}

Look tmp_unwritable(const Facts& facts) {
  const int code = facts.tmp.write_code;
  if (code == 0 || code == ENOSPC) return std::nullopt;
  return about_tmp(facts, cat("nothing can be written to /tmp: ", strerrordesc_np(code)));
}

Look no_runtime_dir(const Facts& facts) {
  if (facts.environment.runtime_dir != RuntimeDir::Unset) return std::nullopt;
  const std::string& name = facts.host.user_name;
  const std::string user = name.empty() ? cat(facts.host.uid) : shell_word(name);
  const bool has_logins = facts.confinement.outer == Confinement::Outer::None;
  return Told{.severity = Severity::Works,
              .fix = has_logins
                         ? cat("sudo loginctl enable-linger ", user, ", and log in anew")
                         : "export XDG_RUNTIME_DIR=DIR, with a directory of yours of mode 0700",
              .now = cat("the state of containers is in ", facts.environment.state_dir)};
}

Look runtime_dir_unusable(const Facts& facts) {
  const RuntimeDir state = facts.environment.runtime_dir;
  if (state != RuntimeDir::NotThere && state != RuntimeDir::NotOurs) return std::nullopt;
  const std::string path = quoted_if_needed(facts.environment.runtime_path);
  return Told{
      .severity = Severity::Works,
      .cause = cat("XDG_RUNTIME_DIR is ", path, ", which ",
                   state == RuntimeDir::NotThere ? "is not there" : "others own, or may write to")};
}

Look state_dir_foreign(const Facts& facts) {
  if (usable_runtime_dir(facts) || !facts.environment.state_dir_foreign) return std::nullopt;
  return Told{.severity = Severity::Blocked,
              .cause = cat(facts.environment.state_dir,
                           ", where the state of containers goes, is somebody else's")};
}

}  // namespace wolffia::cli::user::doctor
