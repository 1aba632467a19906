// SPDX-License-Identifier: Apache-2.0
#include "oci/parse_parts.hpp"
#include "oci/seccomp_names.hpp"

namespace wolffia::oci {
namespace {

/// A filter's return value has 16 bits for it. Source: seccomp(2), SECCOMP_RET_DATA.
constexpr int64_t kMaxErrno = UINT16_MAX;

Result<std::string> parse_action(const json::Field& field) {
  return parse_word(field, kSeccompActions, "a seccomp action");
}

Result<std::string> parse_architecture(const json::Field& field) {
  return parse_word(field, kSeccompArchitectures, "a seccomp architecture");
}

Result<std::string> parse_flag(const json::Field& field) {
  return parse_word(field, kSeccompFlags, "a seccomp flag");
}

/// runtime-spec config-linux.md, "Seccomp": an errno beside an action that has none is an error.
Result<void> read_errno(const json::Object& object, std::string_view key, std::string_view action,
                        std::optional<uint32_t>& out) {
  TRY(object.read_integer(key, out, 0, kMaxErrno));
  if (out && action != "SCMP_ACT_ERRNO" && action != "SCMP_ACT_TRACE")
    return object.invalid(key, "needs the action SCMP_ACT_ERRNO or SCMP_ACT_TRACE");
  return {};
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
  TRY(read_errno(object, "errnoRet", rule.action, rule.errno_ret));
  TRY(object.read_each("args", rule.args, parse_arg));
  return rule;
}

}  // namespace

Result<Seccomp> parse_seccomp(const json::Object& object) {
  Seccomp seccomp;
  const json::Field action = TRY(object.get<json::Field>("defaultAction"));
  seccomp.default_action = TRY(parse_action(action));
  TRY(read_errno(object, "defaultErrnoRet", seccomp.default_action, seccomp.default_errno_ret));
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
