// SPDX-License-Identifier: Apache-2.0
#include "overlay/confine.hpp"

#include <fcntl.h>
#include <linux/capability.h>

#include "overlay/id_map.hpp"
#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"
#include "sys/landlock.hpp"

namespace wolffia::overlay {
namespace {

constexpr uint64_t bit(int capability) {
  return uint64_t{1} << capability;
}

/// Owners (CHOWN), files of others (DAC_*, FOWNER), their set-id bits and capabilities, and devices
/// where the daemon is the machine's root.
constexpr uint64_t kServing = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) |
                              bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_SETFCAP) | bit(CAP_MKNOD);

/// Where all files are ours anyway: root of a container reads its files whatever their mode is, and
/// a file of a lower layer, such as a shadow of mode 0000, cannot be given another one for that.
/// Capabilities of files are worth something in this namespace alone.
constexpr uint64_t kServingOwn = bit(CAP_DAC_OVERRIDE) | bit(CAP_SETFCAP);

/// What the root of the machine has to have to see opaque directories and whiteouts that the
/// kernel's overlayfs noted in trusted.overlay.*: else what was removed would be shown again. What
/// more it allows is not among the system calls that are left.
/// Source: xattr(7), "Trusted extended attributes".
constexpr uint64_t kServingMachine = kServing | bit(CAP_SYS_ADMIN);

uint64_t serving(const IdMap& ids) {
  if (ids.has_one()) return kServingOwn;
  return ids.has_all() ? kServingMachine : kServing;
}

Result<void> drop_capabilities() {
  const uint64_t held = TRY(sys::effective_capabilities());
  const uint64_t keep = held & serving(TRY(IdMap::read("/proc/self/uid_map")));
  if ((held & bit(CAP_SETPCAP)) != 0) TRY(sys::limit_bounding(keep));  // else EPERM
  TRY(sys::set_ambient(0));
  return sys::set_capabilities(keep, keep, 0);
}

#ifdef __SANITIZE_THREAD__  // which opens files of its own
constexpr bool kKeepsToLayers = false;
#else
constexpr bool kKeepsToLayers = true;
#endif

Result<void> keep_to(const Reachable& reachable) {
  auto rules = TRY(sys::FileRules::make());
  if (!rules || !kKeepsToLayers) return {};
  for (const sys::Fd* place : reachable.read)
    TRY(rules->grant(*place, sys::FileRules::Grant::Read));
  for (const sys::Fd* place : reachable.change)
    TRY(rules->grant(*place, sys::FileRules::Grant::Change));
  if (reachable.device) {
    const sys::Fd device = TRY(sys::open_at(sys::cwd(), reachable.device, O_PATH));
    TRY(rules->grant(device, sys::FileRules::Grant::Device), reachable.device);
  }
  return rules->enforce();
}

}  // namespace

Result<void> confine(const Reachable& reachable) {
  TRY(drop_capabilities(), "confine the daemon: drop capabilities");
  TRY(sys::forbid_new_privileges(), "confine the daemon: forbid new privileges");
  TRY(keep_to(reachable), "confine the daemon: keep to the layers");      // needs no_new_privs
  TRY(forbid_system_calls(), "confine the daemon: forbid system calls");  // likewise
  return {};
}

}  // namespace wolffia::overlay
