// SPDX-License-Identifier: Apache-2.0
#include "cli/user/run.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/outer_namespace.hpp"
#include "cli/user/config.hpp"
#include "cli/user/programs.hpp"
#include "sys/file.hpp"
#include "sys/memfd.hpp"
#include "sys/process.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {
namespace {

Result<std::string> make_id() {
  uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) return Error::last("getrandom");
  return cat("run-", bits);
}

Result<std::string> make_config(const RunRequest& request) {
  constexpr size_t kConfigLimit = 16 << 20;
  if (!request.is_bundle) return config_for_directory(request);
  const std::string path = cat(request.directory, "/config.json");
  std::string text = TRY(sys::read_file(sys::cwd(), path.c_str(), kConfigLimit), path);
  return config_for_bundle(request, std::move(text));
}

/// Without -i the program reads the end of file at once, as with podman.
Result<void> disconnect_input() {
  const sys::Fd null = TRY(sys::open_at(sys::cwd(), "/dev/null", O_RDONLY));
  return sys::place_at(null, STDIN_FILENO);
}

}  // namespace

Result<int> run(const Arguments& arguments) {
  const RunRequest request = TRY(make_request(arguments));
  const std::string runtime = TRY(find_program("wolffia-oci"));
  const std::string id = TRY(make_id());
  const std::string text = TRY(make_config(request));
  // In memory: whatever kills us, no file is left of it.
  const sys::Fd config = TRY(sys::inherited_memory_file("config.json", text));
  std::vector<std::string> argv{runtime,           "run",      "--bundle",
                                request.directory, "--config", cat("/proc/self/fd/", config.get())};
  if (request.dry_run) argv.emplace_back("--dry-run");
  argv.push_back(id);
  if (!request.interactive && !request.terminal) TRY(disconnect_input());
  if (request.is_bundle) return become(argv);  // it has its own say about user namespaces
  const OuterNamespace outer = TRY(plan_outer_namespace("wolffia"));
  return run_in_outer_namespace(outer, "wolffia", [&]() -> Result<int> { return become(argv); });
}

}  // namespace wolffia::cli::user
