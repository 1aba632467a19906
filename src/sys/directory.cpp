// SPDX-License-Identifier: Apache-2.0
#include "sys/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

#include "sys/file.hpp"

namespace wolffia::sys {

Result<void> make_directory(const Fd& dir, const char* name, mode_t mode) {
  if (::mkdirat(dir.get(), name, mode) < 0) return Error::last("mkdirat");
  return {};
}

Result<Fd> open_directory(const Fd& dir, const char* name) {
  return open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Result<std::vector<std::string>> entry_names(const Fd& dir, size_t limit) {
  Fd again = TRY(open_at(dir, ".", O_RDONLY | O_DIRECTORY));  // its own position
  struct Closer {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  const std::unique_ptr<DIR, Closer> stream(::fdopendir(again.get()));
  if (!stream) return Error::last("fdopendir");
  (void)again.release();  // closedir() closes it
  std::vector<std::string> names;
  while (names.size() < limit) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (!entry && errno != 0) return Error::last("readdir");
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

Result<void> remove_entry(const Fd& dir, const char* name) {
  if (::unlinkat(dir.get(), name, 0) < 0) return Error::last("unlinkat");
  return {};
}

}  // namespace wolffia::sys
