// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/user/doctor/facts.hpp"

/// What can be wrong, as a table: one cause, one line that mends it, and what works meanwhile.
namespace wolffia::cli::user::doctor {

enum class Severity : uint8_t {
  Works,     // containers and images run as they should; something that nobody needs now is missing
  Degraded,  // containers run, with less than they could have
  Blocked,   // no container can run
};

/// A file that a fix needs.
struct File {
  std::string path, text;
};

/// What a look at the facts found; where words are empty those of the table serve.
struct Told {
  Severity severity = Severity::Degraded;
  std::string cause = {}, fix = {}, now = {};
  std::optional<File> file = {};
};

struct Check {
  std::string_view id;     // stable: scripts may ask for it
  std::string_view cause;  // in general; packaging/doc/DOCTOR.md holds this table
  std::string_view fix;
  std::string_view now;  // the mode that works meanwhile
  std::optional<Told> (*look)(const Facts& facts);
};

struct Finding {
  std::string_view id;
  Severity severity;
  std::string cause, fix, now;  // a line each
  std::optional<File> file;
};

std::span<const Check> checks();

/// Everything that is found: the worst first, else in the order of the table.
std::vector<Finding> diagnose(const Facts& facts);

/// False where a finding is Blocked.
bool can_run(std::span<const Finding> findings);

/// The AppArmor profile that lets the programs beside `executable` make user namespaces.
/// Source: apparmor.d(5), "Restricting unprivileged user namespaces".
std::string apparmor_profile(const std::string& executable);

/// Where `wolffia doctor --apparmor` is to be written.
inline constexpr std::string_view kAppArmorPath = "/etc/apparmor.d/wolffia";

/// `text` as one word of a shell's command line.
std::string shell_word(std::string_view text);

/// "1.5 GiB": for a person.
std::string size_words(uint64_t bytes);

}  // namespace wolffia::cli::user::doctor
