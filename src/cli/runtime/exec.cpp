// SPDX-License-Identifier: Apache-2.0
#include "container/exec.hpp"

#include <charconv>

#include "base/quote.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "container/relay.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::runtime {
namespace {

constexpr size_t kProcessLimit = size_t{16} << 20U;  // as config.json: far above any real one

Error invalid(std::string what) {
  return Error::because(EINVAL, std::move(what));
}

/// A decimal id and nothing else, so that no form of -1, no overflow and no name can become root
/// (CVE-2016-3697 and its successors). The largest number means "no id" to the kernel.
Result<uint32_t> parse_id(std::string_view text, const Option& option) {
  uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, id);
  if (fault == std::errc() && stop == end && id != kNoId) return id;
  return invalid(
      cat("--", option.name, " takes ", option.value, " in numbers, not ", quoted(text)));
}

Result<void> read_user(const Arguments& arguments, container::ExecRequest& request) {
  const std::optional<std::string_view> user = arguments.find(kUser);
  if (!user) return {};
  const size_t colon = user->find(':');
  request.uid = TRY(parse_id(user->substr(0, colon), kUser));
  if (colon != std::string_view::npos) request.gid = TRY(parse_id(user->substr(colon + 1), kUser));
  return {};
}

Result<void> read_groups(const Arguments& arguments, container::ExecRequest& request) {
  for (const std::string& gid : arguments.list(kAdditionalGids))
    request.additional_gids.push_back(TRY(parse_id(gid, kAdditionalGids)));
  return {};
}

Result<void> read_environment(const Arguments& arguments, container::ExecRequest& request) {
  request.env = arguments.list(kEnv);
  for (const std::string& variable : request.env)
    if (const size_t equals = variable.find('='); equals == 0 || equals == std::string::npos)
      return invalid(cat("--env takes NAME=VALUE, not ", quoted(variable)));
  return {};
}

/// What to run: a command behind the id, or the process object of --process.
Result<void> read_program(const Arguments& arguments, container::ExecRequest& request) {
  const std::span<const std::string_view> command = arguments.positionals().subspan(1);
  const std::string file(arguments.value(kProcess));
  if (file.empty() && command.empty())
    return invalid("exec needs a command behind the id, or --process FILE");
  if (!file.empty() && !command.empty())
    return invalid("exec takes a command or --process FILE, not both");
  if (!file.empty())
    request.process_json = TRY(sys::read_file(sys::cwd(), file.c_str(), kProcessLimit),
                               "--process ", quoted_if_needed(file));
  request.args.assign(command.begin(), command.end());
  return {};
}

Result<container::ExecRequest> exec_request(const Invocation& call) {
  const Arguments& arguments = call.arguments;
  container::ExecRequest request;
  request.id = call.id();
  TRY(read_program(arguments, request));
  TRY(read_user(arguments, request));
  TRY(read_groups(arguments, request));
  TRY(read_environment(arguments, request));
  request.cwd = arguments.value(kCwd);
  if (!request.cwd.empty() && request.cwd[0] != '/')
    return invalid(cat("--cwd must be absolute, not ", quoted(request.cwd)));
  request.capabilities = arguments.list(kCap);
  request.apparmor = arguments.value(kApparmor);
  request.selinux = arguments.value(kProcessLabel);
  request.no_new_privileges = arguments.has(kNoNewPrivs);
  if (arguments.has(kTty)) request.terminal = true;
  request.ignore_paused = arguments.has(kIgnorePaused);
  request.cgroup = arguments.value(kCgroup);
  request.detach = arguments.has(kDetach);
  request.pid_file = arguments.value(kPidFile);
  request.console_socket = arguments.value(kConsoleSocket);
  request.pidfd_socket = arguments.value(kPidfdSocket);
  request.preserve_fds = TRY(preserved_fds(arguments));
  request.notify = call.notify();
  request.settled = [&call] { call.notices.settle(); };
  request.make_relay = container::relay_standard_streams;
  return request;
}

}  // namespace

Result<int> run_exec(const Invocation& call, int& failure) {
  failure = container::kExecFailed;
  const container::ExecRequest request = TRY(exec_request(call));
  const container::Store store = TRY(call.open_store());
  return container::exec(store, request, failure);
}

}  // namespace wolffia::cli::runtime
