// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

// runtime-spec config-linux.md, "Seccomp": one table per enumeration, in its order.
constexpr std::array<std::string_view, 9> kActions{
    "SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",  "SCMP_ACT_ERRNO",        "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW", "SCMP_ACT_LOG",          "SCMP_ACT_NOTIFY",
};
constexpr std::array<std::string_view, 20> kArchitectures{
    "SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",         "SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",        "SCMP_ARCH_S390X",
    "SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",     "SCMP_ARCH_LOONGARCH64",
};
constexpr std::array<std::string_view, 4> kFlags{
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};
constexpr std::array<std::string_view, 7> kOperators{
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
};

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
  return parse_word(field, kActions, "a seccomp action");
}

Result<std::string> parse_architecture(const json::Field& field) {
  return parse_word(field, kArchitectures, "a seccomp architecture");
}

Result<std::string> parse_flag(const json::Field& field) {
  return parse_word(field, kFlags, "a seccomp flag");
}

Result<SeccompArg> parse_arg(const json::Object& object) {
  SeccompArg arg{};
  // A system call has six arguments.
  arg.index = static_cast<uint32_t>(TRY(object.get_integer("index", 0, 5)));
  arg.value = TRY(object.get<uint64_t>("value"));
  TRY(object.read("valueTwo", arg.value_two));
  const json::Field op = TRY(object.get<json::Field>("op"));
  arg.op = TRY(parse_word(op, kOperators, "a seccomp comparison"));
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
  TRY(object.read_each("flags", seccomp.flags, parse_flag));
  TRY(object.read("listenerPath", seccomp.listener_path));
  TRY(object.read("listenerMetadata", seccomp.listener_metadata));
  // runtime-spec config-linux.md: listenerMetadata must not be set without listenerPath.
  if (seccomp.listener_path.empty() && !seccomp.listener_metadata.empty())
    return object.invalid("listenerMetadata", "needs listenerPath");
  TRY(object.read_each("syscalls", seccomp.syscalls, parse_rule));
  return seccomp;
}

}  // namespace wolffia::oci
