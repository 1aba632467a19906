// SPDX-License-Identifier: Apache-2.0
#include "plan/seccomp.hpp"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>

// Linux 5.19; Debian 12's headers have it, older ones need not.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace wolffia::plan {
namespace {

// The errno field of an action has 16 bits, but the kernel takes a larger value than MAX_ERRNO
// for MAX_ERRNO: include/linux/err.h.
constexpr uint32_t kMaxErrno = 4095;
constexpr uint32_t kMaxTraceData = 0xffff;

struct Action {
  std::string_view name;
  uint32_t value;
  uint32_t max_data;  // 0: errnoRet must not be given
};

// runtime-spec config-linux.md, "Seccomp", in its order.
constexpr std::array kActions{
    Action{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, 0},
    Action{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, 0},
    Action{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, 0},
    Action{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP, 0},
    Action{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, kMaxErrno},
    Action{"SCMP_ACT_TRACE", SECCOMP_RET_TRACE, kMaxTraceData},
    Action{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, 0},
    Action{"SCMP_ACT_LOG", SECCOMP_RET_LOG, 0},
    Action{"SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, 0},
};

struct Operator {
  std::string_view name;
  Compare compare;
};
constexpr std::array kOperators{
    Operator{"SCMP_CMP_NE", Compare::Ne},
    Operator{"SCMP_CMP_LT", Compare::Lt},
    Operator{"SCMP_CMP_LE", Compare::Le},
    Operator{"SCMP_CMP_EQ", Compare::Eq},
    Operator{"SCMP_CMP_GE", Compare::Ge},
    Operator{"SCMP_CMP_GT", Compare::Gt},
    Operator{"SCMP_CMP_MASKED_EQ", Compare::MaskedEq},
};

struct Flag {
  std::string_view name;
  unsigned value;
};
constexpr std::array kFlags{
    Flag{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    Flag{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    Flag{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    Flag{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

template <size_t N, class Row>
const Row* find(const std::array<Row, N>& table, std::string_view name) {
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const Row& candidate) { return candidate.name == name; });
  return row == table.end() ? nullptr : &*row;
}

/// An action as written: its word, its errno, and where they stand ("linux.seccomp.syscalls[2].").
struct WrittenAction {
  std::string_view word;
  const std::optional<uint32_t>& data;
  std::string word_field, data_field;
};

Result<uint32_t> read_action(const WrittenAction& written) {
  const Action* action = find(kActions, written.word);
  if (!action)
    return Error::because(EINVAL, cat(written.word_field, ": unknown action ", written.word));
  if (!written.data) return action->value | (action->max_data > 0 ? EPERM : 0U);
  // "When the action doesn't support an errno, the runtime MUST print and error and fail."
  if (action->max_data == 0)
    return Error::because(EINVAL, cat(written.data_field, ": ", written.word, " takes no errno"));
  // A larger value would spill into the action itself, or be cut to another errno.
  if (*written.data > action->max_data)
    return Error::because(EINVAL, cat(written.data_field, " must be at most ", action->max_data));
  return action->value | *written.data;
}

/// For seccomp(2).
Result<unsigned> read_flags(const oci::Seccomp& section) {
  // As runc 1.2 and crun do: before Linux 5.16 a filter without it slows the program down by the
  // mitigation of speculative store bypass.
  if (!section.flags) return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  unsigned flags = 0;
  for (size_t i = 0; i < section.flags->size(); ++i) {
    const std::string& name = (*section.flags)[i];
    const Flag* flag = find(kFlags, name);
    if (!flag) return Error::because(EINVAL, cat("linux.seccomp.flags[", i, "]: unknown ", name));
    flags |= flag->value;
  }
  return flags;
}

/// The kernel gives a listener to one thread's filter, and takes the flag about receiving
/// notifications from a filter with a listener only. Source: seccomp_set_mode_filter() in
/// kernel/seccomp.c.
unsigned flags_with_listener(unsigned flags, bool notifies) {
  constexpr auto kTsync = static_cast<unsigned>(SECCOMP_FILTER_FLAG_TSYNC);
  if (notifies) return (flags & ~kTsync) | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return flags & ~static_cast<unsigned>(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

Result<ArgTest> read_test(const oci::SeccompArg& arg) {
  const Operator* op = find(kOperators, arg.op);
  if (!op) return Error::because(EINVAL, cat("unknown comparison ", arg.op));
  if (arg.index > 5) return Error::because(EINVAL, "a system call has arguments 0 to 5");
  // MASKED_EQ compares `argument & value` with valueTwo.
  if (op->compare == Compare::MaskedEq)
    return ArgTest{arg.index, op->compare, arg.value_two, arg.value};
  return ArgTest{arg.index, op->compare, arg.value};
}

bool tests_one_argument_twice(std::span<const ArgTest> tests) {
  unsigned seen = 0;
  for (const ArgTest& test : tests) {
    if (seen & (1U << test.index)) return true;
    seen |= 1U << test.index;
  }
  return false;
}

/// The new process hands the listener over with sendmsg(2), before there is anybody to answer; with
/// write(2) runtimes tell why a program cannot be executed.
Result<void> check_notifying(const oci::SeccompRule& entry, const std::string& field) {
  for (const std::string_view call : {"sendmsg", "write"})
    if (std::find(entry.names.begin(), entry.names.end(), call) != entry.names.end())
      return Error::because(EINVAL,
                            cat(field, ".action: SCMP_ACT_NOTIFY cannot be used for the ", call,
                                " system call, which starting a process takes: ", "leave it out"));
  return {};
}

bool notifies(const FilterRule& rule) {
  return rule.action == SECCOMP_RET_USER_NOTIF;
}

Result<void> read_rule(const oci::SeccompRule& entry, size_t index, FilterPolicy& policy) {
  const std::string field = cat("linux.seccomp.syscalls[", index, "]");
  const uint32_t action = TRY(
      read_action({entry.action, entry.errno_ret, cat(field, ".action"), cat(field, ".errnoRet")}));
  if (action == SECCOMP_RET_USER_NOTIF) TRY(check_notifying(entry, field));
  std::vector<ArgTest> tests;
  for (size_t i = 0; i < entry.args.size(); ++i)
    tests.push_back(TRY(read_test(entry.args[i]), field, ".args[", i, "]"));

  if (!tests_one_argument_twice(tests)) {
    policy.rules.push_back({entry.names, action, std::move(tests)});
    return {};
  }
  for (const ArgTest& test : tests)
    policy.rules.push_back({entry.names, action, {test}});
  return {};
}

}  // namespace

unsigned flags_for(std::string_view name) {
  const Flag* flag = find(kFlags, name);
  if (!flag) return 0;
  // The kernel takes it from a filter with a listener only.
  constexpr unsigned kAboutListeners = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return flag->value == kAboutListeners ? kAboutListeners | SECCOMP_FILTER_FLAG_NEW_LISTENER
                                        : flag->value;
}

Result<void> check_execve(const oci::Seccomp& section) {
  const auto denies = [](std::string_view word) {
    const Action* action = find(kActions, word);
    return action && action->value != SECCOMP_RET_USER_NOTIF && !lets_happen(action->value);
  };
  if (!denies(section.default_action)) return {};
  for (const oci::SeccompRule& rule : section.syscalls) {
    const bool named =
        std::find(rule.names.begin(), rule.names.end(), "execve") != rule.names.end();
    if (named && !denies(rule.action)) return {};
  }
  return Error::because(EINVAL,
                        "linux.seccomp.syscalls must allow execve, or no program can be started");
}

bool lets_happen(uint32_t action) {
  return permissiveness(action) >= permissiveness(SECCOMP_RET_TRACE);
}

Result<FilterPolicy> read_policy(const oci::Seccomp& section) {
  FilterPolicy policy{};
  policy.default_action =
      TRY(read_action({section.default_action, section.default_errno_ret,
                       "linux.seccomp.defaultAction", "linux.seccomp.defaultErrnoRet"}));
  if (policy.default_action == SECCOMP_RET_USER_NOTIF)
    return Error::because(
        EINVAL,
        "linux.seccomp.defaultAction must not be SCMP_ACT_NOTIFY: name the system "
        "calls to be told of in syscalls");
  policy.flags = TRY(read_flags(section));
  for (size_t i = 0; i < section.syscalls.size(); ++i)
    TRY(read_rule(section.syscalls[i], i, policy));
  policy.notifies = std::any_of(policy.rules.begin(), policy.rules.end(), notifies);
  policy.flags = flags_with_listener(policy.flags, policy.notifies);
  if (policy.notifies && section.listener_path.empty())
    return Error::because(EINVAL,
                          "linux.seccomp.listenerPath must name the socket of whoever answers "
                          "SCMP_ACT_NOTIFY");
  return policy;
}

}  // namespace wolffia::plan
