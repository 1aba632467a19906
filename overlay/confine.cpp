// SPDX-License-Identifier: Apache-2.0
#include "overlay/confine.hpp"

#include <linux/capability.h>

#include "base/words.hpp"
#include "sys/attributes.hpp"
#include "sys/caps.hpp"
#include "sys/file.hpp"

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

/// Whether our user namespace maps a single id.
/// Source: user_namespaces(7), "INSIDE OUTSIDE SIZE" lines.
Result<bool> has_one_id() {
  const std::string map = TRY(sys::read_file(sys::cwd(), "/proc/self/uid_map", 64 << 10));
  const std::string_view line = std::string_view(map).substr(0, map.find('\n'));
  return map.size() == line.size() + 1 && line.substr(line.rfind(' ') + 1) == "1";
}

Result<void> drop_capabilities() {
  const uint64_t held = TRY(sys::effective_capabilities());
  const uint64_t keep =
      TRY(has_one_id(), "/proc/self/uid_map") ? held & kServingOwn : held & kServing;
  if ((held & bit(CAP_SETPCAP)) != 0) TRY(sys::limit_bounding(keep));  // else EPERM
  TRY(sys::set_ambient(0));
  return sys::set_capabilities(keep, keep, 0);
}

struct Step {
  const char* name;
  Result<void> (*run)();
};

constexpr Step kSteps[] = {
    {"drop capabilities", drop_capabilities},
    {"forbid new privileges", sys::forbid_new_privileges},
    {"forbid system calls", forbid_system_calls},  // needs no_new_privs
};

}  // namespace

Result<void> confine() {
  for (const Step& step : kSteps)
    TRY(step.run(), "confine the daemon: ", step.name);
  return {};
}

}  // namespace wolffia::overlay
