// SPDX-License-Identifier: Apache-2.0
#include "image/local/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr mode_t kMode = 0644;  // users share layouts and archives

/// What file systems, and kernels, answer that know no file without a name.
bool has_no_unnamed_files(const Error& error) {
  return error.is(EOPNOTSUPP) || error.is(EISDIR) || error.is(ENOENT) || error.is(EINVAL);
}

}  // namespace

Result<FilePlace> place_of_file(const std::string& path) {
  auto resolved = sys::resolve(path.c_str());
  const std::string real = resolved ? *std::move(resolved) : path;
  const size_t slash = real.rfind('/');
  const std::string above = slash == std::string::npos ? "." : real.substr(0, slash + 1);
  std::string name = real.substr(slash + 1);
  if (const auto there = sys::stat_at(sys::cwd(), real.c_str());
      name.empty() || (there && S_ISDIR(there->st_mode)))
    return Error::because(EISDIR, cat(path, " must be a file, not a directory"));
  sys::Fd directory = TRY(sys::open_at(sys::cwd(), above.c_str(), O_RDONLY | O_DIRECTORY), path);
  return FilePlace{std::move(directory), std::move(name)};
}

Result<NewFile> NewFile::make(const sys::Fd& directory, const std::string& place) {
  static std::atomic<uint64_t> count = 0;
  std::string part = cat(place, ".", ::getpid(), ".", ++count, ".part");
  const std::string where = place.empty() ? "." : place;
  auto unnamed = sys::open_at(directory, where.c_str(), O_TMPFILE | O_RDWR, kMode);
  if (unnamed) return NewFile(directory, std::move(unnamed).value(), std::move(part), false);
  if (!has_no_unnamed_files(unnamed.error())) return std::move(unnamed).error();
  constexpr int kFlags = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW;
  sys::Fd file = TRY(sys::open_at(directory, part.c_str(), kFlags, kMode));
  return NewFile(directory, std::move(file), std::move(part), true);
}

NewFile::NewFile(NewFile&& other) noexcept
    : directory_(other.directory_),
      file_(std::move(other.file_)),
      part_(std::move(other.part_)),
      named_(std::exchange(other.named_, false)) {}

NewFile::~NewFile() {
  if (named_) (void)sys::remove_entry(*directory_, part_.c_str());
}

Result<void> NewFile::name(const std::string& path) && {
  if (!named_) {
    auto linked = sys::name_file(file_, *directory_, path.c_str());
    if (linked || !linked.error().is(EEXIST)) return linked;
    TRY(sys::name_file(file_, *directory_, part_.c_str()));
    named_ = true;
  }
  TRY(sys::rename_entry(*directory_, part_.c_str(), path.c_str()));
  named_ = false;
  return {};
}

}  // namespace wolffia::image
