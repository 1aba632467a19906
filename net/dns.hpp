// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/address.hpp"

namespace wolffia::net {

/// The addresses that a name server gave for a name that was asked for.
struct DnsAnswer {
  struct Found {
    Address address;
    uint32_t seconds = 0;  // so long it may be used; of a name that stands for another, the less
  };
  std::string name;  // in small letters, without the dot behind
  std::vector<Found> found;
};

/// Reads a message of RFC 1035 as far as that: an answer without error to one question, and of it
/// the addresses of the name itself and of those that it stands for, in the order of the message.
/// Pure; nullopt for all else, and for what is malformed.
std::optional<DnsAnswer> read_dns_answer(Bytes message);

}  // namespace wolffia::net
