// SPDX-License-Identifier: Apache-2.0
#include "image/gc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <set>

#include "base/words.hpp"
#include "image/layer_list.hpp"
#include "image/layer_meta.hpp"
#include "image/settle.hpp"
#include "image/store_files.hpp"
#include "image/sweep.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

struct ContainerRecord {
  std::string id;
  std::string manifest;  // text of a digest
};

/// The images of all containers, running or not.
Result<std::vector<ContainerRecord>> read_containers(const sys::Fd& store) {
  std::vector<ContainerRecord> records;
  for (const std::string& id : TRY(names_in(store, kContainers))) {
    const std::string path = cat(kContainers, "/", id, "/image");
    const auto status = sys::stat_entry(store, cat(kContainers, "/", id).c_str());
    if (!status || !S_ISDIR(status->st_mode)) continue;  // gone, or a name, which is a link
    const auto text = sys::read_record(store, path.c_str(), kRecordLimit);
    // One without an image, or one that is being made.
    if (!text && text.error().is(ENOENT)) continue;
    if (!text) return Error(text.error()).context(path);
    const auto manifest = oci::Digest::parse(Words(*text, '\n').next());
    if (!manifest) return Error(manifest.error()).context(path);
    records.push_back({id, manifest->text()});
  }
  return records;
}

/// The digests of images that something has.
Result<std::set<std::string>> wanted_images(const sys::Fd& store) {
  std::set<std::string> wanted;
  for (const Tagged& ref : TRY(read_refs(store)))
    wanted.insert(ref.manifest.text());
  for (const ContainerRecord& record : TRY(read_containers(store)))
    wanted.insert(record.manifest);
  return wanted;
}

class Collector {
 public:
  static Result<Collector> start(const Store& store, const OnWait& on_wait) {
    sys::Fd directory = TRY(sys::open_at(store.directory(), ".", O_RDONLY | O_DIRECTORY));
    for (const char* name : {kTemporary, kLocks, kImages})
      TRY(make_below(directory, name));
    Locks locks(TRY(sys::open_directory(directory, kLocks)));
    Lock all = TRY(locks.take(kStoreLock, LockMode::Exclusive, on_wait));
    std::string session = TRY(new_session());
    Lock own = TRY(locks.take(session_lock(session), LockMode::Exclusive));
    Collector collector(std::move(directory), std::move(locks), std::move(session), std::move(all),
                        std::move(own));
    const auto aside = [&] { return collector.fresh_path(); };
    TRY(remove_lost_images(collector.store_, collector.locks_, aside));
    return collector;
  }

  Result<void> remove_images(const std::vector<oci::Digest>& images) {
    std::vector<std::pair<oci::Digest, std::string>> aside;
    for (const oci::Digest& image : images) {
      std::string path = TRY(put_aside(image_path(image)));
      if (!path.empty()) aside.emplace_back(image, std::move(path));
    }
    const std::set<std::string> wanted = TRY(wanted_images(store_));
    for (const auto& [image, path] : aside) {
      if (wanted.contains(image.text())) {
        TRY(sys::rename_entry(store_, path.c_str(), image_path(image).c_str()), path);
      } else {
        remove(path);
        ++freed_.images;
      }
    }
    return {};
  }

  /// Names without an image: whoever was to make it so, or to take it away, was killed, or the
  /// image or the name itself was not on disk when the machine stopped.
  Result<void> remove_dangling_names() {
    for (const std::string& name : TRY(names_in(store_, kRefs))) {
      if (name.starts_with('.')) continue;
      const auto ref = TRY(read_ref(store_, name));
      if (ref && sys::stat_entry(store_, image_path(ref->manifest).c_str())) continue;
      if (sys::remove_entry(store_, cat(kRefs, "/", name).c_str())) ++freed_.leftovers;
    }
    return {};
  }

  /// What sys::replace_file() leaves when it is killed.
  Result<void> remove_unfinished_files() {
    TRY(remove_unfinished_in("."));
    TRY(remove_unfinished_in(kRefs));
    for (const oci::Digest& image : TRY(read_images(store_)))
      TRY(remove_unfinished_in(image_path(image)));
    return {};
  }

  Result<void> remove_layers() {
    std::set<LayerName> wanted;
    for (const oci::Digest& image : TRY(read_images(store_)))
      for (LayerName& layer : TRY(layers_of(store_, image)))
        wanted.insert(std::move(layer));
    for (const LayerName& layer : TRY(read_layers(store_))) {
      if (wanted.contains(layer)) continue;
      const auto meta = TRY(read_layer_meta(store_, layer.owners, layer.key));
      const std::string path = TRY(put_aside(layer_path(layer.owners, layer.key)));
      if (path.empty()) continue;
      remove(path);
      ++freed_.layers;
      freed_.bytes += meta ? meta->bytes : 0;
    }
    return {};
  }

  Result<void> remove_blobs() {
    std::set<std::string, std::less<>> wanted;
    for (const oci::Digest& image : TRY(read_images(store_))) {
      const std::string path = cat(image_path(image), "/manifest");
      std::string text = TRY(sys::read_file(store_, path.c_str(), oci::kManifestLimit), path);
      const auto manifest = TRY(oci::parse_manifest(std::move(text), "", path));
      for (const oci::Descriptor& layer : manifest.layers)
        wanted.emplace(layer.digest.hex());
    }
    for (const std::string& algorithm : TRY(names_in(store_, kBlobs))) {
      const std::string above = cat(kBlobs, "/", algorithm);
      for (const std::string& prefix : TRY(names_in(store_, above)))
        TRY(remove_blobs_in(cat(above, "/", prefix), wanted));
    }
    return {};
  }

  Result<Freed> finish() {
    Swept swept = TRY(sweep(store_, locks_, {.foreign = SweepRules().foreign, .parts = {}}));
    freed_.leftovers += swept.count;
    freed_.bytes += swept.bytes;
    freed_.left.insert(freed_.left.end(), swept.left.begin(), swept.left.end());
    return std::move(freed_);
  }

  const sys::Fd& store() const { return store_; }

 private:
  Collector(sys::Fd store, Locks locks, std::string session, Lock all, Lock own)
      : store_(std::move(store)),
        locks_(std::move(locks)),
        session_(std::move(session)),
        all_(std::move(all)),
        own_(std::move(own)) {}

  std::string fresh_path() { return cat(kTemporary, "/", session_, ".", ++next_); }

  /// Where in tmp/ it is now; empty: it was not there.
  Result<std::string> put_aside(const std::string& path) {
    std::string aside = fresh_path();
    auto moved = sys::rename_entry(store_, path.c_str(), aside.c_str());
    if (moved) return aside;
    if (moved.error().is(ENOENT)) return std::string();
    return std::move(moved).error().context(path);
  }

  void remove(const std::string& path) {
    auto removed = sys::remove_tree(store_, path.c_str());
    if (!removed) freed_.left.push_back(std::move(removed).error().context(path).message());
  }

  Result<void> remove_unfinished_in(const std::string& directory) {
    constexpr time_t kLong = 60;  // seconds: to write one small file
    for (const std::string& name : TRY(names_in(store_, directory))) {
      if (!name.starts_with('.')) continue;
      const std::string path = cat(directory, "/", name);
      const auto status = sys::stat_entry(store_, path.c_str());
      if (!status || ::time(nullptr) - status->st_mtim.tv_sec < kLong) continue;
      if (sys::remove_entry(store_, path.c_str())) ++freed_.leftovers;
    }
    return {};
  }

  Result<void> remove_blobs_in(const std::string& directory,
                               const std::set<std::string, std::less<>>& wanted) {
    for (const std::string& hex : TRY(names_in(store_, directory))) {
      if (wanted.contains(hex)) continue;
      const std::string path = cat(directory, "/", hex);
      const auto status = sys::stat_entry(store_, path.c_str());
      TRY(sys::remove_entry(store_, path.c_str()), path);
      ++freed_.blobs;
      freed_.bytes += status ? static_cast<uint64_t>(status->st_size) : 0;
    }
    (void)sys::remove_directory(store_, directory.c_str());  // where it is empty
    return {};
  }

  sys::Fd store_;
  Locks locks_;
  std::string session_;  // the beginning of our names in tmp/
  Lock all_;
  Lock own_;
  uint64_t next_ = 0;
  Freed freed_;
};

/// Removes `images` as far as nothing has them, then what only they needed.
Result<Freed> remove_with_layers(Collector& collector, const std::vector<oci::Digest>& images) {
  TRY(collector.remove_images(images));
  TRY(collector.remove_unfinished_files());
  TRY(collector.remove_layers());
  TRY(collector.remove_blobs());
  return collector.finish();
}

}  // namespace

Result<Freed> collect(const Store& store, const OnWait& on_wait) {
  Collector collector = TRY(Collector::start(store, on_wait), store.path());
  const std::set<std::string> wanted = TRY(wanted_images(collector.store()));
  std::vector<oci::Digest> images = TRY(read_images(collector.store()));
  std::erase_if(images, [&](const auto& image) { return wanted.contains(image.text()); });
  TRY(collector.remove_dangling_names());
  return remove_with_layers(collector, images);
}

Result<Freed> remove_image(const Store& store, const oci::Digest& manifest, std::string_view called,
                           const OnWait& on_wait) {
  Collector collector = TRY(Collector::start(store, on_wait), store.path());
  if (!TRY(is_known(store.directory(), manifest)))
    return Error::because(ENOENT, cat("there is no image ", called));
  const std::vector<std::string> containers = TRY(containers_of(store, manifest));
  if (!containers.empty()) {
    std::string names;
    for (const std::string& id : containers)
      names += cat(names.empty() ? "" : ", ", id);
    return Error::because(EBUSY, cat("image ", called, " is used by ", names,
                                     ": remove the container", containers.size() == 1 ? "" : "s",
                                     " first, with wolffia rm; wolffia rmi -f does both"));
  }
  for (const Tagged& ref : TRY(read_refs(store.directory())))
    if (ref.manifest == manifest) TRY(store.untag(TRY(parse_reference(ref.reference))));
  return remove_with_layers(collector, {manifest});
}

Result<std::vector<std::string>> containers_of(const Store& store, const oci::Digest& manifest) {
  std::vector<std::string> ids;
  for (const ContainerRecord& record : TRY(read_containers(store.directory())))
    if (record.manifest == manifest.text()) ids.push_back(record.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace wolffia::image
