// SPDX-License-Identifier: Apache-2.0
#include "launch/net_devices.hpp"

#include <net/if.h>

#include "base/quote.hpp"
#include "plan/make_plan.hpp"

namespace wolffia::launch {
namespace {

Error about(const oci::NetDevice& device, Error error) {
  return std::move(error).context(cat("linux.netDevices ", quoted_if_needed(device.name)));
}

Error explained(Error error) {
  return error.is(EPERM) ? std::move(error).context(plan::kNoRightsOverDevices) : std::move(error);
}

Result<bool> is_taken(sys::Netlink& space, const std::string& name) {
  const auto index = sys::interface_index(space, name);
  if (index) return true;
  if (index.error().is(ENODEV)) return false;
  return index.error();
}

/// The name that the device gets. The kernel renames behind the move: a name that turned out to be
/// taken would leave the device inside, where its end is that of the container.
Result<std::string> free_name(sys::Netlink& space, const oci::NetDevice& device) {
  if (!device.is_numbered()) {
    if (!TRY(is_taken(space, device.inside))) return device.inside;
    return Error::because(EEXIST, cat("the container's network namespace has a device ",
                                      quoted_if_needed(device.inside), " already"));
  }
  const size_t mark = device.inside.find(oci::NetDevice::kNumberMark);
  std::string name;
  for (unsigned number = 0;; ++number) {
    name = device.inside;
    name.replace(mark, oci::NetDevice::kNumberMark.size(), cat(number));
    if (name.size() >= IFNAMSIZ)
      return Error::because(EEXIST, cat("no number is free for ", quoted(device.inside)));
    if (!TRY(is_taken(space, name))) return name;
  }
}

Result<void> move_one(const NetDevice& device, sys::Netlink& here, sys::Netlink& there,
                      const sys::NamespaceFd& space) {
  const std::string name = TRY(free_name(there, device.names));
  auto moved = sys::move_interface(here, device.index, space, name);
  if (!moved) return explained(std::move(moved).error());
  const int index = TRY(sys::interface_index(there, name));
  for (const sys::InterfaceAddress& address : device.addresses)
    TRY(sys::add_address(there, index, address.bytes, address.prefix), "give it its address again");
  return sys::bring_up(there, index, {});
}

}  // namespace

Result<std::vector<NetDevice>> find_net_devices(const std::vector<oci::NetDevice>& wanted) {
  std::vector<NetDevice> devices;
  if (wanted.empty()) return devices;
  sys::Netlink netlink = TRY(sys::Netlink::open());
  const std::vector<sys::InterfaceAddress> all = TRY(sys::interface_addresses(netlink));
  for (const oci::NetDevice& names : wanted) {
    const auto index = sys::interface_index(netlink, names.name);
    if (!index) return about(names, index.error());
    NetDevice& device =
        devices.emplace_back(NetDevice{.names = names, .index = *index, .addresses = {}});
    for (const sys::InterfaceAddress& address : all)
      if (address.index == *index && address.lasts) device.addresses.push_back(address);
  }
  return devices;
}

Result<void> move_net_devices(const std::vector<NetDevice>& devices,
                              const sys::NamespaceFd& space) {
  sys::Netlink here = TRY(sys::Netlink::open());
  auto there = sys::Netlink::open_in(space);
  if (!there) return explained(std::move(there).error()).context("linux.netDevices");
  for (const NetDevice& device : devices)
    if (auto moved = move_one(device, here, *there, space); !moved)
      return about(device.names, std::move(moved).error());
  return {};
}

}  // namespace wolffia::launch
