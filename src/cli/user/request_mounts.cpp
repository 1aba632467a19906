// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cstdlib>

#include "base/quote.hpp"
#include "cli/user/options.hpp"
#include "cli/user/request.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

Error invalid(std::string_view option, std::string_view text, std::string_view rule) {
  return Error::because(EINVAL, cat(option, " ", quoted(text), " ", rule));
}

std::string absolute(const std::string& here, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  return path == "." ? here : cat(here, "/", path);
}

enum class Access : bool { Write, Read };

/// What is shown of the host brings no programs with others' rights and no devices.
oci::Mount bind_mount(std::string source, std::string target, Access access) {
  oci::Mount mount;
  mount.destination = std::move(target);
  mount.type = "bind";
  mount.source = std::move(source);
  mount.options = {"rbind", "rprivate", "nosuid", "nodev", access == Access::Read ? "rro" : "rw"};
  return mount;
}

oci::Mount memory_mount(std::string target, const std::vector<std::string>& options) {
  oci::Mount mount;
  mount.destination = std::move(target);
  mount.type = mount.source = "tmpfs";
  mount.options = {"nosuid", "nodev"};
  mount.options.insert(mount.options.end(), options.begin(), options.end());
  return mount;
}

/// SOURCE:TARGET[:OPTIONS]. Those that only say how labels or ids are treated elsewhere are
/// accepted and mean nothing here.
Result<oci::Mount> parse_volume(const std::string& text, const std::string& here) {
  const size_t first = text.find(':');
  if (first == std::string::npos || first == 0)
    return invalid("--volume", text, "must be SOURCE:TARGET[:ro]");
  const size_t second = text.find(':', first + 1);
  std::string target = text.substr(first + 1, second - first - 1);
  Access access = Access::Write;
  const std::string options = second == std::string::npos ? "rw" : text.substr(second + 1);
  for (const auto& [name, value] : parse_pairs(options)) {
    if (name != "ro" && name != "rw" && name != "z" && name != "Z")
      return invalid("--volume", text, "may end in :ro or :rw only");
    if (name == "ro") access = Access::Read;
  }
  if (!target.starts_with('/')) return invalid("--volume", text, "needs an absolute TARGET");
  return bind_mount(absolute(here, std::string_view(text).substr(0, first)), std::move(target),
                    access);
}

/// What --mount says, before it is known whether it is enough.
struct MountWords {
  std::string type = "bind", source, target;
  std::vector<std::string> tmpfs_options;
  Access access = Access::Write;
};

Result<MountWords> read_mount_words(const std::string& text) {
  MountWords words;
  for (const auto& [name, value] : parse_pairs(text)) {
    if (name == "type") {
      words.type = value;
    } else if (name == "source" || name == "src") {
      words.source = value;
    } else if (name == "target" || name == "destination" || name == "dst") {
      words.target = value;
    } else if (name == "readonly" || name == "ro") {
      words.access = value == "false" ? Access::Write : Access::Read;
    } else if (name == "tmpfs-size") {
      words.tmpfs_options.push_back(cat("size=", TRY(parse_size("--mount tmpfs-size", value))));
    } else if (name == "tmpfs-mode") {
      words.tmpfs_options.push_back(cat("mode=", value));
    } else {
      return invalid("--mount", text, cat("has an unknown ", quoted(name)));
    }
  }
  return words;
}

Result<oci::Mount> parse_mount(const std::string& text, const std::string& here) {
  MountWords words = TRY(read_mount_words(text));
  if (!words.target.starts_with('/')) return invalid("--mount", text, "needs an absolute target=");
  if (words.type == "tmpfs") {
    if (words.access == Access::Read) words.tmpfs_options.emplace_back("ro");
    return memory_mount(std::move(words.target), words.tmpfs_options);
  }
  if (words.type != "bind") return invalid("--mount", text, "may have type=bind or type=tmpfs");
  if (words.source.empty()) return invalid("--mount", text, "needs a source=");
  return bind_mount(absolute(here, words.source), std::move(words.target), words.access);
}

Result<oci::Mount> parse_tmpfs(const std::string& text) {
  const size_t colon = text.find(':');
  if (!text.starts_with('/')) return invalid("--tmpfs", text, "must be an absolute path inside");
  std::vector<std::string> options;
  if (colon != std::string::npos)
    for (const auto& [name, value] : parse_pairs(std::string_view(text).substr(colon + 1)))
      options.push_back(value.empty() ? name : cat(name, "=", value));
  return memory_mount(text.substr(0, colon), options);
}

/// The host's node itself is shown: an ordinary user can make none.
Result<oci::Mount> parse_device(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string source = text.substr(0, colon);
  std::string target = colon == std::string::npos ? source : text.substr(colon + 1);
  if (!source.starts_with('/') || !target.starts_with('/'))
    return invalid("--device", text, "must be SOURCE[:TARGET], absolute paths");
  const auto status = sys::stat_at(sys::cwd(), source.c_str());
  if (!status || !(S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)))
    return invalid("--device", text, "is no device of this host");
  oci::Mount mount;
  mount.destination = std::move(target);
  mount.type = "bind";
  mount.source = source;
  mount.options = {"bind", "nosuid", "noexec", "rw"};
  return mount;
}

Result<std::string> home_directory() {
  const char* home = ::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): no threads
  if (home && home[0] == '/' && sys::stat_at(sys::cwd(), home)) return std::string(home);
  return Error::because(ENOENT, "--home needs HOME to name your home directory");
}

}  // namespace

Result<void> read_mounts(const Arguments& arguments, const std::string& here, RunRequest& request) {
  const auto add = [&](oci::Mount mount, std::string_view option) {
    request.mounts.push_back(std::move(mount));
    request.mounted_by.push_back(option);
  };
  if (arguments.has(kHome) && !arguments.has(kNoHome)) {
    request.home = TRY(home_directory());
    add(bind_mount(request.home, request.home, Access::Write), "--home");
  }
  for (const std::string& text : arguments.list(kTmpfs))
    add(TRY(parse_tmpfs(text)), "--tmpfs");
  for (const std::string& text : arguments.list(kMount))
    add(TRY(parse_mount(text, here)), "--mount");
  for (const std::string& text : arguments.list(kVolume))
    add(TRY(parse_volume(text, here)), "--volume");
  for (const std::string& text : arguments.list(kDevice))
    add(TRY(parse_device(text)), "--device");
  if (arguments.has(kHere)) {
    add(bind_mount(here, here, Access::Write), "--here");
    if (request.workdir.empty()) request.workdir = here;
  }
  return {};
}

}  // namespace wolffia::cli::user
