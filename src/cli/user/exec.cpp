// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include "base/quote.hpp"
#include "cli/outer_namespace.hpp"
#include "cli/user/actions.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/inside.hpp"
#include "cli/user/options.hpp"
#include "cli/user/programs.hpp"
#include "cli/user/session.hpp"
#include "cli/user/values.hpp"
#include "container/identity.hpp"
#include "launch/programs.hpp"
#include "oci/convert_image.hpp"
#include "sys/file.hpp"
#include "sys/session.hpp"

/// exec and shell: a program in a container that runs.
namespace wolffia::cli::user {
namespace {

constexpr size_t kEnvFileLimit = 1 << 20;

Result<void> add_environment(const Arguments& arguments, std::vector<std::string>& argv) {
  for (const std::string& file : arguments.list(kEnvFile)) {
    const std::string text =
        TRY(sys::read_file(sys::cwd(), file.c_str(), kEnvFileLimit), "--env-file ", file);
    for (std::string& variable : TRY(parse_env_file(cat("--env-file ", file, ":"), text)))
      argv.insert(argv.end(), {"--env", std::move(variable)});
  }
  for (const std::string& text : arguments.list(kEnv))
    for (std::string& variable : TRY(parse_variable("--env", text)))
      argv.insert(argv.end(), {"--env", std::move(variable)});
  return {};
}

/// Names are those of the container's own files. Called in its user namespace.
Result<void> add_user(const Arguments& arguments, const Known& known,
                      std::vector<std::string>& argv) {
  const std::string_view text = arguments.value(kUser);
  if (text.empty()) return {};
  const std::string root = cat("/proc/", known.init.pid, "/root");
  const oci::User user = TRY(oci::resolve_user(text, TRY(read_user_tables(root))));
  argv.insert(argv.end(), {"--user", cat(user.uid, ":", user.gid)});
  for (const uint32_t gid : user.additional_gids)
    argv.insert(argv.end(), {"--additional-gids", cat(gid)});
  return {};
}

Result<void> disconnect_input() {
  const sys::Fd null = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDONLY));
  return sys::place_at(null, STDIN_FILENO);
}

/// The runtime takes our place: nobody of ours waits for it.
Result<int> exec_in(const Known& known, const Arguments& arguments, bool terminal,
                    const std::vector<std::string>& command) {
  std::vector<std::string> argv{TRY(launch::find_program("wolffia-oci"))};
  argv.insert(argv.end(),
              {"--failure-status", kFailureStatus, "--root", known.record.state_root, "exec"});
  TRY(add_environment(arguments, argv));
  TRY(join_user_namespace(known.init), "container ", known.record.id);
  TRY(add_user(arguments, known, argv));
  if (const auto directory = arguments.find(kWorkdir))
    argv.insert(argv.end(), {"--cwd", std::string(*directory)});
  if (terminal) argv.emplace_back("--tty");
  if (arguments.has(kDetach)) argv.emplace_back("--detach");
  if (!terminal && !arguments.has(kInteractive)) TRY(disconnect_input());
  argv.insert(argv.end(), {"--", known.record.id});
  argv.insert(argv.end(), command.begin(), command.end());
  return become(argv);
}

}  // namespace

Result<int> run_exec(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  TRY(expect_going(known));
  std::vector<std::string> command;
  for (const std::string_view word : arguments.positionals().subspan(1))
    command.emplace_back(word);
  return exec_in(known, arguments, arguments.has(kTty), command);
}

Result<int> run_shell(const Arguments& arguments) {
  const Session session = TRY(Session::open(arguments));
  const Known known = TRY(session.known(arguments));
  TRY(expect_going(known));
  return exec_in(known, arguments, true,
                 {"/bin/sh", "-c", "command -v bash >/dev/null && exec bash; exec sh"});
}

}  // namespace wolffia::cli::user
