// SPDX-License-Identifier: Apache-2.0
#include "sys/tap.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstring>

#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

/// Which of them an existing interface is the kernel tells by numbers only. Source: tun_set_iff().
Error refused() {
  Error error = Error::last("TUNSETIFF");
  if (!error.is(EINVAL) && !error.is(EBUSY)) return error;
  return Error::because(error.code(), cat(error.message(),
                                          ": give a name that no other interface has, and that no "
                                          "other program serves"));
}

}  // namespace

Result<Fd> open_tap(const std::string& name) {
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name)
    return Error::because(ENAMETOOLONG, cat("interface names have ", IFNAMSIZ - 1,
                                            " bytes at most: give it a shorter one"));
  Fd tap = TRY(open_at(cwd(), "/dev/net/tun", O_RDWR | O_NONBLOCK), "/dev/net/tun");
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (::ioctl(tap.get(), TUNSETIFF, &request) == 0) return tap;
  if (errno != EINVAL) return refused();
  request.ifr_flags = IFF_TAP | IFF_NO_PI;  // of kernels that are not Linux
  if (::ioctl(tap.get(), TUNSETIFF, &request) < 0) return refused();
  return tap;
}

Result<bool> take_offloads(const Fd& tap) {
  constexpr unsigned long kOffloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  ifreq request{};
  if (::ioctl(tap.get(), TUNGETIFF, &request) < 0) return Error::last("TUNGETIFF");
  if ((request.ifr_flags & IFF_VNET_HDR) == 0) return false;
  int size = kTapHeader;
  if (::ioctl(tap.get(), TUNSETVNETHDRSZ, &size) < 0) return Error::last("TUNSETVNETHDRSZ");
  if (::ioctl(tap.get(), TUNSETOFFLOAD, kOffloads) < 0) return Error::last("TUNSETOFFLOAD");
  return true;
}

Result<std::array<uint8_t, 6>> link_address(const Fd& tap) {
  ifreq request{};
  if (::ioctl(tap.get(), SIOCGIFHWADDR, &request) < 0) return Error::last("SIOCGIFHWADDR");
  std::array<uint8_t, 6> address{};
  std::memcpy(address.data(), request.ifr_hwaddr.sa_data, address.size());
  return address;
}

Result<NamespaceFd> namespace_of(const Fd& tap) {
  const int space = ::ioctl(tap.get(), TUNGETDEVNETNS);
  if (space < 0) return Error::last("TUNGETDEVNETNS");
  return NamespaceFd(space);
}

}  // namespace wolffia::sys
