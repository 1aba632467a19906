// SPDX-License-Identifier: Apache-2.0
#include "cli/user/containers.hpp"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "cli/user/scratch.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kIdLength = 12;
constexpr size_t kMostContainers = 1'000'000;
constexpr const char* kFolder = "containers";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_id(std::string_view text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), is_hex);
}

Result<std::string> random_id() {
  std::array<unsigned char, kIdLength / 2> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != ssize_t{bytes.size()})
    return Error::last("getrandom");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 15U];
  }
  return id;
}

std::string link_of(const std::string& name) {
  return "@" + name;
}

/// What the kernel's overlay makes for itself has no rights at all, even for its owner. The two
/// lower ones come with "volatile". Source: overlayfs.rst, "Volatile mount".
constexpr std::array kWork{"work/work", "work/work/incompat", "work/work/incompat/volatile"};

/// What a container usually leaves, from the inside out.
constexpr std::array kUsualDirectories{
    "work/work/incompat/volatile", "work/work/incompat", "work/work", "work", "merged", "upper"};
constexpr std::array kUsualFiles{"config.json", "hosts", "image", "container.json"};

/// By name that is a quarter of the calls of finding it, and most containers of --rm leave nothing
/// else. Whatever stays has to be looked for: then the record of whose it is stays too.
void remove_usual(const sys::Fd& directory) {
  open_work(directory);
  (void)sys::remove_entry(directory, "work/work/incompat/volatile/dirty");
  for (const char* name : kUsualDirectories) {
    const auto gone = sys::remove_directory(directory, name);
    if (!gone && !gone.error().is(ENOENT)) return;
  }
  for (const char* name : kUsualFiles)
    (void)sys::remove_entry(directory, name);
}

}  // namespace

void open_work(const sys::Fd& directory) {
  for (const char* name : kWork)
    if (!sys::change_mode(directory, name, S_IRWXU)) return;  // or there is none
}

Result<void> check_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '-';
  };
  const bool first = !name.empty() && fits(name[0]) && name[0] != '.' && name[0] != '-';
  if (first && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits)) return {};
  return Error::because(EINVAL, cat("--name ", quoted(name), " must be of letters, digits, \"_\", ",
                                    "\".\" and \"-\", and at most 64 long"));
}

Result<Containers> Containers::open(const image::Store& store) {
  std::string path = cat(store.path(), "/", kFolder);
  auto directory = sys::open_directory(store.directory(), kFolder);
  if (!directory && directory.error().is(ENOENT)) {
    auto made = sys::make_directory(store.directory(), kFolder, S_IRWXU);
    if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(path);
    directory = sys::open_directory(store.directory(), kFolder);
  }
  return Containers(path, TRY(std::move(directory), path));
}

Result<ContainerDir> Containers::open_id(const std::string& id) const {
  sys::Fd fd = TRY(sys::open_directory(directory_, id.c_str()), "container ", id);
  return ContainerDir{id, cat(path_, "/", id), std::move(fd)};
}

Result<ContainerDir> Containers::make(const std::string& name) const {
  if (!name.empty()) TRY(check_name(name));
  for (;;) {
    const std::string id = TRY(random_id());
    auto made = sys::make_directory(directory_, id.c_str(), S_IRWXU);
    if (!made && made.error().is(EEXIST)) continue;
    TRY(std::move(made), path_, "/", id);
    auto opened = open_id(id);
    if (!opened && opened.error().is(ENOENT)) continue;  // gc was faster than the lock
    ContainerDir container = TRY(std::move(opened));
    (void)sys::try_lock(container.fd);  // where there are none gc goes by age
    const struct stat status = TRY(sys::stat_fd(container.fd), container.path);
    if (status.st_nlink == 0) continue;  // likewise
    if (name.empty()) return container;
    if (auto named = take_name(name, id); !named) {
      (void)sys::remove_directory(directory_, id.c_str());
      return std::move(named).error();
    }
    return container;
  }
}

Result<void> Containers::take_name(const std::string& name, const std::string& id) const {
  auto made = sys::make_symlink(id, directory_, link_of(name).c_str());
  if (made || !made.error().is(EEXIST)) return made;
  const sys::Fd lock = lock_names();
  return take_name_locked(name, id);
}

Result<void> Containers::take_name_locked(const std::string& name, const std::string& id) const {
  const std::string link = link_of(name);
  for (int tries = 0; tries < 2; ++tries) {
    auto made = sys::make_symlink(id, directory_, link.c_str());
    if (made || !made.error().is(EEXIST)) return made;
    const auto holder = sys::read_symlink(directory_, link.c_str());
    if (holder && sys::stat_entry(directory_, holder->c_str()))
      return Error::because(
          EEXIST, cat("the name ", quoted_if_needed(name), " is that of container ", *holder,
                      ": choose another, or wolffia rm ", name));
    (void)sys::remove_entry(directory_, link.c_str());  // its container is gone
  }
  return Error::because(EEXIST, cat("the name ", name, " was just taken"));
}

sys::Fd Containers::lock_names() const {
  auto directory = sys::open_directory(directory_, ".");
  if (!directory) return {};
  (void)sys::lock_open_file(*directory, sys::LockMode::Exclusive, sys::LockWait::Yes);
  return std::move(directory).value();
}

Result<void> Containers::drop_name(const std::string& name, const std::string& id) const {
  if (name.empty()) return {};
  const std::string link = link_of(name);
  const auto holder = sys::read_symlink(directory_, link.c_str());
  if (!holder || *holder != id) return {};
  return sys::remove_entry(directory_, link.c_str());
}

Result<ContainerDir> Containers::find(std::string_view word) const {
  if (is_id(word))
    if (auto exact = open_id(std::string(word))) return exact;
  if (check_name(word)) {
    const auto holder = sys::read_symlink(directory_, link_of(std::string(word)).c_str());
    if (holder && is_id(*holder))
      if (auto named = open_id(*holder)) return named;
  }
  std::string found;
  for (const std::string& id : TRY(ids())) {
    if (word.empty() || !id.starts_with(word)) continue;
    if (!found.empty())
      return Error::because(
          EINVAL, cat("several containers begin with ", quoted(word), ": ", found, ", ", id));
    found = id;
  }
  if (!found.empty()) return open_id(found);
  return Error::because(
      ENOENT, cat("container ", quoted_if_needed(word), " does not exist: see wolffia ps -a"));
}

Result<std::vector<std::string>> Containers::ids() const {
  std::vector<std::string> names = TRY(sys::entry_names(directory_, kMostContainers), path_);
  std::erase_if(names, [](const std::string& name) { return !is_id(name); });
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> empty_container(const sys::Fd& directory) {
  TRY(remove_scratch(directory));
  open_work(directory);
  return sys::empty_directory(directory);
}

Result<void> Containers::remove(const ContainerDir& container, const std::string& name) const {
  TRY(drop_name(name, container.id));
  remove_usual(container.fd);
  auto removed = sys::remove_directory(directory_, container.id.c_str());
  if (!removed && (removed.error().is(ENOTEMPTY) || removed.error().is(EEXIST))) {
    TRY(empty_container(container.fd), container.path);
    removed = sys::remove_directory(directory_, container.id.c_str());
  }
  return !removed && removed.error().is(ENOENT) ? Result<void>() : removed;  // gc was faster
}

}  // namespace wolffia::cli::user
