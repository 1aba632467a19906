// SPDX-License-Identifier: Apache-2.0
#include "image/squashfs/compressor.hpp"

#include <new>

namespace wolffia::image {
namespace {

/// The first member is what libsquashfs knows of it.
struct OnlySmaller {
  sqfs_compressor_t base;
  sqfs_compressor_t* inner;
};

sqfs_compressor_t* inner_of(const sqfs_compressor_t* it) {
  return reinterpret_cast<const OnlySmaller*>(it)->inner;
}

void destroy(sqfs_object_t* it) {
  auto* const self = reinterpret_cast<OnlySmaller*>(it);
  ::sqfs_destroy(self->inner);
  delete self;
}

/// Each thread that compresses has one.
sqfs_object_t* copy(const sqfs_object_t* it) {
  auto* const inner =
      static_cast<sqfs_compressor_t*>(::sqfs_copy(reinterpret_cast<const OnlySmaller*>(it)->inner));
  if (!inner) return nullptr;
  return reinterpret_cast<sqfs_object_t*>(only_smaller(inner));
}

void get_configuration(const sqfs_compressor_t* it, sqfs_compressor_config_t* config) {
  const sqfs_compressor_t* const inner = inner_of(it);
  inner->get_configuration(inner, config);
}

int write_options(sqfs_compressor_t* it, sqfs_file_t* file) {
  return inner_of(it)->write_options(inner_of(it), file);
}

int read_options(sqfs_compressor_t* it, sqfs_file_t* file) {
  return inner_of(it)->read_options(inner_of(it), file);
}

sqfs_s32 do_block(sqfs_compressor_t* it, const sqfs_u8* in, sqfs_u32 size, sqfs_u8* out,
                  sqfs_u32 room) {
  const sqfs_s32 got = inner_of(it)->do_block(inner_of(it), in, size, out, room);
  return got > 0 && static_cast<sqfs_u32>(got) >= size ? 0 : got;
}

}  // namespace

sqfs_compressor_t* only_smaller(sqfs_compressor_t* inner) {
  auto* const self = new (std::nothrow) OnlySmaller{
      {{destroy, copy}, get_configuration, write_options, read_options, do_block}, inner};
  if (!self) {
    ::sqfs_destroy(inner);
    return nullptr;
  }
  return &self->base;
}

}  // namespace wolffia::image
