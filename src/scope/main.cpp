// SPDX-License-Identifier: Apache-2.0
/// wolffia-scope: brings one request of wolffia-oci to systemd, over sd-bus. A program of its own,
/// so that whoever asks nothing of systemd neither loads nor needs its library.
///
///   wolffia-scope user|system start NAME.scope PID [PROPERTY=VALUE…]
///   wolffia-scope user|system set NAME.scope PROPERTY=VALUE…
///   wolffia-scope user|system attach NAME.scope CGROUP PID
///
/// VALUE as parse_value() reads it. Status 0, or 1 and a sentence on standard error.
#include <cstdio>
#include <span>
#include <string_view>

#include "base/words.hpp"
#include "scope/manager.hpp"

namespace wolffia::scope {
namespace {

using Arguments = std::span<char* const>;

Error usage() {
  return Error::because(
      EINVAL,
      "wolffia-scope brings requests of wolffia-oci to systemd, and is started by that alone");
}

Result<pid_t> read_pid(std::string_view word) {
  pid_t pid = 0;
  if (!read_number(word, pid) || pid <= 0) return usage();
  return pid;
}

Result<std::vector<Property>> read_properties(Arguments words) {
  std::vector<Property> properties;
  for (const std::string_view word : words) {
    const size_t sign = word.find('=');
    if (sign == std::string_view::npos) return usage();
    const std::string name(word.substr(0, sign));
    properties.emplace_back(name, TRY(parse_value(word.substr(sign + 1)), "the property ", name));
  }
  return properties;
}

Result<void> perform(Arguments words) {
  if (words.size() < 4) return usage();
  const std::string_view whose = words[0], verb = words[1];
  const std::string name = words[2];
  if (whose != "user" && whose != "system") return usage();
  Arguments rest = words.subspan(3);
  if (verb == "attach" && rest.size() != 2) return usage();
  const auto instance = whose == "user" ? Instance::User : Instance::System;
  if (verb == "attach") {
    const pid_t pid = TRY(read_pid(rest[1]));
    return TRY(Manager::connect(instance)).attach(name, rest[0], pid);
  }
  pid_t pid = 0;
  if (verb == "start") {
    pid = TRY(read_pid(rest[0]));
    rest = rest.subspan(1);
  } else if (verb != "set") {
    return usage();
  }
  const auto properties = TRY(read_properties(rest));
  Manager manager = TRY(Manager::connect(instance));
  return pid != 0 ? manager.start(name, pid, properties) : manager.set(name, properties);
}

}  // namespace
}  // namespace wolffia::scope

int main(int argc, char** argv) {
  const auto count = static_cast<size_t>(argc > 0 ? argc - 1 : 0);
  const auto done = wolffia::scope::perform({argv + 1, count});
  if (done) return 0;
  (void)std::fprintf(stderr, "%s\n", done.error().message().c_str());
  return 1;
}
