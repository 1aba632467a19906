// SPDX-License-Identifier: Apache-2.0
#include "launch/overlay.hpp"

#include <sys/mount.h>

#include <string>

#include "launch/fallback.hpp"
#include "sys/mount.hpp"

namespace wolffia::launch {
namespace {

constexpr size_t kMostData = 4095;  // mount(2): a page with its last zero

std::string path_of(const sys::Fd& directory) {
  return cat("/proc/self/fd/", directory.get());
}

/// fsconfig(2) with what the file system itself says about a failure.
Result<void> configure(const sys::FilesystemContext& context, const char* key, const char* value) {
  auto done = sys::set_option(context, key, value);
  if (done) return done;
  const std::string said = sys::filesystem_message(context);
  return std::move(done).error().context(said.empty() ? std::string(key) : said);
}

Result<void> add_parts(const sys::FilesystemContext& context, const OverlayParts& parts) {
  TRY(configure(context, "source", "wolffia"));
  TRY(configure(context, "userxattr", nullptr));
  for (size_t i = parts.lowers.size(); i > 0; --i)
    TRY(configure(context, "lowerdir+", path_of(parts.lowers[i - 1]).c_str()));
  if (!parts.upper) return {};
  if (!parts.lasts) TRY(configure(context, "volatile", nullptr));
  TRY(configure(context, "upperdir", path_of(*parts.upper).c_str()));
  return configure(context, "workdir", path_of(*parts.work).c_str());
}

/// EINVAL and ENOSYS: also where the kernel does not know the call or the key.
Result<void> mount_by_descriptor(const OverlayParts& parts, const sys::Fd& target) {
  const sys::FilesystemContext context = TRY(sys::open_filesystem("overlay"));
  TRY(add_parts(context, parts));
  auto tree = sys::make_filesystem(context, MOUNT_ATTR_NODEV);
  if (!tree) {
    const std::string said = sys::filesystem_message(context);
    if (said.empty()) return std::move(tree).error();
    return std::move(tree).error().context(said);
  }
  return sys::attach(*tree, target);
}

Result<void> mount_by_string(const OverlayParts& parts, const sys::Fd& target) {
  std::string data = "userxattr,lowerdir=";
  for (size_t i = parts.lowers.size(); i > 0; --i)
    data += cat(i == parts.lowers.size() ? "" : ":", path_of(parts.lowers[i - 1]));
  if (parts.upper && !parts.lasts) data += ",volatile";
  if (parts.upper)
    data += cat(",upperdir=", path_of(*parts.upper), ",workdir=", path_of(*parts.work));
  if (data.size() > kMostData)
    return Error::because(E2BIG,
                          cat(parts.lowers.size(), " layers are more than this kernel takes"));
  return sys::mount_by_path(target, {.source = "wolffia",
                                     .target = ".",
                                     .type = "overlay",
                                     .flags = MS_NODEV,
                                     .data = data.c_str()});
}

}  // namespace

Result<void> mount_overlay(const OverlayParts& parts, const sys::Fd& target) {
  auto mounted = mount_by_descriptor(parts, target);
  if (mounted || !(mounted.error().is(EINVAL) || mounted.error().is(ENOSYS))) return mounted;
  if (auto older = mount_by_string(parts, target); older) return older;
  return mounted;  // says more
}

}  // namespace wolffia::launch
