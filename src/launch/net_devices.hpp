// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/interface.hpp"
#include "sys/namespace.hpp"

/// Network devices that come into a container. What becomes of them when the container ends is the
/// kernel's: virtual ones go with the namespace, others return to the machine's.
/// Source: runtime-spec config-linux.md, "Network Devices"; network_namespaces(7).
namespace wolffia::launch {

/// A device of our own network namespace, and what it would lose on its way out of it.
struct NetDevice {
  oci::NetDevice names;
  int index = 0;
  std::vector<sys::InterfaceAddress> addresses;
};

/// Errors: ENODEV for a device that is not there.
Result<std::vector<NetDevice>> find_net_devices(const std::vector<oci::NetDevice>& wanted);

/// Moves them, gives them their addresses again and brings them up. Where that fails some may be
/// in `space` already.
/// Errors: EPERM without rights over our namespace; EEXIST for a name that is taken in `space`.
Result<void> move_net_devices(const std::vector<NetDevice>& devices, const sys::NamespaceFd& space);

}  // namespace wolffia::launch
