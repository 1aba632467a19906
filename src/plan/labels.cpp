// SPDX-License-Identifier: Apache-2.0
#include "plan/labels.hpp"

#include <algorithm>
#include <array>

#include "base/quote.hpp"
#include "plan/parts.hpp"

/// Labels of SELinux and profiles of AppArmor. One that is asked for and cannot be had is an error:
/// the program would run with more rights than it was meant to have.
namespace wolffia::plan {
namespace {

constexpr std::string_view kContextType = "run.oci.mount_context_type";
constexpr std::array<std::string_view, 4> kContextTypes{"context", "fscontext", "defcontext",
                                                        "rootcontext"};

/// "unconfined" is how callers say that there is no profile.
bool names_profile(const std::string& profile) {
  return !profile.empty() && profile != "unconfined";
}

Error absent(std::string_view field, std::string_view module) {
  return Error::because(ENOTSUP, cat(field, " is given, but ", module,
                                     " is not enabled on this machine: leave it out"));
}

/// A line end would end the value where the kernel reads it.
Result<void> check_text(std::string_view field, const std::string& text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (std::none_of(text.begin(), text.end(), is_control)) return {};
  return Error::because(EINVAL, cat(field, " ", quoted(text), " must be one line"));
}

/// A queue's file system takes no such option. Source: runc's and crun's tables.
bool takes_context(const MountStep& step) {
  return step.kind == MountKind::Filesystem && step.type != "mqueue";
}

}  // namespace

bool names_labels(const oci::Process& process) {
  return names_profile(process.apparmor_profile) || !process.selinux_label.empty();
}

bool names_labels(const oci::Spec& spec) {
  return !spec.linux.mount_label.empty() || (spec.process && names_labels(*spec.process));
}

Result<SecurityLabels> plan_labels(const oci::Process& process, const SecurityModules& modules) {
  SecurityLabels labels;
  if (names_profile(process.apparmor_profile)) {
    if (!modules.apparmor) return absent("process.apparmorProfile", "AppArmor");
    labels.apparmor = process.apparmor_profile;
  }
  if (!process.selinux_label.empty()) {
    if (!modules.selinux) return absent("process.selinuxLabel", "SELinux");
    labels.selinux = process.selinux_label;
  }
  TRY(check_text("process.apparmorProfile", labels.apparmor));
  TRY(check_text("process.selinuxLabel", labels.selinux));
  return labels;
}

Result<void> label_mounts(const oci::Spec& spec, const SecurityModules& modules, Plan& plan) {
  const std::string& label = spec.linux.mount_label;
  const std::string* asked = spec.annotation(kContextType);
  const std::string type = asked ? *asked : std::string(kContextTypes.front());
  if (std::find(kContextTypes.begin(), kContextTypes.end(), type) == kContextTypes.end())
    return Error::because(EINVAL, cat("annotations ", kContextType,
                                      " must be context, fscontext, defcontext or rootcontext"));
  if (label.empty()) return {};
  if (!modules.selinux) return absent("linux.mountLabel", "SELinux");
  TRY(check_text("linux.mountLabel", label));
  for (MountStep& step : plan.mounts)
    if (takes_context(step)) step.data.push_back(cat(type, "=", label));
  return {};
}

}  // namespace wolffia::plan
