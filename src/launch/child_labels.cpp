// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <array>

#include "launch/child.hpp"
#include "sys/file.hpp"

/// The label that the program gets when it is executed. Source: proc_pid_attr(5).
namespace wolffia::launch {
namespace {

/// AppArmor's own file came with Linux 5.8; before, modules had one in common.
constexpr std::array kAppArmorFiles{"thread-self/attr/apparmor/exec", "thread-self/attr/exec"};
constexpr const char* kSelinuxFile = "thread-self/attr/exec";

Result<sys::Fd> open_apparmor(const sys::Fd& proc) {
  auto own = sys::open_at(proc, kAppArmorFiles[0], O_WRONLY);
  if (own || !own.error().is(ENOENT)) return own;
  return sys::open_at(proc, kAppArmorFiles[1], O_WRONLY);
}

}  // namespace

// Since Linux 5.13 only who opened the file may write to it, with the credentials of then; and the
// host's /proc must be closed before anything is looked up that the bundle names.
Result<void> open_labels(Child& child) {
  const plan::SecurityLabels& labels = child.process.labels;
  const sys::Fd proc = std::move(child.host_proc());
  if (!labels.apparmor.empty())
    child.apparmor = TRY(open_apparmor(proc), "process.apparmorProfile");
  if (!labels.selinux.empty())
    child.selinux = TRY(sys::open_at(proc, kSelinuxFile, O_WRONLY), "process.selinuxLabel");
  return {};
}

Result<void> set_labels(Child& child) {
  const plan::SecurityLabels& labels = child.process.labels;
  if (child.apparmor)
    TRY(sys::write_all(child.apparmor, cat("exec ", labels.apparmor)), "process.apparmorProfile ",
        labels.apparmor);
  if (child.selinux)
    TRY(sys::write_all(child.selinux, labels.selinux), "process.selinuxLabel ", labels.selinux);
  return {};
}

}  // namespace wolffia::launch
