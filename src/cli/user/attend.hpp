// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>

#include "base/result.hpp"
#include "cli/user/audience.hpp"
#include "cli/user/containers.hpp"
#include "cli/user/log_file.hpp"
#include "cli/user/network_care.hpp"
#include "cli/user/streams.hpp"
#include "container/memory_kills.hpp"
#include "sys/process.hpp"

namespace wolffia::cli::user {

/// A program that runs in the background.
struct Attended {
  const ContainerDir& container;
  const sys::PidFd& init;     // a child of ours
  const sys::PidFd& storage;  // without it the program is killed; empty: nothing serves its files
  NetworkCare& network;
  container::MemoryKills& kills;
  Streams streams;
  Audience& audience;  // whoever wants to see it
  LogLimits log;
  uint64_t timeout = 0;           // seconds; 0: none
  std::chrono::seconds patience;  // between the signals of `timeout`
};

/// Keeps its output, and shows it to the audience, until it has ended and all of it was read; hands
/// it what the audience writes. A log that cannot be written loses lines, never stops the program.
Result<sys::Ended> attend(Attended attended);

}  // namespace wolffia::cli::user
