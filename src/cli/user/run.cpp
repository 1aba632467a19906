// SPDX-License-Identifier: Apache-2.0
#include "cli/user/run.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/outer_namespace.hpp"
#include "cli/user/config.hpp"
#include "cli/user/foreground.hpp"
#include "cli/user/ground.hpp"
#include "cli/user/groups.hpp"
#include "cli/user/images.hpp"
#include "cli/user/limits.hpp"
#include "cli/user/programs.hpp"
#include "cli/user/supervisor.hpp"
#include "cli/user/tell.hpp"
#include "launch/programs.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/memfd.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kConfigLimit = 16 << 20;

Result<std::string> make_id() {
  uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) return Error::last("getrandom");
  return cat("run-", bits);
}

/// Without -i the program reads the end of file at once, as with podman.
Result<void> disconnect_input(const RunRequest& request) {
  if (request.interactive || request.terminal) return {};
  const sys::Fd null = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDONLY));
  return sys::place_at(null, STDIN_FILENO);
}

/// The runtime's command line with `text` as config.json: in memory, so that whatever kills us, no
/// file is left of it. `config` has to live until the runtime has started.
Result<std::vector<std::string>> runtime_command(const RunRequest& request,
                                                 const std::string& runtime,
                                                 const std::string& text, sys::Fd& config,
                                                 const LimitPlan& limits = {}) {
  const std::string id = TRY(make_id());
  config = TRY(sys::inherited_memory_file("config.json", text));
  std::vector<std::string> argv{
      runtime,    "--failure-status", kFailureStatus, "run",
      "--bundle", request.directory,  "--config",     cat("/proc/self/fd/", config.get())};
  if (limits.manager == plan::CgroupManager::Systemd) argv.insert(argv.begin() + 1, kBySystemd);
  if (request.dry_run) argv.emplace_back("--dry-run");
  argv.push_back(id);
  return argv;
}

/// A bundle has its own say about user namespaces.
Result<int> run_bundle(const RunRequest& request, const std::string& runtime) {
  const std::string path = cat(request.directory, "/config.json");
  std::string written = TRY(sys::read_file(sys::cwd(), path.c_str(), kConfigLimit), path);
  const std::string text = TRY(config_for_bundle(request, std::move(written)));
  sys::Fd config;
  return become(TRY(runtime_command(request, runtime, text, config)));
}

/// A plain directory in the foreground leaves nothing anywhere, and needs no store.
Result<int> run_directory(const RunRequest& request, const std::string& runtime) {
  const OuterNamespace outer = TRY(plan_outer_namespace());
  const Caller caller{sys::effective_uid(), sys::effective_gid()};
  tell_notices(outer, kName);
  tell_groups(request, outer);
  if (request.dry_run) TRY(print_outer(outer));
  return run_in_outer_namespace(outer, kName, [&]() -> Result<int> {
    const PreparedRoot root{.path = request.directory};
    const Ground ground = TRY(prepare_ground(request, nullptr, root, outer, caller));
    sys::Fd config;
    return become(TRY(runtime_command(request, runtime, config_for_root(request, ground), config,
                                      ground.limits)));
  });
}

bool needs_store(const RunRequest& request) {
  return request.kind == RootKind::Image || request.kind == RootKind::File || request.detach ||
         !request.name.empty() || request.timeout != 0 || !request.dns.empty() ||
         !request.dns_search.empty() || !request.hosts.empty() || !request.cidfile.empty() ||
         !request.labels.empty() || request.init || request.network == Network::Slirp ||
         !request.ports.empty() || !request.policy.is_empty();
}

}  // namespace

Result<int> start(Assembly& assembly) {
  if (!assembly.request.detach) return run_foreground(assembly);
  const int failure = TRY(run_detached(assembly));
  if (failure != 0) return failure;
  TRY(print(cat(assembly.record.id, "\n")));
  return 0;
}

Result<int> run(const Arguments& arguments) {
  const RunRequest request = TRY(make_request(arguments));
  const std::string runtime = TRY(launch::find_program("wolffia-oci"));
  const cgroup::Place place = place_for_limits(request, sys::effective_uid());
  for (const std::string& sentence : TRY(plan_limits(request, place)).sentences)
    tell(sentence);
  TRY(disconnect_input(request));
  if (request.kind == RootKind::Bundle) return run_bundle(request, runtime);
  if (!needs_store(request)) return run_directory(request, runtime);
  Assembly assembly = TRY(assemble(request, runtime, arguments.words()));
  return start(assembly);
}

}  // namespace wolffia::cli::user
