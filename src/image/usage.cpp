// SPDX-License-Identifier: Apache-2.0
#include "image/usage.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "image/layer_meta.hpp"
#include "image/store_files.hpp"
#include "sys/directory.hpp"

namespace wolffia::image {
namespace {

struct LayerUsage {
  uint64_t bytes = 0;
  uint64_t images = 0;  // that have it
};

uint64_t size_of(const sys::Fd& store, const std::string& path) {
  const auto status = sys::stat_entry(store, path.c_str());
  return status ? static_cast<uint64_t>(status->st_size) : 0;
}

Result<uint64_t> size_of_blobs(const sys::Fd& store) {
  uint64_t bytes = 0;
  for (const std::string& algorithm : TRY(names_in(store, kBlobs))) {
    const std::string above = cat(kBlobs, "/", algorithm);
    for (const std::string& prefix : TRY(names_in(store, above))) {
      const std::string directory = cat(above, "/", prefix);
      for (const std::string& hex : TRY(names_in(store, directory)))
        bytes += size_of(store, cat(directory, "/", hex));
    }
  }
  return bytes;
}

Result<uint64_t> size_of_parts(const sys::Fd& store) {
  uint64_t bytes = 0;
  for (const std::string& name : TRY(names_in(store, kTemporary)))
    if (name.starts_with(kPartPrefix)) bytes += size_of(store, cat(kTemporary, "/", name));
  return bytes;
}

}  // namespace

Result<Usage> usage(const Store& store) {
  const sys::Fd& directory = store.directory();
  std::map<LayerName, LayerUsage> layers;
  for (const LayerName& name : TRY(read_layers(directory))) {
    const auto meta = TRY(read_layer_meta(directory, name.owners, name.key));
    layers[name].bytes = meta ? meta->bytes : 0;
  }
  std::map<std::string, std::set<LayerName>> images;  // an image may have a layer twice
  for (const oci::Digest& image : TRY(read_images(directory))) {
    const std::vector<LayerName> names = TRY(layers_of(directory, image));
    images[image.text()] = {names.begin(), names.end()};
    for (const LayerName& name : images[image.text()])
      ++layers[name].images;
  }
  Usage usage;
  for (const auto& [text, names] : images) {
    ImageUsage one{TRY(oci::Digest::parse(text))};
    for (const LayerName& name : names) {
      const LayerUsage& layer = layers[name];
      one.size += layer.bytes;
      if (layer.images == 1) one.own += layer.bytes;
    }
    usage.images.push_back(std::move(one));
  }
  for (const auto& [name, layer] : layers) {
    usage.layers += layer.bytes;
    if (layer.images == 0) usage.unused += layer.bytes;
  }
  usage.blobs = TRY(size_of_blobs(directory));
  usage.partial = TRY(size_of_parts(directory));
  return usage;
}

}  // namespace wolffia::image
