// SPDX-License-Identifier: Apache-2.0
#include "image/settle.hpp"

#include <fcntl.h>
#include <time.h>

#include <optional>
#include <vector>

#include "image/layer_list.hpp"
#include "image/store_files.hpp"
#include "image/sweep.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/filesystem.hpp"

namespace wolffia::image {
namespace {

/// A record that says it is not on disk.
struct Pending {
  oci::Digest image;
  std::string name;  // in the directory of the image
  LayerList list;
};

/// Those that are believed. A damaged one is for whoever needs it to tell of.
Result<std::vector<Pending>> pending_records(const sys::Fd& store) {
  std::vector<Pending> pending;
  for (const oci::Digest& image : TRY(read_images(store))) {
    for (std::string& name : TRY(layer_records_of(store, image))) {
      auto list = read_layer_list(store, cat(image_path(image), "/", name));
      if (!list || !*list || (*list)->boot_id.empty()) continue;
      pending.push_back({image, std::move(name), **std::move(list)});
    }
  }
  return pending;
}

class Settler {
 public:
  static Result<Settler> open(const Store& store) {
    sys::Fd directory = TRY(sys::open_at(store.directory(), ".", O_RDONLY | O_DIRECTORY));
    TRY(make_below(directory, kLocks));
    Locks locks(TRY(sys::open_directory(directory, kLocks)));
    return Settler(std::move(directory), std::move(locks));
  }

  /// Whoever leaves it to another may do so at the very end of that one's turn: so it looks again
  /// after it has let the lock go.
  Result<void> settle(IfBusy if_busy) {
    while (!TRY(pending_records(store_)).empty()) {
      const auto turn = TRY(take_turn(if_busy));
      if (!turn) return {};
      TRY(settle_once());
    }
    return {};
  }

 private:
  Settler(sys::Fd store, Locks locks) : store_(std::move(store)), locks_(std::move(locks)) {}

  Result<std::optional<Lock>> take_turn(IfBusy if_busy) {
    if (if_busy == IfBusy::Leave) return locks_.try_take(kSettleLock, LockMode::Exclusive);
    return std::optional<Lock>(TRY(locks_.take(kSettleLock, LockMode::Exclusive)));
  }

  /// The sync covers a record's image, and the name it was made with, when both were there before:
  /// whoever makes them holds the image's lock meanwhile.
  Result<void> settle_once() {
    const std::vector<Pending> pending = TRY(pending_records(store_));
    for (const Pending& one : pending)
      (void)TRY(locks_.take(image_lock(one.image), LockMode::Exclusive));
    TRY(sys::sync_filesystem(store_), "sync the store");
    const Lock shared = TRY(locks_.take(kStoreLock, LockMode::Shared));  // gc moves images
    for (const Pending& one : pending)
      TRY(settle_one(one));
    return {};
  }

  /// Unless it is gone meanwhile, or was made anew: with layers that the sync did not cover.
  Result<void> settle_one(const Pending& one) {
    const Lock lock = TRY(locks_.take(image_lock(one.image), LockMode::Exclusive));
    const std::string path = image_path(one.image);
    const auto now = read_layer_list(store_, cat(path, "/", one.name));
    if (!now || !*now || (*now)->mark != one.list.mark) return {};
    const sys::Fd directory = TRY(sys::open_directory(store_, path.c_str()), path);
    LayerList settled = one.list;
    settled.boot_id.clear();
    TRY(sys::replace_file(directory, one.name.c_str(), encode_layer_list(settled),
                          sys::Durable::Yes),
        path);
    return {};
  }

  sys::Fd store_;
  Locks locks_;
};

/// Whether a record is of no use to anybody. One that says nothing was cut short.
bool is_waste(const sys::Fd& store, const std::string& path) {
  const auto record = read_layer_record(store, path);
  if (!record || !record->lost) return false;
  if (record->mark.empty() || record->mark.starts_with(machine_word())) return true;
  const auto status = sys::stat_entry(store, path.c_str());
  return status && ::time(nullptr) - status->st_mtim.tv_sec > SweepRules().foreign.count();
}

/// The paths of such records; nullopt: the image has none, and others.
Result<std::optional<std::vector<std::string>>> waste_of(const sys::Fd& store,
                                                         const oci::Digest& image) {
  std::vector<std::string> waste;
  const std::vector<std::string> names = TRY(layer_records_of(store, image));
  for (const std::string& name : names)
    if (std::string path = cat(image_path(image), "/", name); is_waste(store, path))
      waste.push_back(std::move(path));
  if (waste.empty() && !names.empty()) return std::optional<std::vector<std::string>>();
  return std::optional(std::move(waste));
}

}  // namespace

Result<Unsettled> unsettled(const Store& store) {
  Unsettled found;
  for (const Pending& one : TRY(pending_records(store.directory()))) {
    ++found.images;
    found.bytes += one.list.size;
  }
  return found;
}

Result<void> settle(const Store& store, IfBusy if_busy) {
  Settler settler = TRY(Settler::open(store), store.path());
  TRY(settler.settle(if_busy), store.path());
  return {};
}

Result<void> remove_lost_images(const sys::Fd& store, Locks& locks,
                                const std::function<std::string()>& aside) {
  for (const oci::Digest& image : TRY(read_images(store))) {
    if (!TRY(waste_of(store, image))) continue;
    const Lock lock = TRY(locks.take(image_lock(image), LockMode::Exclusive));
    const auto waste = TRY(waste_of(store, image));  // it may have been made anew
    if (!waste) continue;
    for (const std::string& path : *waste)
      TRY(sys::remove_entry(store, path.c_str()), path);
    if (!TRY(layer_records_of(store, image)).empty()) continue;
    const std::string path = image_path(image);
    const std::string away = aside();
    auto moved = sys::rename_entry(store, path.c_str(), away.c_str());
    if (!moved && !moved.error().is(ENOENT)) return std::move(moved).error().context(path);
    (void)sys::remove_tree(store, away.c_str());  // or it is swept away later
  }
  return {};
}

}  // namespace wolffia::image
