// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor.hpp"

#include "cli/output.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/doctor/gather.hpp"
#include "cli/user/doctor/report.hpp"
#include "launch/programs.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

/// Empty where our own program `name` can be started.
std::string why_missing(const std::string& name) {
  const auto found = launch::find_program(name);
  return found ? std::string() : found.error().message();
}

}  // namespace

Result<int> run_doctor(const Arguments& arguments) {
  if (arguments.has(kAppArmor)) {
    const std::string executable = TRY(sys::read_link("/proc/self/exe"));
    TRY(print(doctor::apparmor_profile(executable)));
    return 0;
  }
  const doctor::Facts facts =
      doctor::gather({.store = std::string(arguments.value(kStore)),
                      .runtime_missing = why_missing("wolffia-oci"),
                      .image_program_missing = why_missing("wolffia-image")});
  const std::vector<doctor::Finding> findings = doctor::diagnose(facts);
  TRY(print(arguments.has(kJson) ? doctor::to_json(facts, findings)
                                 : doctor::describe(facts, findings)));
  return doctor::can_run(findings) ? 0 : 1;
}

}  // namespace wolffia::cli::user
