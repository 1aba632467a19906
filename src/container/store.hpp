// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "container/identity.hpp"
#include "container/state.hpp"
#include "container/state_root.hpp"
#include "sys/fd.hpp"

/// The state root: a 0700 directory of ours with one directory per container. All by descriptor,
/// symbolic links never followed (I15).
///
///   ROOT/ID/state.json    the State                    written atomically
///   ROOT/ID/config.json   the bundle's, as it was at create
///   ROOT/ID/recovery      init's Identity, independent of state.json; synced
///   ROOT/ID/gate          socket where a created container waits for start
///   ROOT/@ID              symbolic link to init's Identity: survives whatever happens inside ID
namespace wolffia::container {

inline constexpr size_t kIdLimit = 240;  // with the trace's "@" below NAME_MAX

/// The socket at which a created container waits.
inline constexpr const char* kGate = "gate";

/// Errors: EINVAL, for a person, unless `id` is [a-zA-Z0-9_+.-]+, not "." or "..", and at most
/// kIdLimit long.
Result<void> check_id(std::string_view id);

/// Whether files of a file system, named by its *_MAGIC of statfs(2), are still there after the
/// machine restarts. One that is not known is.
bool outlives_the_machine(uint64_t filesystem_type);

/// One container's directory.
class Entry {
 public:
  const std::string& id() const { return id_; }
  const sys::Fd& directory() const { return directory_; }

  /// Errors: EINVAL when damaged, ENOENT when there is none (yet).
  Result<State> load() const;
  /// The config.json of the moment of create. Errors: as sys::read_file().
  Result<std::string> config() const;
  /// The process that holds the Reservation; 0: the create is over, or died.
  pid_t creator() const;

 private:
  friend class Store;
  friend class Reservation;
  Entry(std::string id, sys::Fd directory) : id_(std::move(id)), directory_(std::move(directory)) {}
  std::string id_;
  sys::Fd directory_;
};

/// The directory of a container being created. Destroyed before keep(), it is removed with all
/// that is in it. While it lives the container's status is Creating for others.
class Reservation {
 public:
  Reservation(Reservation&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)),
        entry_(std::move(other.entry_)),
        trace_(std::move(other.trace_)) {}
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation();
  const Entry& entry() const { return entry_; }
  Result<void> save_config(std::string_view text);
  /// Leaves the traces by which delete --force finds init: to be called as soon as it is there.
  /// What can outlive the machine is on disk when it returns.
  Result<void> trace(const Identity& init);
  /// Writes state.json. Precondition: trace() was called with `state.init`.
  Result<void> record(const State& state);
  /// The container is created, and no longer being so: nothing is removed any more.
  Entry keep() &&;

 private:
  friend class Store;
  Reservation(const class Store& store, Entry entry) : store_(&store), entry_(std::move(entry)) {}
  const class Store* store_;  // null: kept, or moved from
  Entry entry_;
  std::string trace_;  // what trace() left beside the directory
};

class Store {
 public:
  /// Opens, and where needed makes, the state root: `root` if given, else what state_root.hpp
  /// says. Errors: EPERM when the directory is not ours or others may write to it.
  static Result<Store> open(const std::string& root);

  const std::string& path() const { return path_; }
  const sys::Fd& directory() const { return directory_; }
  /// The uid whose containers these are: ours.
  uint32_t owner() const { return owner_; }

  /// Reserves `id`: of several callers exactly one wins.
  /// Errors: EINVAL for a bad id; EEXIST, "container with id X exists already".
  Result<Reservation> reserve(const std::string& id) const;

  /// Errors: ENOENT, "container X does not exist"; EINVAL for a bad id.
  Result<Entry> find(const std::string& id) const;

  /// Every container, sorted by name.
  Result<std::vector<std::string>> ids() const;

  /// The ids an extended regular expression matches. Source: regcomp(3). Errors: EINVAL.
  Result<std::vector<std::string>> matching(const std::string& pattern) const;

  /// Init's identities as every trace that can still be read tells them: state.json, recovery,
  /// ROOT/@ID. Usually they agree; empty when none is left. Errors: EINVAL for a bad id.
  Result<std::vector<Identity>> traces(const std::string& id) const;

  /// What the trace beside the directory of `id` says, unread; empty where there is none.
  std::string trace_text(const std::string& id) const;

  /// Removes the trace of `id` if it still says `text`: a successor's stays.
  Result<void> remove_trace(const std::string& id, std::string_view text) const;

  /// Empties and removes the very directory that `entry` opened, whatever is in it; a successor of
  /// the same name stays.
  Result<void> erase(const Entry& entry) const;

  /// Removes what stands in the place of a directory that find() cannot open.
  Result<void> erase_unreadable(const std::string& id) const;

 private:
  friend class Reservation;
  explicit Store(StateRoot root)
      : path_(std::move(root.path)), directory_(std::move(root.directory)), owner_(root.owner) {}
  Result<void> leave_trace(const std::string& id, std::string_view identity) const;
  bool holds(const Entry& entry) const;
  Result<void> remove_any(const std::string& name) const;
  std::string path_;
  sys::Fd directory_;
  uint32_t owner_;
};

/// What a front end shows of one container.
struct Listing {
  State state;
  Status status = Status::Stopped;
};

/// The name /etc/passwd has for `uid`, or the number: what `owner` of state_json() shows.
std::string owner_name(uint32_t uid);

/// Status and state of one container. While it is being created the state holds only its id.
/// Errors: ENOENT, "container X does not exist"; EINVAL when its state is damaged (the sentence
/// names delete --force).
Result<Listing> inspect(const Store& store, const std::string& id);
Result<Listing> inspect(const Entry& entry);

/// A container of which something is to be done with its first process.
struct Held : Listing {
  sys::PidFd init;  // empty where it has ended, and while the container is being created
};

/// inspect() with init's process: found alive after it was opened, so that what is sent to it
/// cannot hit another.
Result<Held> hold(const Entry& entry);

/// Every container, sorted; a damaged one is listed as stopped with what its traces tell.
Result<std::vector<Listing>> list(const Store& store);

}  // namespace wolffia::container
