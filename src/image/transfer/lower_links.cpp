// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/lower_links.hpp"

#include <fcntl.h>

#include "base/quote.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::image {
namespace {

constexpr mode_t kDirectoryMode = 0755;  // of missing parents, as in a layer

struct Split {
  std::string_view directory;  // empty: the root
  const char* name;
};

Split split(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {{}, path.c_str()};
  return {std::string_view(path).substr(0, slash), path.c_str() + slash + 1};
}

/// The directory of `path` in the tree, made where it is missing. Errors: ENOTDIR, ELOOP.
Result<sys::InRoot> parent_of(const sys::Fd& tree, const std::string& path) {
  const std::string_view directory = split(path).directory;
  if (directory.empty()) return sys::open_entry(tree, ".", O_RDONLY | O_DIRECTORY);
  return sys::make_directories_below(tree, directory, kDirectoryMode);
}

/// The file in the highest of the layers below that has it. Errors: EINVAL where none has.
Result<sys::InRoot> find_lower(std::span<const std::string> below, const PendingLink& link) {
  for (size_t i = below.size(); i-- > 0;) {
    const sys::InRoot root = TRY(sys::open_root(below[i].c_str()), below[i]);
    // O_NONBLOCK: a FIFO must not make us wait.
    auto file = sys::open_in_root(root, link.target.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file && (file.error().is(ENOENT) || file.error().is(ENOTDIR))) continue;
    sys::InRoot found = TRY(std::move(file), quoted(link.target));
    if (S_ISREG(TRY(sys::stat_fd(found)).st_mode)) return found;
    break;
  }
  return Error::because(EINVAL, cat(quoted(link.path), " is a hard link to ", quoted(link.target),
                                    ", which is no file of this layer or of one below"));
}

/// Puts the target itself into the layer, as the file below is.
Result<void> copy_target(const sys::Fd& tree, const PendingLink& link,
                         std::span<const std::string> below) {
  const sys::InRoot from = TRY(find_lower(below, link));
  const sys::InRoot parent = TRY(parent_of(tree, link.target));
  const char* name = split(link.target).name;
  TRY(sys::make_file(parent, name, 0600));
  const sys::InRoot file = TRY(sys::open_entry(parent, name, O_WRONLY));
  TRY(sys::copy_contents(from, file));
  sys::copy_attributes(from, file, "trusted.");
  return sys::copy_metadata(TRY(sys::stat_fd(from)), parent, name);
}

}  // namespace

Result<void> link_lower(const sys::Fd& tree, std::span<const PendingLink> links,
                        std::span<const std::string> below) {
  for (const PendingLink& link : links) {
    const sys::InRoot target_parent = TRY(parent_of(tree, link.target), quoted(link.target));
    const Split target = split(link.target);
    if (!sys::stat_entry(target_parent, target.name))
      TRY(copy_target(tree, link, below), quoted(link.target));
    const sys::InRoot parent = TRY(parent_of(tree, link.path), quoted(link.path));
    TRY(sys::make_link(target_parent, target.name, parent, split(link.path).name),
        quoted(link.path));
  }
  return {};
}

Result<void> hide_lower(const sys::Fd& tree, std::span<const std::string> below) {
  for (const std::string& path : below) {
    const sys::InRoot lower = TRY(sys::open_root(path.c_str()), path);
    for (const std::string& name : TRY(sys::entry_names(lower, SIZE_MAX))) {
      auto status = sys::stat_entry(tree, name.c_str());
      if (!status && !status.error().is(ENOENT)) return std::move(status).error();
      if (!status) {
        TRY(sys::make_node(tree, name.c_str(), S_IFCHR, 0), quoted(name));
      } else if (S_ISDIR(status->st_mode)) {
        const sys::Fd directory = TRY(sys::open_directory(tree, name.c_str()));
        TRY(sys::set_attribute(directory, "user.overlay.opaque", "y"), quoted(name));
      }
    }
  }
  return {};
}

}  // namespace wolffia::image
