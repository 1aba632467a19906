// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "net/forward.hpp"
#include "net/rules.hpp"
#include "net/statistics.hpp"

/// The words of the control socket: requests and replies as slirp4netns(1) has them under "API
/// SOCKET", with IPv6 besides. Pure.
namespace wolffia::net {

struct AddForward {
  Forward forward;
};
struct ListForwards {};
struct RemoveForward {
  int64_t id = 0;
};
struct GetStatistics {};
using Request = std::variant<AddForward, ListForwards, RemoveForward, GetStatistics>;

/// Whether `text` could be the beginning of a request that is still to come.
bool is_whole(std::string_view text);

/// Where an address is missing the host's is any, and the guest's that which --configure gives.
/// Errors: EINVAL, the description for the reply.
Result<Request> parse_request(std::string text, const Network& network);

struct NumberedForward {
  int64_t id = 0;
  Forward forward;
};

std::string added_reply(int64_t id);
std::string removed_reply();
std::string list_reply(const std::vector<NumberedForward>& forwards);
std::string statistics_reply(const Statistics& statistics);
std::string error_reply(std::string_view description);

}  // namespace wolffia::net
