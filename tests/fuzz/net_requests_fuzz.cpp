// SPDX-License-Identifier: Apache-2.0
// Requests to the control socket of wolffia-net: what is taken holds what it must, and what is
// refused is told in one sentence, inside of a reply that is JSON.
#include "fuzz/require.hpp"
#include "json/field.hpp"
#include "net/requests.hpp"

namespace {

using namespace wolffia;
using namespace wolffia::net;

void check(const Forward& forward) {
  fuzz::require(forward.host_port != 0 && forward.guest_port != 0);
  fuzz::require(forward.host_address.index() == forward.guest_address.index());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Network network;
  network.has_ipv6 = size % 2 == 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto request = parse_request(text, network);
  if (!request) {
    fuzz::require_sentence(request.error());
    const auto reply = json::Document::parse(error_reply(request.error().message()), "the reply");
    fuzz::require(static_cast<bool>(reply));
    return 0;
  }
  fuzz::require(is_whole(text));
  if (const auto* it = std::get_if<AddForward>(&*request)) {
    check(it->forward);
    const auto list = json::Document::parse(list_reply({{1, it->forward}}), "the reply");
    fuzz::require(static_cast<bool>(list));
  }
  return 0;
}
