// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/result.hpp"
#include "net/options.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// The other end of the guest's interface: a tap, or a connection with a frame in each packet.
/// Made by a short-lived process that enters the guest's namespaces, so that this one never does.
/// For TargetKind::Bess it waits until somebody connects.
/// Errors: with what was to be opened, entered or configured.
Result<sys::Fd> connect_guest(const Options& options);

}  // namespace wolffia::net
