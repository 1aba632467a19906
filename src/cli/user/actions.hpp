// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "cli/option.hpp"

/// The commands beside `run`: each returns the exit status.
namespace wolffia::cli::user {

Result<int> run_attach(const Arguments& arguments);
Result<int> run_commit(const Arguments& arguments);
Result<int> run_completion(const Arguments& arguments);
Result<int> run_cp(const Arguments& arguments);
Result<int> run_diff(const Arguments& arguments);
Result<int> run_exec(const Arguments& arguments);
Result<int> run_explain(const Arguments& arguments);
Result<int> run_export(const Arguments& arguments);
Result<int> run_gc(const Arguments& arguments);
Result<int> run_history(const Arguments& arguments);
Result<int> run_images(const Arguments& arguments);
Result<int> run_inspect(const Arguments& arguments);
Result<int> run_kill(const Arguments& arguments);
Result<int> run_logs(const Arguments& arguments);
Result<int> run_pause(const Arguments& arguments);
Result<int> run_port(const Arguments& arguments);
Result<int> run_ps(const Arguments& arguments);
Result<int> run_rename(const Arguments& arguments);
Result<int> run_rm(const Arguments& arguments);
Result<int> run_rmi(const Arguments& arguments);
Result<int> run_shell(const Arguments& arguments);
Result<int> run_start(const Arguments& arguments);
Result<int> run_stats(const Arguments& arguments);
Result<int> run_stop(const Arguments& arguments);
Result<int> run_tag(const Arguments& arguments);
Result<int> run_top(const Arguments& arguments);
Result<int> run_unpause(const Arguments& arguments);
Result<int> run_update(const Arguments& arguments);
Result<int> run_version(const Arguments& arguments);
Result<int> run_wait(const Arguments& arguments);

}  // namespace wolffia::cli::user
