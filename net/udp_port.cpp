// SPDX-License-Identifier: Apache-2.0
#include "net/udp_port.hpp"

namespace wolffia::net {

Result<UdpPeer> accept_udp(const sys::Fd& port, MutableBytes data) {
  const sys::Arrival arrival = TRY(sys::receive_udp(port, data));
  UdpPeer peer{
      .socket = TRY(sys::udp_beside(port, arrival.to)), .name = arrival.from, .size = arrival.size};
  TRY(sys::connect_udp(peer.socket, arrival.from));
  return peer;
}

}  // namespace wolffia::net
