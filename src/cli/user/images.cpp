// SPDX-License-Identifier: Apache-2.0
#include "cli/user/images.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/quote.hpp"
#include "cli/user/tell.hpp"
#include "launch/programs.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kDigestLimit = 4096;

/// Names that say where the image lies instead of what it is called.
constexpr std::array<std::string_view, 3> kTransports{"oci:", "oci-archive:", "docker-archive:"};

bool names_a_file(std::string_view name) {
  for (const std::string_view transport : kTransports)
    if (name.starts_with(transport)) return true;
  return false;
}

/// People forget what tells a directory from the name of an image.
std::string hint_of(const std::string& name) {
  const auto status = sys::stat_at(sys::cwd(), name.c_str());
  if (!status || !S_ISDIR(status->st_mode)) return {};
  return cat(": the directory of that name is ./", name);
}

/// Starts wolffia-image, which prints the digest of the manifest; what it says beside that is for
/// the person and passes through.
Result<std::string> pull(const image::Store& store, const RunRequest& request) {
  const std::string program = TRY(launch::find_program("wolffia-image"));
  std::vector<std::string> args{program, "--store", store.path(), "pull"};
  if (!request.platform.empty()) args.insert(args.end(), {"--platform", request.platform});
  args.insert(args.end(), {"--", request.image});
  std::vector<std::string> env;
  for (char** variable = ::environ; *variable; ++variable)
    env.emplace_back(*variable);
  auto [reading, writing] = TRY(sys::make_pipe(0));
  sys::Program start{.path = program, .args = args, .env = env};
  start.stdout_fd = writing.get();
  const sys::PidFd process = TRY(sys::spawn(start), program);
  writing.reset();
  std::string digest = TRY(sys::read_all(reading, kDigestLimit), program);
  const sys::Ended ended = TRY(sys::wait_for(process));
  if (ended.status() != 0)
    return Error::because(ENOENT, cat(quoted_if_needed(request.image), " could not be fetched",
                                      hint_of(request.image)));
  while (digest.ends_with('\n'))
    digest.pop_back();
  return digest;
}

}  // namespace

Result<FoundImage> get_image(const image::Store& store, const RunRequest& request,
                             std::string_view owners) {
  const bool may_be_there = request.platform.empty() && !names_a_file(request.image);
  std::optional<FoundImage> here;
  if (request.pull != Pull::Always && may_be_there)
    here = TRY(find_image(store, request.image, owners));
  if (here && request.pull != Pull::Newer) return *std::move(here);
  if (request.pull == Pull::Never)
    return Error::because(ENOENT, cat(image::missing_image(store, request.image).message(),
                                      "; --pull never says not to fetch it"));
  auto fetched = pull(store, request);
  if (!fetched && here) {
    tell(cat("--pull newer: the ", quoted_if_needed(request.image), " of the store is run"));
    return *std::move(here);
  }
  const std::string digest = TRY(std::move(fetched));
  auto found = TRY(store.find_id(digest, owners));
  if (!found)
    return Error::because(ENOENT, cat("wolffia-image fetched ", quoted_if_needed(request.image),
                                      ", but it is not in the store ", store.path()));
  return FoundImage{*std::move(found), {}};
}

Result<image::StoredImage> image_of_container(const image::Store& store, const Record& record,
                                              const OuterNamespace& outer) {
  auto found = TRY(store.find_id(record.image_id, image::owners_of(outer.uids, outer.gids)));
  if (found) return *std::move(found);
  const auto why = image::missing_image(store, record.image_id);
  return Error::because(ENOENT, cat("the image of container ", record.id, ": ", why.message()));
}

}  // namespace wolffia::cli::user
