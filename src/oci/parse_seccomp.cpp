// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"
#include "oci/seccomp_names.hpp"

namespace wolffia::oci {
namespace {

/// The value of `field`, which must be a row of `table`: `what` ("a seccomp action").
template <size_t N>
Result<std::string> parse_word(const json::Field& field,
                               const std::array<std::string_view, N>& table,
                               std::string_view what) {
  std::string word = TRY(field.as<std::string>());
  if (std::find(table.begin(), table.end(), word) == table.end()) return not_a(field, what, word);
  return word;
}

Result<std::string> parse_action(const json::Field& field) {
  return parse_word(field, kSeccompActions, "a seccomp action");
}

Result<std::string> parse_architecture(const json::Field& field) {
  return parse_word(field, kSeccompArchitectures, "a seccomp architecture");
}

Result<std::string> parse_flag(const json::Field& field) {
  return parse_word(field, kSeccompFlags, "a seccomp flag");
}

Result<SeccompArg> parse_arg(const json::Object& object) {
  SeccompArg arg{};
  // A system call has six arguments.
  arg.index = static_cast<uint32_t>(TRY(object.get_integer("index", 0, 5)));
  arg.value = TRY(object.get<uint64_t>("value"));
  TRY(object.read("valueTwo", arg.value_two));
  const json::Field op = TRY(object.get<json::Field>("op"));
  arg.op = TRY(parse_word(op, kSeccompOperators, "a seccomp comparison"));
  return arg;
}

Result<SeccompRule> parse_rule(const json::Object& object) {
  SeccompRule rule;
  TRY(object.read("names", rule.names));
  if (rule.names.empty()) return object.invalid("names", "must name a system call");
  const json::Field action = TRY(object.get<json::Field>("action"));
  rule.action = TRY(parse_action(action));
  TRY(object.read("errnoRet", rule.errno_ret));
  TRY(object.read_each("args", rule.args, parse_arg));
  return rule;
}

}  // namespace

Result<Seccomp> parse_seccomp(const json::Object& object) {
  Seccomp seccomp;
  const json::Field action = TRY(object.get<json::Field>("defaultAction"));
  seccomp.default_action = TRY(parse_action(action));
  TRY(object.read("defaultErrnoRet", seccomp.default_errno_ret));
  TRY(object.read_each("architectures", seccomp.architectures, parse_architecture));
  if (object.find("flags")) {
    seccomp.flags.emplace();
    TRY(object.read_each("flags", *seccomp.flags, parse_flag));
  }
  TRY(object.read("listenerPath", seccomp.listener_path));
  TRY(object.read("listenerMetadata", seccomp.listener_metadata));
  // runtime-spec config-linux.md: listenerMetadata must not be set without listenerPath.
  if (seccomp.listener_path.empty() && !seccomp.listener_metadata.empty())
    return object.invalid("listenerMetadata", "needs listenerPath");
  TRY(object.read_each("syscalls", seccomp.syscalls, parse_rule));
  return seccomp;
}

}  // namespace wolffia::oci
