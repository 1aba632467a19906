// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "image/layer_list.hpp"
#include "image/layer_meta.hpp"
#include "image/lock.hpp"
#include "image/store.hpp"
#include "sys/file.hpp"

/// Adding to a store. What is made is made in tmp/ and gets its name when it is whole: layers
/// first, then the image, its reference (Store::tag) last. Whatever is killed at whatever point, a
/// store holds only whole things, and the next Writer, or gc, removes the rest.
///
/// A layer gets its name as soon as it is unpacked, so that who waits for it need not wait for the
/// whole image, and a pull that is killed has to unpack it no second time. Nothing of it waits for
/// the disk: settle() writes all to it, once, when the image is known already. So after a loss of
/// power layers and images may be there that are damaged. An image that is not settled, and a layer
/// that no image names, are believed only as long as the machine runs that they were made on; the
/// next Writer, or gc, removes such images.
namespace wolffia::image {

/// A directory in tmp/, removed with its object unless it was committed.
class Staged {
 public:
  Staged(Staged&& other) noexcept;
  Staged& operator=(Staged&&) = delete;
  ~Staged();

  const sys::Fd& directory() const { return directory_; }
  /// The empty directory "tree" in it, to unpack a layer into.
  Result<sys::Fd> make_tree() const;

 private:
  friend class Writer;
  Staged(std::shared_ptr<const sys::Fd> store, std::string path, sys::Fd directory);
  void commit() { store_.reset(); }

  std::shared_ptr<const sys::Fd> store_;  // null: committed, or moved from
  std::string path_;                      // "tmp/…"
  sys::Fd directory_;
  pid_t owner_;  // a forked child removes nothing
};

/// What has come of a blob. The file stays when this goes, for the next one to go on with.
class Partial {
 public:
  /// Open for reading and writing, at its start.
  const sys::Fd& file() const { return file_; }
  /// Its blob is unpacked: the file is needed no more.
  Result<void> discard() &&;

 private:
  friend class Writer;
  Partial(std::shared_ptr<const sys::Fd> store, std::string path, sys::Fd file, Lock lock);

  std::shared_ptr<const sys::Fd> store_;
  std::string path_;
  sys::Fd file_;
  Lock lock_;
};

/// An image whose layers have been committed.
struct NewImage {
  oci::Digest digest;  // of `manifest`
  std::string_view manifest;
  std::string_view config;
  std::string_view owners;
  std::span<const std::string> keys;  // of the layers, lowest first
  std::optional<Reference> name = {};
};

/// Somebody who adds to a store; gc waits for its end. The methods may be called by several threads
/// at once.
class Writer {
 public:
  /// Waits for a gc that runs, and sweeps away what dead writers left.
  static Result<Writer> open(const Store& store, const OnWait& on_wait = {});

  Result<Staged> stage() const;

  /// To be held by who unpacks a layer, from before has_layer() until it is committed.
  Result<Lock> lock_layer(std::string_view owners, std::string_view key,
                          const OnWait& on_wait = {}) const;
  /// nullopt: it is not here, or what is here is not to be believed.
  Result<std::optional<LayerMeta>> find_layer(std::string_view owners, std::string_view key) const;
  /// Makes `staged`, which holds "tree", the layer. Where another was faster, its layer stays.
  Result<void> commit_layer(Staged staged, std::string_view owners, std::string_view key,
                            const LayerMeta& meta) const;

  /// What has come of the blob so far, locked against other writers.
  Result<Partial> partial(const oci::Digest& blob, const OnWait& on_wait = {}) const;
  /// Keeps the blob, which is whole and verified, for pushing it on.
  Result<void> keep_blob(Partial part, const oci::Digest& blob) const;

  /// Makes the image known by its digest and its name. It is to be settled then, see settle.hpp.
  /// Errors: ENOENT when a layer is missing.
  Result<void> add_image(const NewImage& image) const;

 private:
  Writer(std::shared_ptr<const sys::Fd> store, Locks locks, std::string session);
  Result<Lock> take(const std::string& name, const OnWait& on_wait) const;
  std::string fresh_path() const;
  /// Moves a layer that is not to be believed to tmp/, and removes it there.
  Result<void> put_aside(const std::string& path) const;
  Result<bool> is_named(std::string_view owners, std::string_view key) const;
  /// Makes the record; whether it is on disk.
  Result<sys::Durable> publish(const NewImage& image, LayerList list) const;

  std::shared_ptr<const sys::Fd> store_;
  std::unique_ptr<Locks> locks_;
  std::string session_;  // the beginning of our names in tmp/
  std::optional<Lock> session_lock_;
  std::optional<Lock> store_lock_;
  std::unique_ptr<std::atomic<uint64_t>> next_;
};

/// A kept blob, open for reading. nullopt: it was not kept.
Result<std::optional<sys::Fd>> open_blob(const Store& store, const oci::Digest& blob);

}  // namespace wolffia::image
