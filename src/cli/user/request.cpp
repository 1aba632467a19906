// SPDX-License-Identifier: Apache-2.0
#include "cli/user/request.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "cli/user/image_file.hpp"
#include "cli/user/options.hpp"
#include "json/field.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kEnvFileLimit = 1 << 20;

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

bool is_path(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("../") ||
         word == "." || word == ".." || word.ends_with(".sqfs") || word.ends_with(".squashfs");
}

/// A path is a directory, a bundle or an image file; anything else names an image, whatever lies in
/// the current directory.
Result<void> read_root(RunRequest& request, const std::string& here, std::string_view word) {
  if (!is_path(word)) {
    constexpr std::string_view kRegistry = "docker://";  // what other tools call any registry
    request.kind = RootKind::Image;
    request.image = word.starts_with(kRegistry) ? word.substr(kRegistry.size()) : word;
    return {};
  }
  request.directory = word.starts_with('/') ? std::string(word) : cat(here, "/", word);
  const auto status = sys::stat_at(sys::cwd(), request.directory.c_str());
  if (status && is_image_file(request.directory)) {
    request.kind = RootKind::File;
    return {};
  }
  if (status && S_ISREG(status->st_mode))
    return Error::because(
        EINVAL, cat(quoted(word), " is no SquashFS file: an image in it is oci-archive:", word,
                    " or docker-archive:", word));
  if (!status || !S_ISDIR(status->st_mode))
    return Error::because(ENOENT, cat(quoted(word), " is no directory: give a root file system, a ",
                                      "bundle or the name of an image"));
  const std::string config = cat(request.directory, "/config.json");
  if (sys::stat_at(sys::cwd(), config.c_str())) request.kind = RootKind::Bundle;
  return {};
}

Result<void> read_environment(const Arguments& arguments, RunRequest& request) {
  for (const std::string& file : arguments.list(kEnvFile)) {
    const std::string text = TRY(sys::read_file(sys::cwd(), file.c_str(), kEnvFileLimit),
                                 "--env-file ", quoted_if_needed(file));
    for (std::string& variable : TRY(parse_env_file(cat("--env-file ", file, ":"), text)))
      request.env.push_back(std::move(variable));
  }
  request.env_of_files = request.env.size();
  for (const std::string& text : arguments.list(kEnv))
    for (std::string& variable : TRY(parse_variable("--env", text)))
      request.env.push_back(std::move(variable));
  request.clean_env = arguments.has(kCleanenv);
  return {};
}

/// A program, or as podman has it a JSON array of one and its first arguments.
Result<void> read_entrypoint(std::string_view text, RunRequest& request) {
  if (!text.starts_with('[')) {
    request.entrypoint = text;
    return {};
  }
  const json::Document document = TRY(json::Document::parse(std::string(text), "--entrypoint"));
  std::vector<std::string> words = TRY(document.root().as<std::vector<std::string>>());
  request.entrypoint = words.empty() ? std::string() : words.front();
  if (!words.empty()) words.erase(words.begin());
  request.command.insert(request.command.begin(), words.begin(), words.end());
  return {};
}

Result<void> read_program(const Arguments& arguments, RunRequest& request) {
  for (const std::string_view word : arguments.positionals().subspan(1))
    request.command.emplace_back(word);
  if (const auto entrypoint = arguments.find(kEntrypoint))
    TRY(read_entrypoint(*entrypoint, request));
  request.interactive = arguments.has(kInteractive);
  request.terminal = arguments.has(kTty);
  request.init = arguments.has(kInit);
  request.workdir = arguments.value(kWorkdir);
  request.user = arguments.value(kUser);
  request.keep_groups = arguments.value(kGroup) == "keep";
  const std::string_view ids = arguments.value(kUserns, "auto");
  request.ids = ids == "root" ? Ids::Root : ids == "keep-id" ? Ids::Own : Ids::All;
  return {};
}

/// What is so anyway: no label and no profile but ours is ever put on a container.
constexpr std::array<std::string_view, 2> kUnconfined{"label=disable", "apparmor=unconfined"};

Result<void> read_security(const Arguments& arguments, const std::string& here,
                           RunRequest& request) {
  for (const std::string& text : arguments.list(kCapAdd))
    request.cap_add.push_back(TRY(parse_capability("--cap-add", text)));
  for (const std::string& text : arguments.list(kCapDrop))
    request.cap_drop.push_back(TRY(parse_capability("--cap-drop", text)));
  for (const std::string& text : arguments.list(kSecurityOpt)) {
    const size_t equals = text.find_first_of("=:");
    const std::string name = text.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (name == "no-new-privileges" && (value.empty() || value == "true")) {
      request.no_new_privileges = true;
    } else if (name == "no-new-privileges" && value == "false") {
      request.no_new_privileges = false;
    } else if (name == "seccomp" && value == "unconfined") {
      request.seccomp = {.confined = false, .file = {}};
    } else if (name == "seccomp" && !value.empty()) {
      request.seccomp = {.confined = true, .file = value[0] == '/' ? value : cat(here, "/", value)};
    } else if (std::find(kUnconfined.begin(), kUnconfined.end(), cat(name, "=", value)) ==
               kUnconfined.end()) {
      return invalid(cat("--security-opt ", quoted(text), " must be seccomp=FILE, ",
                         "seccomp=unconfined or no-new-privileges[=false]"));
    }
  }
  return {};
}

Result<void> read_limits(const Arguments& arguments, RunRequest& request) {
  for (const std::string& text : arguments.list(kUlimit))
    request.rlimits.push_back(TRY(parse_ulimit(text)));
  TRY(read_group_limits(arguments, request.limits));
  request.limits.strict = arguments.has(kStrict);
  if (const auto text = arguments.find(kShmSize))
    request.shm_size = TRY(parse_size("--shm-size", *text));
  return {};
}

Result<void> read_image(const Arguments& arguments, RunRequest& request) {
  const std::string_view pull = arguments.value(kPull, "missing");
  request.pull = pull == "always"  ? Pull::Always
                 : pull == "newer" ? Pull::Newer
                 : pull == "never" ? Pull::Never
                                   : Pull::Missing;
  request.platform = arguments.value(kPlatform);
  request.storage = storage_wanted(arguments);
  const bool is_image = request.kind == RootKind::Image || request.kind == RootKind::File;
  if (arguments.has(kStorage) && !is_image)
    return invalid(cat("--storage is for images: leave it out, ",
                       quoted_if_needed(request.directory), " is used as it is"));
  const bool served = request.storage == Storage::Probed || request.storage == Storage::Fuse;
  if (request.kind == RootKind::File && !served)
    return invalid(cat("--storage ", arguments.value(kStorage),
                       " is for images of layers: leave it out, an image file is served by fuse"));
  return {};
}

Result<RestartPolicy> parse_restart(std::string_view text) {
  using When = RestartPolicy::When;
  if (text == "no") return RestartPolicy{};
  if (text == "always" || text == "unless-stopped") return RestartPolicy{When::Always, 0};
  if (text == "on-failure") return RestartPolicy{When::OnFailure, 0};
  constexpr std::string_view kCounted = "on-failure:";
  if (!text.starts_with(kCounted))
    return invalid(cat("--restart ", quoted(text), " must be no, always or on-failure[:TIMES]"));
  const uint64_t most =
      TRY(parse_number("--restart on-failure:", text.substr(kCounted.size()), UINT32_MAX));
  return RestartPolicy{most == 0 ? When::Never : When::OnFailure, static_cast<uint32_t>(most)};
}

Result<void> read_log_options(const Arguments& arguments, LogLimits& log) {
  constexpr uint64_t kMostFiles = 1000;
  for (const std::string& text : arguments.list(kLogOpt)) {
    for (const auto& [name, value] : parse_pairs(text)) {
      if (name == "max-size") {
        log.max_size = TRY(parse_size("--log-opt max-size", value));
      } else if (name == "max-file") {
        log.max_files =
            static_cast<uint32_t>(TRY(parse_number("--log-opt max-file", value, kMostFiles)));
        if (log.max_files == 0) return invalid("--log-opt max-file must be at least 1");
      } else {
        return invalid(
            cat("--log-opt ", quoted(text), " must be max-size=SIZE or max-file=NUMBER"));
      }
    }
  }
  return {};
}

Result<void> read_container(const Arguments& arguments, const std::string& here,
                            RunRequest& request) {
  request.name = arguments.value(kContainerName);
  request.detach = arguments.has(kDetach);
  request.remove = arguments.has(kRm);
  if (const auto file = arguments.find(kCidfile))
    request.cidfile = file->starts_with('/') ? std::string(*file) : cat(here, "/", *file);
  for (const std::string& text : arguments.list(kLabel)) {
    const size_t equals = text.find('=');
    request.labels.emplace_back(text.substr(0, equals),
                                equals == std::string::npos ? "" : text.substr(equals + 1));
  }
  if (const auto text = arguments.find(kTimeout))
    request.timeout = TRY(parse_duration("--timeout", *text));
  request.stop_timeout = TRY(arguments.number(kStopTimeout, kUsualPatience, kMostPatience));
  request.restart = TRY(parse_restart(arguments.value(kRestart, "no")));
  TRY(read_log_options(arguments, request.log));
  if (request.restart.when != RestartPolicy::When::Never && !request.detach)
    return invalid("--restart needs --detach: a supervisor starts it again");
  if (request.restart.when != RestartPolicy::When::Never && request.remove)
    return invalid("--restart and --rm are each other's opposite");
  return {};
}

/// A bundle says itself how it is run: what can be added is what edit.cpp knows.
Result<void> check_bundle(const Arguments& arguments) {
  constexpr std::array kOthers{
      &kEntrypoint, &kEnvFile,     &kCleanenv, &kUser,    &kUserns,     &kGroup,        &kCapAdd,
      &kCapDrop,    &kSecurityOpt, &kUlimit,   &kMemory,  &kCpus,       &kPidsLimit,    &kDns,
      &kAddHost,    &kPull,        &kPlatform, &kHome,    &kInit,       &kPublish,      &kDnsSearch,
      &kShmSize,    &kAllow,       &kDeny,     &kOffline, &kUploadRate, &kDownloadRate, &kOutbound};
  for (const Option* option : kOthers)
    if (arguments.has(*option))
      return invalid(cat("--", option->name, " is not for a bundle: its config.json says that"));
  constexpr std::array kOfContainers{&kDetach,  &kContainerName, &kCidfile, &kLabel,
                                     &kRestart, &kLogOpt,        &kTimeout, &kStopTimeout};
  for (const Option* option : kOfContainers)
    if (arguments.has(*option))
      return invalid(cat("--", option->name,
                         " is not for a bundle, which is run once and not kept ",
                         "in the store: use wolffia-oci run, or the root file system's directory"));
  return {};
}

}  // namespace

Result<void> read_group_limits(const Arguments& arguments, Limits& limits) {
  if (const auto text = arguments.find(kMemory)) limits.memory = TRY(parse_size("--memory", *text));
  if (const auto text = arguments.find(kCpus))
    limits.cpu_thousandths = TRY(parse_thousandths("--cpus", *text));
  if (const auto text = arguments.find(kPidsLimit))  // podman's word for no limit is -1
    limits.pids = *text == "-1" ? 0 : TRY(parse_number("--pids-limit", *text, UINT32_MAX));
  return {};
}

Storage storage_wanted(const Arguments& arguments) {
  const std::string_view storage = arguments.value(kStorage);
  if (storage == "overlay") return Storage::Overlay;
  if (storage == "fuse") return Storage::Fuse;
  return storage == "copy" ? Storage::Copy : Storage::Probed;
}

Result<RunRequest> make_request(const Arguments& arguments) {
  RunRequest request;
  const std::string here = TRY(sys::working_directory());
  TRY(read_root(request, here, arguments.positionals()[0]));
  if (request.kind == RootKind::Bundle) TRY(check_bundle(arguments));
  TRY(read_program(arguments, request));
  TRY(read_image(arguments, request));
  TRY(read_environment(arguments, request));
  TRY(read_mounts(arguments, here, request));
  TRY(read_security(arguments, here, request));
  TRY(read_limits(arguments, request));
  TRY(read_network(arguments, request));
  if (!request.workdir.empty() && request.workdir[0] != '/')
    return invalid(cat("--workdir ", quoted(request.workdir), " must be absolute"));
  TRY(read_container(arguments, here, request));
  request.store = arguments.value(kStore);
  request.readonly = arguments.has(kReadOnly);
  request.dry_run = arguments.has(kDryRun);
  return request;
}

}  // namespace wolffia::cli::user
