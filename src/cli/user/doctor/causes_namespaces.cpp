// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>

#include "base/quote.hpp"
#include "cli/user/doctor/causes.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using Outer = Confinement::Outer;

struct NamespaceStep {
  Step step;
  std::string_view name;
};
/// Those that every container has, whatever network it gets.
constexpr NamespaceStep kOtherNamespaces[] = {
    {Step::IpcNamespace, "ipc"},
    {Step::UtsNamespace, "uts"},
    {Step::CgroupNamespace, "cgroup"},
    {Step::PidNamespace, "pid"},
};

bool denied(int code) {
  return code == EPERM || code == EACCES;
}

/// The restriction is of programs without a profile; in a container around us we have that one's.
bool restricted_by_apparmor(const Facts& facts) {
  const Confinement& around = facts.confinement;
  return around.apparmor_restricts.value_or(0) != 0 && around.security_label.empty();
}

/// The kernel itself says no: which of its switches it was.
Refusal switch_of(const Facts& facts, int code) {
  const Confinement& around = facts.confinement;
  if (around.unprivileged_clone == 0U && code == EPERM) return Refusal::SwitchedOff;
  if (around.max_user_namespaces == 0U) return Refusal::LimitZero;
  if (code == ENOSPC || code == EUSERS) return Refusal::UsedUp;
  if (code == EAGAIN || code == ENOMEM) return Refusal::TooManyProcesses;
  if (code == ENOSYS || code == EINVAL) return Refusal::NotInKernel;
  return Refusal::None;
}

/// Somebody around us says no.
Refusal guard_of(const Facts& facts, int code) {
  const Confinement& around = facts.confinement;
  if (around.in_chroot) return Refusal::Chroot;
  // Security modules answer EACCES; filters what they like, by custom EPERM.
  if (around.seccomp_filtered && code == EPERM) return Refusal::Seccomp;
  if (restricted_by_apparmor(facts)) return Refusal::AppArmor;
  if (around.selinux_enforces) return Refusal::Selinux;
  if (around.seccomp_filtered) return Refusal::Seccomp;
  return Refusal::Unknown;
}

/// The first step in the new namespaces that is denied; 0: none.
int denied_inside(const Facts& facts) {
  for (const Step step : {Step::Maps, Step::PrivateMounts, Step::Tmpfs})
    if (denied(facts.trials[step])) return facts.trials[step];
  return 0;
}

Look blocked_when(const Facts& facts, Refusal reason) {
  if (refusal(facts) != reason) return std::nullopt;
  return Told{.severity = Severity::Blocked};
}

/// How the container around us is told to let containers be made in it.
std::string open_outer(Outer outer) {
  switch (outer) {
    case Outer::Docker:
      return "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
             "--security-opt systempaths=unconfined ...";
    case Outer::Podman:
      return "podman run --security-opt seccomp=unconfined --security-opt unmask=ALL ...";
    case Outer::Kubernetes:
      return "in the pod: securityContext: {seccompProfile: {type: Unconfined}, "
             "appArmorProfile: {type: Unconfined}, procMount: Unmasked}";
    case Outer::None:
    case Outer::Other:
      break;
  }
  return {};
}

/// The same for its /proc and /sys.
std::string unmask_outer(Outer outer) {
  switch (outer) {
    case Outer::Docker:
      return "docker run --security-opt systempaths=unconfined ...";
    case Outer::Podman:
      return "podman run --security-opt unmask=ALL ...";
    case Outer::Kubernetes:
      return "in the pod: securityContext: {procMount: Unmasked}";
    case Outer::None:
    case Outer::Other:
      break;
  }
  return {};
}

std::string kernel_words(int code) {
  return strerrordesc_np(code);
}

}  // namespace

Refusal refusal(const Facts& facts) {
  const int code = facts.trials[Step::UserNamespace];
  if (code > 0) {
    if (!facts.confinement.kernel_has_user_namespaces) return Refusal::NotInKernel;
    const Refusal by_switch = switch_of(facts, code);
    return by_switch != Refusal::None ? by_switch : guard_of(facts, code);
  }
  if (denied_inside(facts) == 0) return Refusal::None;
  // AppArmor's restriction lets the namespace be made and takes the rights in it.
  return restricted_by_apparmor(facts) ? Refusal::AppArmor : Refusal::Mounts;
}

Look not_in_kernel(const Facts& facts) {
  return blocked_when(facts, Refusal::NotInKernel);
}

Look switched_off(const Facts& facts) {
  return blocked_when(facts, Refusal::SwitchedOff);
}

Look limit_zero(const Facts& facts) {
  return blocked_when(facts, Refusal::LimitZero);
}

Look used_up(const Facts& facts) {
  return blocked_when(facts, Refusal::UsedUp);
}

Look too_many_processes(const Facts& facts) {
  return blocked_when(facts, Refusal::TooManyProcesses);
}

Look chroot(const Facts& facts) {
  return blocked_when(facts, Refusal::Chroot);
}

Look apparmor(const Facts& facts) {
  Look told = blocked_when(facts, Refusal::AppArmor);
  if (!told) return told;
  const std::string& program = facts.environment.executable;
  const std::string path(kAppArmorPath);
  told->fix = cat(shell_word(program), " doctor --apparmor | sudo tee ", path,
                  " && sudo apparmor_parser -r ", path);
  told->file = File{path, apparmor_profile(program)};
  return told;
}

Look selinux(const Facts& facts) {
  return blocked_when(facts, Refusal::Selinux);
}

Look seccomp(const Facts& facts) {
  Look told = blocked_when(facts, Refusal::Seccomp);
  if (told) told->fix = open_outer(facts.confinement.outer);
  return told;
}

Look mounts_refused(const Facts& facts) {
  Look told = blocked_when(facts, Refusal::Mounts);
  if (!told) return told;
  const std::string& label = facts.confinement.security_label;
  if (!label.empty())
    told->cause =
        cat("nothing can be mounted, not even in a namespace of ours: the security label ",
            quoted(label), " forbids it");
  told->fix = open_outer(facts.confinement.outer);
  return told;
}

Look refused(const Facts& facts) {
  Look told = blocked_when(facts, Refusal::Unknown);
  if (told)
    told->cause = cat("the kernel refuses user namespaces and does not say why: ",
                      kernel_words(facts.trials[Step::UserNamespace]));
  return told;
}

Look trial_silent(const Facts& facts) {
  // All comes in one answer: without it nothing is known but that there was a namespace to ask in.
  if (!facts.trials.works(Step::UserNamespace) || facts.trials[Step::Maps] != kNotTried)
    return std::nullopt;
  return Told{};
}

Look other_limit_zero(const Facts& facts) {
  const std::string& name = facts.confinement.zero_limit;
  if (name.empty() || name == "net") return std::nullopt;
  return Told{.severity = Severity::Blocked,
              .cause = cat("user.max_", name, "_namespaces is 0: nobody may make one"),
              .fix = cat("echo user.max_", name,
                         "_namespaces=15000 | sudo tee /etc/sysctl.d/90-wolffia.conf && "
                         "sudo sysctl --system")};
}

Look other_namespace_refused(const Facts& facts) {
  if (!facts.confinement.zero_limit.empty()) return std::nullopt;
  for (const NamespaceStep& row : kOtherNamespaces)
    if (facts.trials.fails(row.step))
      return Told{.severity = Severity::Blocked,
                  .cause = cat("no ", row.name,
                               " namespace can be made: ", kernel_words(facts.trials[row.step])),
                  .fix = open_outer(facts.confinement.outer)};
  return std::nullopt;
}

Look host_name_refused(const Facts& facts) {
  if (!facts.trials.fails(Step::HostName)) return std::nullopt;
  return Told{.severity = Severity::Works, .fix = open_outer(facts.confinement.outer)};
}

Look no_network_namespace(const Facts& facts) {
  if (!facts.trials.fails(Step::NetNamespace)) return std::nullopt;
  if (facts.confinement.zero_limit == "net")
    return Told{.cause = "user.max_net_namespaces is 0: nobody may make one",
                .fix =
                    "echo user.max_net_namespaces=15000 | sudo tee "
                    "/etc/sysctl.d/90-wolffia.conf && sudo sysctl --system"};
  return Told{.cause = cat("no network namespace can be made: ",
                           kernel_words(facts.trials[Step::NetNamespace])),
              .fix = open_outer(facts.confinement.outer)};
}

Look no_proc(const Facts& facts) {
  if (facts.confinement.proc_mounted) return std::nullopt;
  return Told{.severity = Severity::Blocked};
}

Look masked_proc(const Facts& facts) {
  if (!facts.trials.fails(Step::Proc)) return std::nullopt;
  Told told;
  const std::vector<std::string>& covers = facts.confinement.covered_proc;
  if (!covers.empty())
    told.cause = cat("parts of /proc are covered (", printable(covers.front()),
                     covers.size() > 1 ? ", ..." : "",
                     "): the kernel then gives no container a /proc of its own");
  told.fix = unmask_outer(facts.confinement.outer);
  return told;
}

Look masked_sys(const Facts& facts) {
  if (!facts.trials.fails(Step::Sysfs)) return std::nullopt;
  return Told{.severity = Severity::Works, .fix = unmask_outer(facts.confinement.outer)};
}

}  // namespace wolffia::cli::user::doctor
