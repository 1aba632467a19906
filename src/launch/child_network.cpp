// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "launch/child.hpp"
#include "sys/file.hpp"
#include "sys/namespace.hpp"

namespace wolffia::launch {

Result<void> get_network_devices(Child& child) {
  if (child.plan->net_devices.empty()) return {};
  const sys::Fd space = TRY(sys::open_at(sys::cwd(), "/proc/self/ns/net", O_RDONLY));
  TRY(child.channel.say(Word::Network, 0, &space));
  TRY(child.channel.expect(Word::DevicesMoved));
  return {};
}

Result<void> bring_loopback_up(Child& child) {
  if (!child.plan->creates(oci::NamespaceType::Network)) return {};
  return sys::bring_loopback_up();
}

}  // namespace wolffia::launch
