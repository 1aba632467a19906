// SPDX-License-Identifier: Apache-2.0
#include "sys/tap.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstring>

#include "sys/file.hpp"

namespace wolffia::sys {

Result<Fd> open_tap(const std::string& name) {
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name)
    return Error::because(ENAMETOOLONG, cat("interface names have ", IFNAMSIZ - 1,
                                            " bytes at most: give it a shorter one"));
  Fd tap = TRY(open_at(cwd(), "/dev/net/tun", O_RDWR | O_NONBLOCK), "/dev/net/tun");
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(tap.get(), TUNSETIFF, &request) < 0) return Error::last("TUNSETIFF");
  return tap;
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
