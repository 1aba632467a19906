// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/places.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/network_filesystem.hpp"
#include "cli/user/doctor/causes.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/lock.hpp"
#include "sys/space.hpp"

namespace wolffia::cli::user::doctor {
namespace {

/// What of a Place can cross as bytes.
struct Seen {
  size_t existing = 0;  // so much of the path is there
  sys::Space space;
  int write_code = 0;
  int lock_code = 0;
  bool is_ours = true;
  bool others_write = false;
  bool has_quota = false;
  sys::Quota quota;
  int64_t server_ahead = 0;
};

/// The nearest directory that exists.
Result<sys::Fd> open_nearest(const std::string& path, size_t& length) {
  for (length = path.size();;) {
    const std::string part = length == 0 ? "/" : path.substr(0, length);
    auto opened = sys::open_at(sys::cwd(), part.c_str(), O_RDONLY | O_DIRECTORY);
    if (opened || !opened.error().is(ENOENT) || length == 0) return opened;
    const size_t slash = path.rfind('/', length - 1);
    length = slash == std::string::npos ? 0 : slash;
  }
}

/// A file that nobody else sees; where the file system has no nameless ones it is unlinked at once.
Result<sys::Fd> make_file(const sys::Fd& dir) {
  auto nameless = sys::open_at(dir, ".", O_RDWR | O_TMPFILE, 0600);
  if (nameless || !(nameless.error().is(EOPNOTSUPP) || nameless.error().is(EISDIR)))
    return nameless;
  const std::string name = cat(".wolffia-doctor-", ::getpid());
  auto named = sys::open_at(dir, name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (named) TRY(sys::remove_entry(dir, name.c_str()));
  return named;
}

void write_a_file(const sys::Fd& dir, Seen& seen) {
  const auto file = make_file(dir);
  if (!file) {
    seen.write_code = file.error().code();
    return;
  }
  const std::string page(4096, 'w');
  if (auto written = sys::write_all(*file, page); !written)
    seen.write_code = written.error().code();
  if (auto locked = sys::try_lock(*file); !locked) seen.lock_code = locked.error().code();
  const auto status = sys::stat_fd(*file);
  if (status && seen.write_code == 0) seen.server_ahead = status->st_mtime - ::time(nullptr);
}

Seen see(const std::string& path, uint32_t uid) {
  Seen seen;
  const auto dir = open_nearest(path, seen.existing);
  if (!dir) {
    seen.write_code = dir.error().code();
    return seen;
  }
  if (const auto space = sys::space_of(*dir)) seen.space = *space;
  if (const auto quota = sys::quota_of(*dir, uid)) {
    seen.has_quota = true;
    seen.quota = *quota;
  }
  if (const auto status = sys::stat_fd(*dir); status && seen.existing == path.size()) {
    seen.is_ours = status->st_uid == uid;
    seen.others_write = (status->st_mode & (S_IWGRP | S_IWOTH)) != 0;
  }
  write_a_file(*dir, seen);
  return seen;
}

Place place_of(const std::string& path, const std::optional<Seen>& seen) {
  Place place;
  place.path = path;
  place.answered = seen.has_value();
  if (!seen) return place;
  place.existing = seen->existing == 0 ? "/" : path.substr(0, seen->existing);
  place.space = seen->space;
  place.write_code = seen->write_code;
  place.lock_code = seen->lock_code;
  place.is_ours = seen->is_ours;
  place.others_write = seen->others_write;
  place.server_ahead = seen->server_ahead;
  if (seen->has_quota) place.quota = seen->quota;
  return place;
}

}  // namespace

std::vector<Place> look_at(const std::vector<std::string>& paths, uint32_t uid,
                           Clock::time_point deadline) {
  std::vector<Asked<Seen>> questions;
  for (const std::string& path : paths) {
    auto asked = Asked<Seen>::start(0, [&](const sys::Fd&) { return see(path, uid); });
    questions.push_back(asked ? std::move(asked).value() : Asked<Seen>());
  }
  std::vector<Place> places;
  for (size_t i = 0; i < paths.size(); ++i) {
    // A process that may not be started is no reason to know nothing.
    const auto seen = questions[i].asked() ? questions[i].take(deadline)
                                           : std::optional<Seen>(see(paths[i], uid));
    places.push_back(place_of(paths[i], seen));
  }
  return places;
}

bool suits_a_store(const Place& place) {
  constexpr uint64_t kRoom = uint64_t{4} << 30;
  return place.answered && place.write_code == 0 && place.is_ours && !place.space.noexec &&
         place.space.free_bytes >= kRoom && network_filesystem(place.space.type).empty();
}

}  // namespace wolffia::cli::user::doctor
