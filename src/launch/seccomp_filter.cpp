// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_filter.hpp"

#include <seccomp.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include "launch/seccomp_abi.hpp"
#include "launch/seccomp_prologue.hpp"
#include "plan/seccomp.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

struct Release {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

Error library_error(int code, std::string_view doing) {
  return Error::because(-code, cat("libseccomp could not ", doing, ": ", strerrordesc_np(-code)));
}

/// What libseccomp calls the system call: its native number, or a negative one of its own where
/// other architectures have it. None: it does not know the name.
std::optional<int> library_number(std::string_view name) {
  const int number = ::seccomp_syscall_resolve_name(std::string(name).c_str());
  if (number == __NR_SCMP_ERROR) return {};
  return number;
}

/// The numbers of one ABI's system calls.
class CallNumbers {
 public:
  explicit CallNumbers(const AbiFacts& abi) : abi_(abi) {
    if (number_of_library("socketcall") >= 0) find_direct();
  }
  const AbiFacts& abi() const { return abi_; }

  /// The number of the system call `name`; none where the ABI has no such call of its own.
  std::optional<uint32_t> find(std::string_view name) const {
    const int number = number_of_library(name);
    if (number >= 0) return static_cast<uint32_t>(number);
    if (number != __NR_SCMP_ERROR) {
      const auto direct = direct_.find(name);
      return direct == direct_.end() ? std::nullopt : std::optional(direct->second);
    }
    const auto newer = newer_call(name);
    if (!newer) return {};
    return abi_.first_number + *newer;
  }

 private:
  int number_of_library(std::string_view name) const {
    return ::seccomp_syscall_resolve_name_arch(abi_.token, std::string(name).c_str());
  }
  // To libseccomp socket(2) is only a name for a part of socketcall(2) where there is such a call,
  // but since Linux 4.3 it is a call as well. Asked by number libseccomp tells.
  void find_direct() {
    constexpr uint32_t kLast = 402;  // msgctl, Linux 5.1
    for (uint32_t i = abi_.first_socket; i <= abi_.first_number + kLast; ++i) {
      const std::unique_ptr<char, decltype(&std::free)> name(
          ::seccomp_syscall_resolve_num_arch(abi_.token, static_cast<int>(i)), &std::free);
      if (name && number_of_library(name.get()) < __NR_SCMP_ERROR) direct_.emplace(name.get(), i);
    }
  }

  const AbiFacts& abi_;
  std::map<std::string, uint32_t, std::less<>> direct_;
};

/// All that the profile says about one system call.
struct Call {
  std::optional<uint32_t> always;  // the rule without tests
  std::vector<const plan::FilterRule*> tested;
};
using Calls = std::map<std::string_view, Call>;

Calls collect_calls(const plan::FilterPolicy& policy) {
  Calls calls;
  for (const plan::FilterRule& rule : policy.rules) {
    for (const std::string& name : rule.names) {
      Call& call = calls[name];
      if (!rule.tests.empty()) {
        call.tested.push_back(&rule);
      } else if (!call.always && rule.action != policy.default_action) {
        // The first wins, and one that repeats the default says nothing: as runc and libseccomp.
        call.always = rule.action;
      }
    }
  }
  return calls;
}

/// The ABIs of the filter: the native one and those listed, but for what this CPU can't run.
Result<std::vector<const AbiFacts*>> add_architectures(void* context,
                                                       const std::vector<std::string>& names) {
  const AbiFacts* native = find_abi(::seccomp_arch_native());
  if (!native) return Error::because(ENOTSUP, "linux.seccomp: this CPU is not the specification's");
  std::vector<const AbiFacts*> abis = {native};
  for (size_t i = 0; i < names.size(); ++i) {
    const AbiFacts* abi = find_abi(std::string_view(names[i]));
    if (!abi)
      return Error::because(EINVAL,
                            cat("linux.seccomp.architectures[", i, "]: unknown ", names[i]));
    if (std::find(abis.begin(), abis.end(), abi) != abis.end()) continue;
    const int added = ::seccomp_arch_add(context, abi->token);
    // Of the other byte order, or newer than this libseccomp: not this CPU's.
    if (added == -EDOM || added == -EINVAL) continue;
    if (added < 0) return library_error(added, cat("add ", names[i]));
    abis.push_back(abi);
  }
  return abis;
}

/// The rules without tests, which libseccomp turns into one search tree for each architecture.
Result<void> add_rules(void* context, const Calls& calls) {
  for (const auto& [name, call] : calls) {
    if (!call.always || !call.tested.empty()) continue;
    const auto number = library_number(name);
    if (!number) continue;
    const int added = ::seccomp_rule_add(context, *call.always, *number, 0);
    if (added < 0 && added != -EEXIST) return library_error(added, cat("add a rule for ", name));
  }
  return {};
}

/// The rules of one call on one ABI, the strictest first.
CallRules call_rules(std::string_view name, const Call& call, const AbiFacts& abi,
                     uint32_t default_action) {
  CallRules rules{.number = 0, .rules = {}, .otherwise = call.always.value_or(default_action)};
  for (const plan::FilterRule* rule : call.tested) {
    // What the call leads to anyway is as strict.
    if (call.always && plan::permissiveness(rule->action) >= plan::permissiveness(*call.always))
      continue;
    CallRule made{.tests = {}, .action = rule->action};
    for (const plan::ArgTest& test : rule->tests)
      made.tests.push_back({test, plan::argument_bits(name, test.index, abi.width)});
    rules.rules.push_back(std::move(made));
  }
  std::stable_sort(rules.rules.begin(), rules.rules.end(),
                   [](const CallRule& a, const CallRule& b) {
                     return plan::permissiveness(a.action) < plan::permissiveness(b.action);
                   });
  return rules;
}

/// What a call may lead to at worst, where its arguments can't be seen.
uint32_t strictest(const Call& call, uint32_t default_action) {
  uint32_t action = call.always.value_or(default_action);
  for (const plan::FilterRule* rule : call.tested) {
    if (plan::permissiveness(rule->action) < plan::permissiveness(action)) action = rule->action;
  }
  return action;
}

/// socketcall(2) and ipc(2) of 32-bit ABIs hide the arguments of the calls they stand for behind a
/// pointer. Where a profile tests those arguments and says nothing of the multiplexer itself, the
/// strictest of the rules answers: otherwise `int 0x80` would go around them (CVE-2026-31431).
std::vector<CallRules> multiplexed_rules(const Calls& calls, const CallNumbers& numbers,
                                         uint32_t default_action) {
  std::vector<CallRules> all;
  for (const Multiplexer& multiplexer : multiplexers()) {
    const auto number = numbers.find(multiplexer.name);
    if (!number || calls.contains(multiplexer.name)) continue;
    CallRules rules{.number = *number, .rules = {}, .otherwise = {}};
    for (const Multiplexed& part : multiplexer.calls) {
      const auto call = calls.find(part.name);
      if (call == calls.end() || call->second.tested.empty()) continue;
      const plan::ArgTest test{0, plan::Compare::Eq, part.value};
      rules.rules.push_back({{{test, multiplexer.bits}}, strictest(call->second, default_action)});
    }
    if (!rules.rules.empty()) all.push_back(std::move(rules));
  }
  return all;
}

AbiRules abi_rules(const Calls& calls, const CallNumbers& numbers, uint32_t default_action) {
  const AbiFacts& abi = numbers.abi();
  AbiRules rules{.audit_arch = abi.audit_arch,
                 .x32 = abi.x32,
                 .newest = {},
                 .private_numbers = abi.private_numbers,
                 .calls = {}};
  std::optional<uint32_t> newest;
  for (const auto& [name, call] : calls) {
    const auto number = numbers.find(name);
    if (!number) continue;
    if (*number < abi.private_numbers) newest = std::max(newest.value_or(0), *number);
    // Without tests it is libseccomp's, if that knows the name.
    const bool ours = !call.tested.empty() || (call.always && !library_number(name));
    if (!ours) continue;
    rules.calls.push_back(call_rules(name, call, abi, default_action));
    rules.calls.back().number = *number;
  }
  for (CallRules& more : multiplexed_rules(calls, numbers, default_action))
    rules.calls.push_back(std::move(more));
  // Programs probe for new system calls and fall back on ENOSYS alone. Where the default lets
  // calls happen the kernel says ENOSYS itself; where it is ENOSYS nothing is to do.
  const bool hides_newer =
      !plan::lets_happen(default_action) && default_action != SCMP_ACT_ERRNO(ENOSYS);
  if (hides_newer) rules.newest = newest;
  return rules;
}

/// libseccomp's program for what was added to `context`.
Result<std::vector<sock_filter>> export_program(void* context) {
  const sys::Fd file = TRY(sys::memory_file("seccomp"));
  if (const int done = ::seccomp_export_bpf(context, file.get()); done < 0)
    return library_error(done, "compile the filter");
  TRY(sys::rewind(file));
  const std::string bytes = TRY(sys::read_all(file, BPF_MAXINSNS * sizeof(sock_filter) * 4));
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), program.size() * sizeof(sock_filter));
  return program;
}

Result<Context> open_context(const plan::FilterPolicy& policy) {
  // Otherwise libseccomp asks the running kernel which actions it may use: nine system calls, and
  // a program that depends on more than the section. Level 3 has all the actions but
  // for notifications, Linux 4.14; level 5 has those, Linux 5.0.
  ::seccomp_api_set(policy.notifies ? 5 : 3);
  Context context(::seccomp_init(policy.default_action));
  if (!context) return Error::because(ENOMEM, "libseccomp could not make a filter");
  // A search tree: a call finds its rule, and the kernel checks the program, in a tenth of the
  // steps of a list. Source: seccomp_attr_set(3).
  if (const int set = ::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2); set < 0)
    return library_error(set, "choose a search tree");
  return context;
}

}  // namespace

Result<Filter> compile_filter(const oci::Seccomp& section) {
  const plan::FilterPolicy policy = TRY(plan::read_policy(section));
  const Context context = TRY(open_context(policy));
  const auto abis = TRY(add_architectures(context.get(), section.architectures));
  const Calls calls = collect_calls(policy);
  TRY(add_rules(context.get(), calls));

  std::vector<AbiRules> prologue;
  prologue.reserve(abis.size());
  for (const AbiFacts* abi : abis)
    prologue.push_back(abi_rules(calls, CallNumbers(*abi), policy.default_action));
  Filter filter{.program = build_prologue(prologue), .flags = policy.flags};
  const std::vector<sock_filter> rest = TRY(export_program(context.get()));
  filter.program.insert(filter.program.end(), rest.begin(), rest.end());
  if (filter.program.size() > BPF_MAXINSNS)
    return Error::because(EINVAL,
                          cat("linux.seccomp.syscalls: the filter has ", filter.program.size(),
                              " instructions, the kernel takes ", BPF_MAXINSNS));
  return filter;
}

std::string libseccomp_version() {
  const scmp_version* version = ::seccomp_version();
  return cat(version->major, ".", version->minor, ".", version->micro);
}

}  // namespace wolffia::launch
