// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/store.hpp"
#include "sys/fd.hpp"

// clang-format off
/// The containers of a store, a directory each:
///
///   containers/ID/container.json   what was asked for; written once (record.hpp)
///   containers/ID/image            the digest of its image's manifest, which gc keeps
///   containers/ID/config.json      what the runtime was given
///   containers/ID/{upper,work}     what was changed; where the overlay is refused, a copy: root
///   containers/ID/scratch          a link to where they are instead, if not here (scratch.hpp)
///   containers/ID/merged           where the root is mounted, seen only in its namespaces
///   containers/ID/{hosts,resolv.conf,passwd,group,init,log,log.N,exit,stopped}
///   containers/ID/attach           a socket of its supervisor (attach_words.hpp)
///   containers/@NAME               a symbolic link to ID
///
/// Whoever makes a container holds a flock(2) of its directory until the record is there, and as
/// long as it runs: a directory without a record that nobody has locked was left by one who was
/// killed. Names are taken away only under a lock of containers/ itself, unless by their container.
/// abandoned.hpp clears both away.
// clang-format on
namespace wolffia::cli::user {

struct ContainerDir {
  std::string id;    // 12 hexadecimal digits
  std::string path;  // absolute
  sys::Fd fd;
};

class Containers {
 public:
  /// Opens, and where needed makes, the directory in `store`.
  static Result<Containers> open(const image::Store& store);

  /// A new directory with an id of its own, and the name if it is not empty.
  /// Errors: EEXIST naming who has the name; EINVAL for what is no name.
  Result<ContainerDir> make(const std::string& name) const;

  /// By id, by name, or by the beginning of an id that no other has.
  /// Errors: ENOENT, EINVAL: a sentence.
  Result<ContainerDir> find(std::string_view word) const;

  /// Every id, sorted.
  Result<std::vector<std::string>> ids() const;

  /// Removes the directory, with all that is in it, and its name. Errors: EACCES or EPERM where
  /// files in it belong to subordinate ids: then from a namespace that has them.
  Result<void> remove(const ContainerDir& container, const std::string& name) const;

  /// Gives the container `id` the name. Errors: as make().
  Result<void> take_name(const std::string& name, const std::string& id) const;
  /// The same for who has lock_names().
  Result<void> take_name_locked(const std::string& name, const std::string& id) const;
  /// While the result is open nobody else changes what stands for a name. Empty where a file system
  /// has no locks.
  sys::Fd lock_names() const;
  /// Takes it away if it is that container's.
  Result<void> drop_name(const std::string& name, const std::string& id) const;

  const std::string& path() const { return path_; }
  const sys::Fd& directory() const { return directory_; }

 private:
  Containers(std::string path, sys::Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  Result<ContainerDir> open_id(const std::string& id) const;
  std::string path_;
  sys::Fd directory_;
};

/// The overlay's own directory in `directory`/work has no rights at all, even for its owner: gives
/// them back.
void open_work(const sys::Fd& directory);

/// Empties the directory of a container, and removes its scratch directory, as far as the caller's
/// ids allow.
Result<void> empty_container(const sys::Fd& directory);

/// Errors: EINVAL unless it is [a-zA-Z0-9][a-zA-Z0-9_.-]*, 64 at most. Source: podman's names.
Result<void> check_name(std::string_view name);

}  // namespace wolffia::cli::user
