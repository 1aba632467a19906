// SPDX-License-Identifier: Apache-2.0
#include "cli/user/request.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "base/quote.hpp"
#include "cli/user/options.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

Result<std::string> current_directory() {
  char path[PATH_MAX];
  if (!::getcwd(path, sizeof path)) return Error::last("getcwd");
  return std::string(path);
}

std::string absolute(const std::string& here, std::string_view path) {
  return path.starts_with('/') ? std::string(path) : cat(here, "/", path);
}

Result<Volume> parse_volume(const std::string& text, const std::string& here) {
  const auto wrong = [&](std::string_view rule) {
    return Error::because(EINVAL, cat("--volume ", quoted(text), " ", rule));
  };
  const size_t first = text.find(':');
  if (first == std::string::npos || first == 0) return wrong("must be SOURCE:TARGET[:ro]");
  const size_t second = text.find(':', first + 1);
  const std::string options = second == std::string::npos ? "rw" : text.substr(second + 1);
  if (options != "rw" && options != "ro") return wrong("may end in :ro or :rw only");
  Volume volume{.source = absolute(here, std::string_view(text).substr(0, first)),
                .target = text.substr(first + 1, second - first - 1),
                .readonly = options == "ro"};
  if (!volume.target.starts_with('/')) return wrong("needs an absolute TARGET");
  return volume;
}

/// NAME=VALUE, or what NAME is for us; nothing where it is not set.
Result<std::vector<std::string>> parse_env(const std::vector<std::string>& given) {
  std::vector<std::string> env;
  for (const std::string& text : given) {
    if (text.empty() || text[0] == '=')
      return Error::because(EINVAL, cat("--env ", quoted(text), " must be NAME or NAME=VALUE"));
    if (text.find('=') != std::string::npos) {
      env.push_back(text);
    } else if (const char* value = ::getenv(text.c_str())) {
      env.push_back(cat(text, "=", value));
    }
  }
  return env;
}

Result<void> find_directory(RunRequest& request, const std::string& here, std::string_view path) {
  request.directory = absolute(here, path);
  const auto status = sys::stat_at(sys::cwd(), request.directory.c_str());
  if (!status || !S_ISDIR(status->st_mode))
    return Error::because(ENOENT, cat(quoted(path),
                                      " is no directory: give a root file system or a "
                                      "bundle (images come with a later release)"));
  const std::string config = cat(request.directory, "/config.json");
  request.is_bundle = bool(sys::stat_at(sys::cwd(), config.c_str()));
  return {};
}

}  // namespace

Result<RunRequest> make_request(const Arguments& arguments) {
  RunRequest request;
  const std::string here = TRY(current_directory());
  const auto words = arguments.positionals();
  TRY(find_directory(request, here, words[0]));
  for (const std::string_view word : words.subspan(1))
    request.command.emplace_back(word);
  request.interactive = arguments.has(kInteractive);
  request.terminal = arguments.has(kTty);
  request.env = TRY(parse_env(arguments.list(kEnv)));
  for (const std::string& text : arguments.list(kVolume))
    request.volumes.push_back(TRY(parse_volume(text, here)));
  request.workdir = arguments.value(kWorkdir);
  if (arguments.has(kHere)) {
    request.volumes.push_back({.source = here, .target = here, .readonly = false});
    if (request.workdir.empty()) request.workdir = here;
  }
  if (!request.workdir.empty() && request.workdir[0] != '/')
    return Error::because(EINVAL, cat("--workdir ", quoted(request.workdir), " must be absolute"));
  if (const auto net = arguments.find(kNet))
    request.network = *net == "host" ? Network::Host : Network::None;
  request.hostname = arguments.value(kHostname);
  request.readonly = arguments.has(kReadOnly);
  request.dry_run = arguments.has(kDryRun);
  return request;
}

}  // namespace wolffia::cli::user
