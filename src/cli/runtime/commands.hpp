// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/notices.hpp"
#include "cli/option.hpp"
#include "container/create.hpp"
#include "container/store.hpp"

/// The commands of wolffia-oci: each turns a parsed command line into one call of `container`.
namespace wolffia::cli::runtime {

/// The newest runtime-spec this runtime knows, and the oldest.
inline constexpr const char* kSpecVersion = "1.3.0";
inline constexpr const char* kOldestSpecVersion = "1.0.0";

struct Invocation {
  const Arguments& arguments;
  Notices& notices;

  std::string id() const { return std::string(arguments.positionals().front()); }
  container::Notify notify() const;
  Result<container::Store> open_store() const;
};

/// The exit status of the command. After an error it is `failure`, which a command may change
/// from 1 to what its callers tell apart: 127 and 126 for the program of a container, 255 for exec.
Result<int> run_create(const Invocation& call, int& failure);
Result<int> run_start(const Invocation& call, int& failure);
Result<int> run_run(const Invocation& call, int& failure);
Result<int> run_exec(const Invocation& call, int& failure);
Result<int> run_kill(const Invocation& call, int& failure);
Result<int> run_delete(const Invocation& call, int& failure);
Result<int> run_state(const Invocation& call, int& failure);
Result<int> run_list(const Invocation& call, int& failure);
Result<int> run_ps(const Invocation& call, int& failure);
Result<int> run_pause(const Invocation& call, int& failure);
Result<int> run_resume(const Invocation& call, int& failure);
Result<int> run_update(const Invocation& call, int& failure);
Result<int> run_events(const Invocation& call, int& failure);
Result<int> run_spec(const Invocation& call, int& failure);
Result<int> run_features(const Invocation& call, int& failure);

Result<void> print_version();

/// What `spec` writes. With `rootless` it maps the caller's ids and shares the network.
struct SpecFor {
  bool rootless = false;
  uint32_t uid = 0;
  uint32_t gid = 0;
};
std::string default_config(const SpecFor& spec_for);

/// What `features` prints. Source: runtime-spec features.md and features-linux.md, 1.3.0.
std::string features_json();

/// The limits that the options of update ask for, as the object that its --resources takes: one
/// reader for both. Errors: EINVAL, naming the option.
Result<std::string> limits_of_update(const Arguments& arguments);

/// The heading of what ps(1) printed and its lines about one of `pids`, which ascend.
/// Errors: EINVAL when there is no column PID.
Result<std::string> filter_ps(std::string_view text, std::span<const pid_t> pids);

/// What create and run share: their options, and the caller's environment, as a request.
Result<container::CreateRequest> create_request(const Invocation& call);

/// The number of descriptors from 3 on that go into the container: what --preserve-fds says and,
/// for create and run, what sd_listen_fds(3) describes. Errors: EINVAL.
Result<uint32_t> preserved_fds(const Arguments& arguments);

/// Errors: EBADF when one of them is not open.
Result<void> check_preserved_fds(const Arguments& arguments);

}  // namespace wolffia::cli::runtime
