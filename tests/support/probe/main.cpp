// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <span>

#include "probe.hpp"

namespace {

using probe::Expected;
using probe::Fact;

using Facts = std::span<const Fact>;

/// Prints one line of TAP for each fact; returns how many do not hold.
int check_all(const Expected& expected, std::initializer_list<Facts> all) {
  int number = 0;
  int failed = 0;
  for (const Facts facts : all) {
    for (const Fact& fact : facts) {
      const std::string wrong = fact.check(expected);
      failed += wrong.empty() ? 0 : 1;
      std::printf("%s %d - %s%s%s\n", wrong.empty() ? "ok" : "not ok", ++number, fact.name,
                  wrong.empty() ? "" : ": ", wrong.c_str());
    }
  }
  std::printf("1..%d\n# %d passed, %d failed\n", number, number - failed, failed);
  return failed;
}

/// What must hold in every container that was started at all, however its start was disturbed.
/// These are the names of the facts above.
constexpr const char* kSecurity[] = {
    "inheritable capabilities",
    "permitted capabilities",
    "effective capabilities",
    "bounding capabilities",
    "ambient capabilities",
    "no_new_privs is set",
    "seccomp filters",
    "all four uids are the user's",
    "only descriptors 0 to 2 are open",
    "the working directory is inside",
    "the root has nothing above it",
    "the mounts are the bundle's, no host mount is visible",
    "masked paths are empty",
    "read-only paths cannot be written",
    "no cgroup is writable",
    "no namespace is the host's",
    "hostname",
    "only lo is visible",
    "no key of the caller can be found",
    "limit of open files",
    "environment is exact",
};

/// Prints "safe", or a line "VIOLATION: …" for each fact that does not hold.
int check_security(const Expected& expected) {
  int failed = 0;
  for (const auto facts : {probe::identity_facts(), probe::process_facts(), probe::file_facts(),
                           probe::system_facts()}) {
    for (const Fact& fact : facts) {
      for (const char* name : kSecurity) {
        if (std::strcmp(name, fact.name) != 0) continue;
        const std::string wrong = fact.check(expected);
        if (wrong.empty()) continue;
        ++failed;
        std::printf("VIOLATION: %s: %s\n", fact.name, wrong.c_str());
      }
    }
  }
  if (failed == 0) std::puts("safe");
  return failed;
}

}  // namespace

/// usage: probe facts|default|security NAME=VALUE…
int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  if (argc < 2) return 2;
  const Expected expected({argv + 2, static_cast<size_t>(argc - 2)});
  const std::initializer_list<Facts> facts = {probe::identity_facts(), probe::process_facts(),
                                              probe::file_facts(), probe::system_facts()};
  if (std::strcmp(argv[1], "facts") == 0) return check_all(expected, facts) == 0 ? 0 : 1;
  if (std::strcmp(argv[1], "default") == 0)
    return check_all(expected, facts) + check_all(expected, {probe::profile_facts()}) == 0 ? 0 : 1;
  if (std::strcmp(argv[1], "security") == 0) return check_security(expected) == 0 ? 0 : 1;
  std::fprintf(stderr, "probe: unknown mode %s\n", argv[1]);
  return 2;
}
