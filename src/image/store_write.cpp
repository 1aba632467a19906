// SPDX-License-Identifier: Apache-2.0
#include "image/store_write.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "image/settle.hpp"
#include "image/store_files.hpp"
#include "image/sweep.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/filesystem.hpp"
#include "sys/process_facts.hpp"

namespace wolffia::image {
namespace {

Result<void> write_new(const sys::Fd& directory, const char* name, std::string_view bytes) {
  const sys::Fd file =
      TRY(sys::open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600), name);
  TRY(sys::write_all(file, bytes), name);
  return {};
}

/// Renaming a directory onto one that is not empty.
bool is_there(const Error& error) {
  return error.is(ENOTEMPTY) || error.is(EEXIST);
}

}  // namespace

Staged::Staged(std::shared_ptr<const sys::Fd> store, std::string path, sys::Fd directory)
    : store_(std::move(store)),
      path_(std::move(path)),
      directory_(std::move(directory)),
      owner_(::getpid()) {}

Staged::Staged(Staged&& other) noexcept = default;

Staged::~Staged() {
  // What cannot be removed now is swept away later.
  if (store_ && owner_ == ::getpid()) (void)sys::remove_tree(*store_, path_.c_str());
}

Result<sys::Fd> Staged::make_tree() const {
  TRY(sys::make_directory(directory_, kTree, 0755), path_);
  return TRY(sys::open_directory(directory_, kTree), path_);
}

Partial::Partial(std::shared_ptr<const sys::Fd> store, std::string path, sys::Fd file, Lock lock)
    : store_(std::move(store)),
      path_(std::move(path)),
      file_(std::move(file)),
      lock_(std::move(lock)) {}

Result<void> Partial::discard() && {
  return sys::remove_entry(*store_, path_.c_str());
}

Writer::Writer(std::shared_ptr<const sys::Fd> store, Locks locks, std::string session)
    : store_(std::move(store)),
      locks_(std::make_unique<Locks>(std::move(locks))),
      session_(std::move(session)),
      next_(std::make_unique<std::atomic<uint64_t>>(0)) {}

Result<Writer> Writer::open(const Store& store, const OnWait& on_wait) {
  auto directory = std::make_shared<const sys::Fd>(
      TRY(sys::open_at(store.directory(), ".", O_RDONLY | O_DIRECTORY), store.path()));
  for (const char* name : {kTemporary, kLocks, kLayers, kImages, kRefs})
    TRY(make_below(*directory, name), store.path());
  sys::Fd locks_directory = TRY(sys::open_directory(*directory, kLocks), store.path());
  std::string session = TRY(new_session());
  Writer writer(std::move(directory), Locks(std::move(locks_directory)), std::move(session));
  writer.store_lock_ =
      TRY(writer.locks_->take(kStoreLock, LockMode::Shared, on_wait), store.path());
  writer.session_lock_ = TRY(writer.take(session_lock(writer.session_), {}), store.path());
  TRY(sweep(*writer.store_, *writer.locks_, {}), store.path());
  const auto aside = [&] { return writer.fresh_path(); };
  TRY(remove_lost_images(*writer.store_, *writer.locks_, aside), store.path());
  return writer;
}

Result<Lock> Writer::take(const std::string& name, const OnWait& on_wait) const {
  return locks_->take(name, LockMode::Exclusive, on_wait);
}

std::string Writer::fresh_path() const {
  return cat(kTemporary, "/", session_, ".", ++*next_);
}

Result<Staged> Writer::stage() const {
  std::string path = fresh_path();
  TRY(sys::make_directory(*store_, path.c_str(), S_IRWXU), path);
  sys::Fd directory = TRY(sys::open_directory(*store_, path.c_str()), path);
  return Staged(store_, std::move(path), std::move(directory));
}

Result<Lock> Writer::lock_layer(std::string_view owners, std::string_view key,
                                const OnWait& on_wait) const {
  return take(cat("layer-", owners, "-", key), on_wait);
}

Result<bool> Writer::is_named(std::string_view owners, std::string_view key) const {
  for (const oci::Digest& image : TRY(read_images(*store_))) {
    const auto list = read_layer_list(*store_, layers_path(image, owners));
    if (list && *list &&
        std::find((*list)->keys.begin(), (*list)->keys.end(), key) != (*list)->keys.end())
      return true;
  }
  return false;
}

Result<std::optional<LayerMeta>> Writer::find_layer(std::string_view owners,
                                                    std::string_view key) const {
  auto meta = TRY(read_layer_meta(*store_, owners, key));
  if (!meta) return meta;
  const std::string boot_id = sys::read_boot_id();
  const bool since_start = !boot_id.empty() && meta->boot_id == boot_id;
  if (!since_start && !TRY(is_named(owners, key))) meta.reset();
  return meta;
}

Result<void> Writer::put_aside(const std::string& path) const {
  const std::string aside = fresh_path();
  auto moved = sys::rename_entry(*store_, path.c_str(), aside.c_str());
  if (!moved && !moved.error().is(ENOENT)) return std::move(moved).error().context(path);
  (void)sys::remove_tree(*store_, aside.c_str());  // or it is swept away later
  return {};
}

Result<void> Writer::commit_layer(Staged staged, std::string_view owners, std::string_view key,
                                  const LayerMeta& meta) const {
  if (!is_owners(owners) || !is_key(key))
    return Error::because(EINVAL, cat("no layer can be called ", owners, "/", key));
  const std::string path = layer_path(owners, key);
  LayerMeta made = meta;
  made.boot_id = sys::read_boot_id();
  TRY(write_new(staged.directory(), kMeta, encode_layer_meta(made)), staged.path_);
  TRY(make_below(*store_, cat(kLayers, "/", owners)));
  auto moved = sys::rename_entry(*store_, staged.path_.c_str(), path.c_str());
  if (!moved && is_there(moved.error())) {
    if (TRY(find_layer(owners, key))) return {};
    TRY(put_aside(path));
    moved = sys::rename_entry(*store_, staged.path_.c_str(), path.c_str());
  }
  TRY(std::move(moved), path);
  staged.commit();
  return {};
}

Result<Partial> Writer::partial(const oci::Digest& blob, const OnWait& on_wait) const {
  Lock lock = TRY(take(blob_lock(blob.hex()), on_wait));
  std::string path = part_path(blob);
  sys::Fd file = TRY(
      sys::open_at(*store_, path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, S_IRUSR | S_IWUSR), path);
  return Partial(store_, std::move(path), std::move(file), std::move(lock));
}

Result<void> Writer::keep_blob(Partial part, const oci::Digest& blob) const {
  const std::string directory = blob_directory(blob);
  const std::string path = cat(directory, "/", blob.hex());
  TRY(sys::sync_file(part.file()), path);
  TRY(sys::change_mode(*store_, part.path_.c_str(), 0444), path);
  TRY(make_below(*store_, directory));
  TRY(sys::rename_entry(*store_, part.path_.c_str(), path.c_str()), path);
  return {};
}

Result<void> Writer::add_image(const NewImage& image) const {
  if (!is_owners(image.owners))
    return Error::because(EINVAL, cat("nobody is called ", image.owners));
  LayerList list;
  list.keys.assign(image.keys.begin(), image.keys.end());
  for (const std::string& key : list.keys) {
    const auto layer = TRY(find_layer(image.owners, key));
    if (!layer) return Error::because(ENOENT, cat("layer ", key, " is not in the store"));
    list.size += layer->bytes;
  }
  const Lock lock = TRY(take(image_lock(image.digest), {}));
  const sys::Durable on_disk = TRY(publish(image, std::move(list)));
  if (image.name) TRY(write_ref(*store_, *image.name, image.digest, on_disk));
  return {};
}

Result<sys::Durable> Writer::publish(const NewImage& image, LayerList list) const {
  const std::string path = image_path(image.digest);
  const std::string name = cat(kLayerListPrefix, image.owners);
  const auto old = read_layer_list(*store_, cat(path, "/", name));  // a damaged one is replaced
  const bool was_on_disk = old && *old && (*old)->boot_id.empty();
  if (was_on_disk && (*old)->keys == list.keys) return sys::Durable::Yes;
  // What is on disk is not given up for what is not. And where a boot has no name, nobody could
  // tell later what was on disk.
  const std::string boot_id = sys::read_boot_id();
  const sys::Durable durable{was_on_disk || boot_id.empty()};
  if (durable == sys::Durable::No) {
    list.boot_id = boot_id;
    list.mark = fresh_path().substr(std::string_view(kTemporary).size() + 1);
  }
  const std::string text = encode_layer_list(list);
  if (TRY(is_known(*store_, image.digest))) {  // with trees of other owners, or pulled again
    const sys::Fd directory = TRY(sys::open_directory(*store_, path.c_str()), path);
    if (durable == sys::Durable::Yes) TRY(sys::sync_filesystem(*store_), "sync the store");
    TRY(sys::replace_file(directory, name.c_str(), text, durable), path);
    return durable;
  }
  Staged staged = TRY(stage());
  TRY(write_new(staged.directory(), "manifest", image.manifest));
  TRY(write_new(staged.directory(), "config", image.config));
  TRY(write_new(staged.directory(), name.c_str(), text));
  if (durable == sys::Durable::Yes) TRY(sys::sync_filesystem(*store_), "sync the store");
  TRY(put_aside(path));
  TRY(sys::rename_entry(*store_, staged.path_.c_str(), path.c_str()), path);
  staged.commit();
  const sys::Fd images = TRY(sys::open_directory(*store_, kImages));
  if (durable == sys::Durable::Yes) TRY(sys::sync_file(images), kImages);
  return durable;
}

Result<std::optional<sys::Fd>> open_blob(const Store& store, const oci::Digest& blob) {
  const std::string path = cat(blob_directory(blob), "/", blob.hex());
  auto file = sys::open_at(store.directory(), path.c_str(), O_RDONLY | O_NOFOLLOW);
  if (!file && file.error().is(ENOENT)) return std::optional<sys::Fd>();
  if (!file) return std::move(file).error().context(path);
  return std::optional<sys::Fd>(std::move(file).value());
}

}  // namespace wolffia::image
