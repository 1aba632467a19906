// SPDX-License-Identifier: Apache-2.0
#include "cli/user/image_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "oci/parse_image.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"

namespace wolffia::cli::user {
namespace {

constexpr std::string_view kMagic = "hsqs";  // linux/magic.h: SQUASHFS_MAGIC, little-endian
constexpr const char* kConfig = "user.wolffia.config";

}  // namespace

bool is_image_file(const std::string& path) {
  const auto file = sys::open_at(sys::cwd(), path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return false;
  const auto status = sys::stat_fd(*file);
  if (!status || !S_ISREG(status->st_mode)) return false;
  const auto begin = sys::read_exactly(*file, kMagic.size());
  return begin && *begin == kMagic;
}

Result<std::optional<oci::ImageConfig>> config_of_image_file(const std::string& root) {
  const sys::Fd directory = TRY(sys::open_at(sys::cwd(), root.c_str(), O_RDONLY | O_DIRECTORY));
  auto text = sys::attribute(directory, kConfig);
  if (!text) return std::optional<oci::ImageConfig>();
  return std::optional(TRY(oci::parse_image_config(std::move(text).value(), kConfig)));
}

}  // namespace wolffia::cli::user
