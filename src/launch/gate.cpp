// SPDX-License-Identifier: Apache-2.0
#include "launch/init.hpp"
#include "launch/protocol.hpp"
#include "sys/socket.hpp"

namespace wolffia::launch {

Result<sys::Fd> make_gate(const sys::Fd& directory, const char* name) {
  return sys::listen_at(directory, name);
}

Result<void> pass_gate(const sys::Fd& directory, const char* name, int& status) {
  status = kStatusOther;
  const Channel channel(TRY(sys::connect_at(directory, name)));
  // Init answers the connection it took; another `start` may have been first.
  if (auto ready = channel.expect(Word::Ready); !ready)
    return Error::because(ECONNREFUSED, "the container does not wait for start any more");
  auto heard = channel.hear();
  if (!heard && heard.error().is(EPIPE)) return {};  // closed by execve
  if (!heard) return std::move(heard).error();
  status = heard->status;
  return Error::because(heard->value, std::move(heard->text));
}

}  // namespace wolffia::launch
