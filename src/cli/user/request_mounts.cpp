// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/quote.hpp"
#include "cli/user/options.hpp"
#include "cli/user/request.hpp"
#include "plan/mount_options.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

Error invalid(std::string_view option, std::string_view text, std::string_view rule) {
  return Error::because(EINVAL, cat(option, " ", quoted(text), " ", rule));
}

std::string absolute(const std::string& here, std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  if (path.starts_with("./")) path.remove_prefix(2);
  return path == "." || path.empty() ? here : cat(here, "/", path);
}

/// What the words of --volume and --mount say of how a file of the host is shown.
struct Showing {
  std::string_view access = "rw";
  std::string_view propagation = "rprivate";
  std::vector<std::string> more;
};

enum class Says : uint8_t { Nothing, Access, Propagation, More };
struct ShowingWord {
  std::string_view word;
  Says says;
  std::string_view option;  // of config.json's mounts
};
/// The words of podman and docker that can be kept here. Those that say nothing ask for what is so
/// anyway, or for labels, which are not set. Source: podman-run(1), "--volume".
constexpr std::array kShowingWords{
    ShowingWord{"ro", Says::Access, "rro"},
    ShowingWord{"readonly", Says::Access, "rro"},
    ShowingWord{"rw", Says::Access, "rw"},
    ShowingWord{"noexec", Says::More, "noexec"},
    ShowingWord{"slave", Says::Propagation, "rslave"},
    ShowingWord{"rslave", Says::Propagation, "rslave"},
    ShowingWord{"private", Says::Propagation, "rprivate"},
    ShowingWord{"rprivate", Says::Propagation, "rprivate"},
    ShowingWord{"rbind", Says::Nothing, {}},
    ShowingWord{"exec", Says::Nothing, {}},
    ShowingWord{"nosuid", Says::Nothing, {}},
    ShowingWord{"nodev", Says::Nothing, {}},
    ShowingWord{"z", Says::Nothing, {}},
    ShowingWord{"Z", Says::Nothing, {}},
    ShowingWord{"cached", Says::Nothing, {}},
    ShowingWord{"delegated", Says::Nothing, {}},
    ShowingWord{"consistent", Says::Nothing, {}},
};

/// False: it is none of the words.
bool add_word(Showing& showing, std::string_view word) {
  const auto* row = std::find_if(kShowingWords.begin(), kShowingWords.end(),
                                 [&](const ShowingWord& known) { return known.word == word; });
  if (row == kShowingWords.end()) return false;
  if (row->says == Says::Access) showing.access = row->option;
  if (row->says == Says::Propagation) showing.propagation = row->option;
  if (row->says == Says::More) showing.more.emplace_back(row->option);
  return true;
}

/// What is shown of the host brings no programs with others' rights and no devices.
oci::Mount bind_mount(std::string source, std::string target, const Showing& showing) {
  oci::Mount mount;
  mount.destination = std::move(target);
  mount.type = "bind";
  mount.source = std::move(source);
  mount.options = {"rbind", std::string(showing.propagation), "nosuid", "nodev"};
  mount.options.insert(mount.options.end(), showing.more.begin(), showing.more.end());
  mount.options.emplace_back(showing.access);
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

/// What podman and docker take for the name of a volume of theirs.
bool is_volume_name(std::string_view source) {
  return source[0] != '.' && source.find('/') == std::string_view::npos;
}

/// Nothing is made on the host because of a slip of the pen.
Result<void> check_source(std::string_view option, std::string_view text, const oci::Mount& mount) {
  const auto status = sys::stat_at(sys::cwd(), mount.source.c_str());
  if (status || !status.error().is(ENOENT)) return {};
  return Error::because(ENOENT, cat(option, " ", quoted(text), " shows ", quoted(mount.source),
                                    ", which does not exist: make it first"));
}

/// SOURCE:TARGET[:OPTIONS].
Result<oci::Mount> parse_volume(const std::string& text, const std::string& here) {
  const size_t first = text.find(':');
  if (first == std::string::npos || first == 0)
    return invalid("--volume", text,
                   "must be SOURCE:TARGET[:ro]; --tmpfs TARGET is a directory of nobody's");
  const std::string source = text.substr(0, first);
  if (is_volume_name(source))
    return invalid("--volume", text,
                   cat("names a volume, and there are only directories here: write ./", source));
  const size_t second = text.find(':', first + 1);
  std::string target = text.substr(first + 1, second - first - 1);
  Showing showing;
  const std::string options = second == std::string::npos ? "rw" : text.substr(second + 1);
  for (const auto& [name, value] : parse_pairs(options))
    if (!value.empty() || !add_word(showing, name))
      return invalid("--volume", text,
                     cat("ends in ", quoted(name), ", which is none of ro, rw, noexec, rslave, z"));
  if (!target.starts_with('/')) return invalid("--volume", text, "needs an absolute TARGET");
  oci::Mount mount = bind_mount(absolute(here, source), std::move(target), showing);
  TRY(check_source("--volume", text, mount));
  return mount;
}

/// What --mount says, before it is known whether it is enough.
struct MountWords {
  std::string type = "bind", source, target;
  std::vector<std::string> tmpfs_options;
  Showing showing;
};

/// A switch of --mount, as "ro" or "ro=true"; "ro=false" and "rw=false" are each other.
bool add_switch(Showing& showing, std::string_view name, std::string_view value) {
  if (value == "true" || value == "1" || value.empty()) return add_word(showing, name);
  if (value != "false" && value != "0") return false;
  const bool reads = name == "ro" || name == "readonly";
  return (reads || name == "rw") && add_word(showing, reads ? "rw" : "ro");
}

Result<MountWords> read_mount_words(const std::string& text) {
  MountWords words;
  for (const auto& [name, value] : parse_pairs(text)) {
    if (name == "type") {
      words.type = value;
    } else if (name == "source" || name == "src") {
      words.source = value;
    } else if (name == "target" || name == "destination" || name == "dst") {
      words.target = value;
    } else if (name == "tmpfs-size") {
      words.tmpfs_options.push_back(cat("size=", TRY(parse_size("--mount tmpfs-size", value))));
    } else if (name == "tmpfs-mode") {
      words.tmpfs_options.push_back(cat("mode=", value));
    } else if (!(name == "bind-propagation" && add_word(words.showing, value)) &&
               !add_switch(words.showing, name, value)) {
      return invalid("--mount", text, cat("has an unknown ", quoted(name)));
    }
  }
  return words;
}

Result<oci::Mount> parse_mount(const std::string& text, const std::string& here) {
  MountWords words = TRY(read_mount_words(text));
  if (!words.target.starts_with('/')) return invalid("--mount", text, "needs an absolute target=");
  if (words.type == "tmpfs") {
    if (words.showing.access == "rro") words.tmpfs_options.emplace_back("ro");
    return memory_mount(std::move(words.target), words.tmpfs_options);
  }
  if (words.type != "bind") return invalid("--mount", text, "may have type=bind or type=tmpfs");
  if (words.source.empty()) return invalid("--mount", text, "needs a source=");
  oci::Mount mount =
      bind_mount(absolute(here, words.source), std::move(words.target), words.showing);
  TRY(check_source("--mount", text, mount));
  return mount;
}

/// What a file system in memory takes beside the options of every mount. Source: tmpfs(5).
constexpr std::array<std::string_view, 11> kTmpfsWords{"size",   "nr_blocks", "nr_inodes", "mode",
                                                       "uid",    "gid",       "huge",      "mpol",
                                                       "noswap", "inode32",   "inode64"};

bool is_tmpfs_word(std::string_view name) {
  return plan::find_mount_option(name) ||
         std::find(kTmpfsWords.begin(), kTmpfsWords.end(), name) != kTmpfsWords.end();
}

Result<oci::Mount> parse_tmpfs(const std::string& text) {
  const size_t colon = text.find(':');
  if (!text.starts_with('/')) return invalid("--tmpfs", text, "must be an absolute path inside");
  std::vector<std::string> options;
  if (colon != std::string::npos)
    for (const auto& [name, value] : parse_pairs(std::string_view(text).substr(colon + 1))) {
      if (!is_tmpfs_word(name))
        return invalid(
            "--tmpfs", text,
            cat("has an unknown ", quoted(name), ": size=64m, mode=700, ro, noexec are known"));
      options.push_back(value.empty() ? name : cat(name, "=", value));
    }
  return memory_mount(text.substr(0, colon), options);
}

/// The host's node itself is shown: an ordinary user can make none. Behind the target may stand
/// what a cgroup would allow of it; there is none, and the rights of the node say that.
Result<oci::Mount> parse_device(const std::string& text) {
  std::string_view rest = text;
  const auto next = [&] {
    std::string part(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    return part;
  };
  const std::string source = next();
  std::string target = next();
  std::string rights = next();
  const auto is_rights = [](std::string_view word) {
    return word.find_first_not_of("rwm") == std::string_view::npos;
  };
  if (rights.empty() && is_rights(target)) std::swap(rights, target);
  if (target.empty()) target = source;
  if (!source.starts_with('/') || !target.starts_with('/') || !rest.empty() || !is_rights(rights))
    return invalid("--device", text, "must be SOURCE[:TARGET[:rwm]], absolute paths");
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
    add(bind_mount(request.home, request.home, {}), "--home");
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
    add(bind_mount(here, here, {}), "--here");
    if (request.workdir.empty()) request.workdir = here;
  }
  return {};
}

}  // namespace wolffia::cli::user
