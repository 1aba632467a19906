// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "cli/user/doctor/ask.hpp"
#include "cli/user/doctor/facts.hpp"

/// The parts of gather(), each in the file of its subject.
namespace wolffia::cli::user::doctor {

/// The variable's value; empty where it is not set.
std::string variable(const char* name);

/// The text of a small file of /proc or /sys without its line's end; empty where there is none.
std::string line_of(const std::string& path);

Confinement gather_confinement();
Cgroups gather_cgroups();
Environment gather_environment(const plan::Host& host);
Transfers gather_transfers(const std::string& executable, std::chrono::milliseconds patience);

}  // namespace wolffia::cli::user::doctor
