// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The probe runs as a container's program and tells whether what it finds there is what the
/// bundle promised. It is linked statically and shares no code with the runtime it judges.
namespace probe {

/// What the test expects, from the command line: "NAME=VALUE".
class Expected {
 public:
  explicit Expected(std::span<char* const> arguments);
  /// The value given for `name`, else `fallback`.
  std::string get(const std::string& name, const std::string& fallback = "") const;
  /// The same split at commas; an empty value has no parts.
  std::vector<std::string> list(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

/// A claim that can be checked from inside: `check` returns an empty string where it holds, else
/// what was found instead.
struct Fact {
  const char* name;
  std::string (*check)(const Expected&);
};

std::span<const Fact> identity_facts();  // ids, capabilities, seccomp
std::span<const Fact> process_facts();   // signals, descriptors, environment, limits
std::span<const Fact> file_facts();      // root, mounts, masks, devices
std::span<const Fact> system_facts();    // namespaces, network, keyring, cgroups
std::span<const Fact> profile_facts();   // what `wolffia run` refuses by default

// What the facts share.
std::string read_file(const std::string& path);  // empty where it cannot be read
std::string link_target(const std::string& path);
std::vector<std::string> split(std::string_view text, char separator);
std::set<std::string> entries(const std::string& directory);  // without "." and ".."
/// The value of a line "NAME:\tVALUE" of /proc/self/status.
std::string status_field(std::string_view name);
/// Empty where the two are equal, else "is FOUND, not WANTED".
std::string differs(const std::string& found, const std::string& wanted);

/// One line of /proc/self/mountinfo.
struct MountLine {
  std::string root, target, options, optional_fields, type, source;
};
std::vector<MountLine> mounts();
bool has_option(const MountLine& mount, std::string_view option);

}  // namespace probe
