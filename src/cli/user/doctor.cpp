// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor.hpp"

#include "cli/output.hpp"
#include "cli/user/commands.hpp"
#include "cli/user/doctor/gather.hpp"
#include "cli/user/doctor/report.hpp"
#include "cli/user/programs.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {

Result<int> run_doctor(const Arguments& arguments) {
  if (arguments.has(kAppArmor)) {
    const std::string executable = TRY(sys::read_link("/proc/self/exe"));
    TRY(print(doctor::apparmor_profile(executable)));
    return 0;
  }
  constexpr const char* kRuntime = "wolffia-oci";
  const doctor::Facts facts =
      doctor::gather({.store = std::string(arguments.value(kStore)),
                      .missing_program = find_program(kRuntime) ? "" : kRuntime});
  const std::vector<doctor::Finding> findings = doctor::diagnose(facts);
  TRY(print(arguments.has(kJson) ? doctor::to_json(facts, findings)
                                 : doctor::describe(facts, findings)));
  return doctor::can_run(findings) ? 0 : 1;
}

}  // namespace wolffia::cli::user
