// SPDX-License-Identifier: Apache-2.0
#include "overlay/stack.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "base/words.hpp"
#include "overlay/layer_paths.hpp"
#include "overlay/squashfs.hpp"
#include "overlay/threads.hpp"
#include "sys/file.hpp"

namespace wolffia::overlay {
namespace {

constexpr std::array kNoteAttributes{kNoteAttribute, kPrivilegedNoteAttribute,
                                     "user.fuseoverlayfs.override_stat"};
constexpr unsigned kXinoShift = 56;  // below it lie the numbers that file systems give
constexpr size_t kMostLayers = 500;

Result<LayerDirPtr> open_layer(const std::string& path) {
  auto opened = sys::open_at(sys::cwd(), path.c_str(), O_PATH | O_DIRECTORY);
  if (!opened) return about_path(std::move(opened).error(), path);
  return host_directory(std::move(*opened));
}

/// A directory, or a file that is an image.
Result<LayerDirPtr> open_lower(const std::string& path, const ImageOpener& images) {
  auto directory = open_layer(path);
  if (directory || !directory.error().is(ENOTDIR)) return directory;
  sys::Fd file =
      TRY(sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY), path);
  const struct stat status = TRY(sys::stat_fd(file), path);
  if (!S_ISREG(status.st_mode) || !is_image(file))
    return Error::because(ENOTDIR, cat(path, ": it is neither a directory nor a SquashFS image"));
  return TRY(images.open(std::move(file)), path);
}

/// `usual`: what the attribute is that is looked at first.
std::optional<Noted> note_on(const LayerDir& dir, const char* name,
                             const Result<std::string>& usual) {
  if (usual) return Noted::parse(*usual);
  const auto names = dir.attribute_names(name);
  if (!names) return std::nullopt;  // a file system without attributes
  for (const char* key : kNoteAttributes) {
    if (std::find(names->begin(), names->end(), key) == names->end()) continue;
    const auto value = dir.attribute(name, key);
    if (value) return Noted::parse(*value);
  }
  return std::nullopt;
}

std::optional<Noted> note_on(const LayerDir& dir, const char* name) {
  return note_on(dir, name, dir.attribute(name, kNoteAttribute));
}

/// Both halves of a number that does not fit.
uint64_t fold(uint64_t number) {
  return (number ^ (number >> 32)) & UINT32_MAX;
}

}  // namespace

Result<std::unique_ptr<Stack>> Stack::open(const Options& options) {
  if (options.lower.size() > kMostLayers)
    return Error::because(E2BIG, cat("lowerdir has ", options.lower.size(), " layers: at most ",
                                     kMostLayers, " can be mounted"));
  auto stack = std::make_unique<Stack>(options);
  stack->uids_ = TRY(IdMap::read("/proc/self/uid_map"));
  stack->gids_ = TRY(IdMap::read("/proc/self/gid_map"));
  std::vector<dev_t> devices;
  LayerDirPtr upper;
  if (!options.upper.empty()) upper = TRY(open_layer(options.upper), "upperdir");
  TRY(stack->add(std::move(upper), devices));
  const ImageOpener images(options.threads != 0 ? options.threads : default_threads());
  for (const std::string& path : options.lower)
    TRY(stack->add(TRY(open_lower(path, images), "lowerdir"), devices));
  stack->one_filesystem_ = devices.size() == 1;
  return stack;
}

/// containers-storage notes the owner of the root, where it notes any.
Result<void> Stack::add(LayerDirPtr root, std::vector<dev_t>& devices) {
  Layer layer;
  layer.root = std::move(root);
  if (layer.root) {
    const struct stat status = TRY(layer.root->status(""));
    const auto known = std::find(devices.begin(), devices.end(), status.st_dev);
    layer.filesystem = static_cast<unsigned>(known - devices.begin());
    if (known == devices.end()) devices.push_back(status.st_dev);
    const auto note = layer.root->attribute("", kNoteAttribute);
    const bool refuses_attributes = !note && note.error().is(ENOTSUP);
    const sys::Fd* fd = layer.root->fd();
    if (fd && (refuses_attributes || !options_.attributes))
      layer.lists = std::make_unique<OwnerLists>(*fd);
    layer.has_notes = layer.lists ? layer.lists->find(*fd, "", status).has_value()
                                  : options_.attributes && note_on(*layer.root, "", note);
  }
  if (layers_.empty()) upper_has_notes_ = layer.has_notes;
  layers_.push_back(std::move(layer));
  return {};
}

Layers Stack::roots() const {
  Layers all = writable() ? kUpper : LayerIndex{1};
  for (size_t i = size_t{all.top()} + 1; i < layers_.size(); ++i)
    all.add_below(static_cast<LayerIndex>(i));
  return all;
}

struct stat Stack::stored(const LayerDir& dir, LayerIndex layer, const char* name,
                          const struct stat& raw) const {
  struct stat status = raw;
  if (has_notes(layer))
    if (const auto noted = note_of(dir, layer, name, raw)) noted->apply(status);
  return status;
}

std::optional<Noted> Stack::note_of(const LayerDir& dir, LayerIndex layer, const char* name,
                                    const struct stat& raw) const {
  OwnerLists* lists = layers_[layer].lists.get();
  return lists ? lists->find(*dir.fd(), name, raw) : note_on(dir, name);
}

void Stack::keep_in_lists(bool lists) {
  Layer& upper = layers_[kUpper];
  if (lists == (upper.lists != nullptr)) return;
  upper.lists = lists ? std::make_unique<OwnerLists>(*upper.root->fd()) : nullptr;
  const auto status = upper.root->status("");
  upper_has_notes_ = status && note_of(*upper.root, kUpper, "", *status);
}

struct stat Stack::shown(const LayerDir& dir, LayerIndex layer, const char* name,
                         const struct stat& raw) const {
  struct stat status = stored(dir, layer, name, raw);
  status.st_uid = uids_.existing(ids_.uid_inside(status.st_uid));
  status.st_gid = gids_.existing(ids_.gid_inside(status.st_gid));
  return status;
}

bool Stack::has_ids_of(const Noted& noted) const {
  const uint32_t uid = ids_.uid_inside(noted.uid);
  const uint32_t gid = ids_.gid_inside(noted.gid);
  return uids_.existing(uid) == uid && gids_.existing(gid) == gid;
}

Tree::Fresh Stack::fresh(const LayerDir& dir, const char* name, const Layers& layers,
                         const struct stat& raw) const {
  Tree::Fresh fresh{inode(layers.top(), dir, name, raw),
                    stored(dir, layers.top(), name, raw).st_mode, layers, std::nullopt};
  if (!S_ISDIR(raw.st_mode) && raw.st_nlink > 1) fresh.link = RawInode{layers.top(), raw.st_ino};
  return fresh;
}

uint64_t Stack::plain_inode(LayerIndex layer, uint64_t number) const {
  const unsigned filesystem = layers_[layer].filesystem;
  if (!one_filesystem_ && options_.xino != Xino::Off && filesystem > 0) {
    const uint64_t low = number >> kXinoShift == 0 ? number : fold(number);
    number = low | uint64_t{filesystem % 255} << kXinoShift;
  }
  return options_.ino32 ? fold(number) : number;
}

uint64_t Stack::inode(LayerIndex layer, const LayerDir& dir, const char* name,
                      const struct stat& raw) const {
  if (layer == kUpper && options_.attributes) {
    const auto noted = dir.attribute(name, kInodeAttribute);
    uint64_t number = 0;
    if (noted && read_number(std::string_view(*noted), number)) return number;
  }
  return plain_inode(layer, raw.st_ino);
}

}  // namespace wolffia::overlay
