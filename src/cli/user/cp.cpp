// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>

#include "base/quote.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/copy_tree.hpp"
#include "cli/user/inside.hpp"
#include "cli/user/tell.hpp"
#include "launch/fallback.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"

/// cp: files and directories into a container and out of it, by podman's and docker's rules.
namespace wolffia::cli::user {
namespace {

/// What leaves a container gives nobody the rights of the caller: another user could run it.
constexpr mode_t kModesOut = 0777;
constexpr mode_t kModesIn = 07777;

/// All that reading somebody's files in the container's ids takes; on the host's side the caller
/// has no rights but his own.
constexpr uint64_t kRightsOut = uint64_t{1} << CAP_DAC_READ_SEARCH;

constexpr int kAnyFile = O_PATH;
constexpr int kDirectory = O_RDONLY | O_DIRECTORY;
constexpr int kReadFile = O_RDONLY | O_NONBLOCK | O_NOCTTY;
constexpr int kWriteFile = O_WRONLY | O_NONBLOCK | O_NOCTTY;

/// "CONTAINER:PATH", or a path of the host.
struct Side {
  std::string container;  // empty: the host's
  std::string path;
};

Result<Side> parse_side(std::string_view word) {
  if (word == "-")
    return Error::because(ENOTSUP,
                          "wolffia cp neither reads nor writes an archive on a pipe: name "
                          "a file or a directory in the place of -");
  const size_t colon = word.find(':');
  const bool inside = colon != std::string_view::npos && colon > 0 && word[0] != '.' &&
                      word.substr(0, colon).find('/') == std::string_view::npos;
  Side side;
  if (inside) side.container = word.substr(0, colon);
  side.path = inside ? word.substr(colon + 1) : word;
  if (side.path.empty()) return Error::because(EINVAL, cat(quoted(word), " names no file"));
  return side;
}

/// A path and where it is looked up: following links, but never out of `root`.
class Place {
 public:
  Place(const sys::InRoot* root, std::string path) : root_(root), path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  Result<sys::Fd> open(const std::string& path, int flags) const {
    if (!root_) return sys::open_at(sys::cwd(), path.c_str(), flags);
    sys::InRoot opened = TRY(launch::open_inside(*root_, path.c_str(), flags));
    return sys::Fd(opened.release());
  }

 private:
  const sys::InRoot* root_;  // null: the host's
  std::string path_;
};

/// The last name of a path; empty for "/", "." and "..", of which only the contents can be copied.
std::string last_name(std::string_view path) {
  while (path.ends_with('/'))
    path.remove_suffix(1);
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "." || name == ".." ? std::string() : std::string(name);
}

/// The directory that the last name of `path` is in.
std::string parent_of(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash + 1));
}

struct Source {
  sys::Fd file;
  bool is_directory = false;
  std::string name;  // empty: of a directory, only what is in it
};

Error no_plain_file() {
  return Error::because(EINVAL,
                        "is a FIFO, socket or device: only files, links and directories "
                        "are copied");
}

Result<Source> open_source(const Place& place) {
  const sys::Fd any = TRY(place.open(place.path(), kAnyFile));
  const struct stat status = TRY(sys::stat_fd(any));
  Source source;
  source.is_directory = S_ISDIR(status.st_mode);
  source.name = last_name(place.path());
  if (place.path().ends_with("/.")) source.name.clear();
  if (!source.is_directory && !S_ISREG(status.st_mode)) return no_plain_file();
  source.file = TRY(place.open(place.path(), source.is_directory ? kDirectory : kReadFile));
  return source;
}

/// What a target is. It is opened for what is copied there.
enum class Found : uint8_t { Missing, File, Directory };

Result<Found> look(const Place& place) {
  const auto any = place.open(place.path(), kAnyFile);
  if (!any && any.error().is(ENOENT)) return Found::Missing;
  if (!any) return Error(any.error());
  const struct stat status = TRY(sys::stat_fd(*any));
  if (S_ISDIR(status.st_mode)) return Found::Directory;
  return S_ISREG(status.st_mode) ? Result<Found>(Found::File) : no_plain_file();
}

Result<void> copy_file(const Source& source, const Place& target, TreeCopy& copy) {
  const Found found = TRY(look(target));
  if (found == Found::File) {
    const sys::Fd file = TRY(target.open(target.path(), kWriteFile));
    return copy.over(source.file, file);
  }
  if (found == Found::Directory) {
    const sys::Fd directory = TRY(target.open(target.path(), kDirectory));
    return copy.file(source.file, directory, source.name);
  }
  if (target.path().ends_with('/'))
    return Error::because(ENOENT, "there is no such directory to copy a file into");
  const sys::Fd parent = TRY(target.open(parent_of(target.path()), kDirectory));
  return copy.file(source.file, parent, last_name(target.path()));
}

Result<void> copy_directory(const Source& source, const Place& target, TreeCopy& copy) {
  const Found found = TRY(look(target));
  if (found == Found::File)
    return Error::because(ENOTDIR, "a directory cannot be copied over a file");
  if (found == Found::Directory) {
    const sys::Fd directory = TRY(target.open(target.path(), kDirectory));
    if (source.name.empty()) return copy.contents(source.file, directory);
    return copy.directory(source.file, directory, source.name);
  }
  const sys::Fd parent = TRY(target.open(parent_of(target.path()), kDirectory));
  return copy.directory(source.file, parent, last_name(target.path()));
}

Result<int> copy(const Place& from, const Place& to, mode_t kept) {
  TreeCopy tree(kept);
  const Source source = TRY(open_source(from), quoted_if_needed(from.path()));
  TRY(source.is_directory ? copy_directory(source, to, tree) : copy_file(source, to, tree),
      quoted_if_needed(to.path()));
  for (const std::string& path : tree.left_out())
    tell(cat(quoted_if_needed(path), " is a FIFO, socket or device, and left out"));
  return 0;
}

Result<int> copy_out(const OpenedRoot& opened, const Side& from, const Side& to) {
  TRY(sys::set_capabilities(kRightsOut, kRightsOut, 0));
  return copy(Place(&opened.root, from.path), Place(nullptr, to.path), kModesOut);
}

Result<int> copy_in(const OpenedRoot& opened, const Side& from, const Side& to) {
  if (opened.readonly) return Error::because(EROFS, "the container was made with --read-only");
  return copy(Place(nullptr, from.path), Place(&opened.root, to.path), kModesIn);
}

}  // namespace

Result<int> run_cp(const Arguments& arguments) {
  const Side from = TRY(parse_side(arguments.positionals()[0]));
  const Side to = TRY(parse_side(arguments.positionals()[1]));
  if (from.container.empty() == to.container.empty())
    return Error::because(EINVAL, "one side has to be CONTAINER:PATH, and the other a path here");
  const Session session = TRY(Session::open(arguments));
  const bool out = to.container.empty();
  ContainerDir directory = TRY(session.containers.find(out ? from.container : to.container));
  const Known known = TRY(examine(std::move(directory)));
  return work_in_root(session, known, [&](const OpenedRoot& root) {
    return out ? copy_out(root, from, to) : copy_in(root, from, to);
  });
}

}  // namespace wolffia::cli::user
