// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdlib>

#include "base/words.hpp"
#include "image/store.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"

namespace wolffia::image {
namespace {

constexpr size_t kPasswdLimit = 16U << 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets any
  return value ? value : "";
}

/// The home of `uid` in the text of /etc/passwd: NAME:PASSWORD:UID:GID:GECOS:HOME:SHELL.
/// Source: passwd(5).
std::string home_in(std::string_view passwd, uint32_t uid) {
  for (Words lines(passwd, '\n'); !lines.empty();) {
    Words fields(lines.next(), ':');
    std::array<std::string_view, 6> field;
    for (std::string_view& one : field)
      one = fields.next();
    uint32_t number = 0;
    if (read_number(field[2], number) && number == uid) return std::string(field[5]);
  }
  return {};
}

}  // namespace

Result<std::string> store_path(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (std::string path = variable("WOLFFIA_STORE"); !path.empty()) return path;
  // A relative one is to be ignored. Source: XDG Base Directory Specification.
  if (std::string path = variable("XDG_DATA_HOME"); path.starts_with('/'))
    return cat(path, "/wolffia");
  std::string home = variable("HOME");
  if (home.empty()) {
    const auto passwd = sys::read_file(sys::cwd(), "/etc/passwd", kPasswdLimit);
    if (passwd) home = home_in(*passwd, sys::effective_uid());
  }
  if (!home.starts_with('/'))
    return Error::because(ENOENT,
                          "there is no home for images: set HOME, or give --store DIRECTORY");
  return cat(home, "/.local/share/wolffia");
}

}  // namespace wolffia::image
