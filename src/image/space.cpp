// SPDX-License-Identifier: Apache-2.0
#include "image/space.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/human_size.hpp"
#include "sys/file.hpp"
#include "sys/filesystem.hpp"

namespace wolffia::image {
namespace {

constexpr uint64_t kWorthProposing = uint64_t{1} << 30;  // where it is not known how much is needed

/// Where there may be room: what an environment variable says, or a path.
struct Candidate {
  const char* variable;  // null: `path` it is
  const char* path;
};
constexpr std::array kCandidates{
    Candidate{"SCRATCH", nullptr},  // of many clusters
    Candidate{"TMPDIR", nullptr},
    Candidate{nullptr, "/var/tmp"},
    Candidate{nullptr, "/tmp"},
};

std::string user_word() {
  const char* user = std::getenv("USER");  // NOLINT(concurrency-mt-unsafe): nothing sets any
  const std::string_view name = user ? user : "";
  const bool plain =
      !name.empty() && name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyz0123456789"
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-.") == std::string_view::npos;
  return plain ? std::string(name) : std::string("me");
}

/// What to do for `bytes`: "use --store DIRECTORY, where …, or …".
std::string proposal(uint64_t bytes) {
  constexpr std::string_view kElse = "remove what is not needed with wolffia gc";
  for (const Candidate& candidate : kCandidates) {
    const char* const path =
        candidate.variable ? std::getenv(candidate.variable) : candidate.path;  // NOLINT
    if (!path || path[0] != '/' || !sys::check_access(path, W_OK | X_OK)) continue;
    const auto directory = sys::open_at(sys::cwd(), path, O_RDONLY | O_DIRECTORY);
    const auto room = directory ? sys::free_space(*directory) : directory.error();
    if (!room || *room < bytes) continue;
    return cat("use --store ", path, "/wolffia-", user_word(), ", where ", human_size(*room),
               " are free, or ", kElse);
  }
  return std::string(kElse);
}

}  // namespace

Result<void> check_space(const Store& store, uint64_t bytes) {
  const auto room = sys::free_space(store.directory());
  if (!room || *room >= bytes) return {};  // where nobody knows, writing will tell
  return Error::because(ENOSPC, cat(store.path(), " has room for ", human_size(*room), ", and ",
                                    human_size(bytes), " are needed: ", proposal(bytes)));
}

Error explain_full(const Store& store, Error error) {
  if (!error.is(ENOSPC) && !error.is(EDQUOT)) return error;
  const std::string_view what =
      error.is(EDQUOT) ? " is in a file system where your quota is used up" : " is full";
  return Error::because(error.code(), cat(error.message(), ": ", store.path(), what, ": ",
                                          proposal(kWorthProposing)));
}

}  // namespace wolffia::image
