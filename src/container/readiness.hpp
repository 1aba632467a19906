// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "container/create.hpp"
#include "container/store.hpp"
#include "oci/runtime_spec.hpp"
#include "sys/fd.hpp"

/// What a service manager that started us is told of the container: the program inside gets a
/// socket of its own, and what it says there about its state is passed on. It cannot write to the
/// manager's socket: that may be an abstract one of another network namespace, and would take any
/// process for the service's main one. Source: sd_notify(3).
namespace wolffia::container {

/// Makes the place of the socket in the container's directory.
Result<void> make_ready_directory(const Entry& entry);

/// Lets the program find the socket: a mount of that place, `path` on the host, and NOTIFY_SOCKET.
void add_readiness(oci::Spec& spec, const std::string& path);

/// The lines of a program's message that a manager is told: those about its state, and none that
/// name processes or hand over descriptors.
std::string lines_for_manager(std::string_view message);

/// Listens to the program and tells the manager.
class Readiness {
 public:
  /// `manager` is the NOTIFY_SOCKET that we were given. nullopt where that is empty, and where the
  /// container was created without.
  static Result<std::optional<Readiness>> listen(const Entry& entry, const std::string& manager);

  /// To be polled for input.
  const sys::Fd& socket() const { return socket_; }

  /// Passes one message on; `main_pid`, unless 0, is told with READY=1 as the service's own.
  /// Returns whether the program is ready by what it said.
  Result<bool> pass_on(pid_t main_pid) const;

  /// Passes on what a program that has ended left unread: "STOPPING=1" may be its last act.
  Result<void> pass_on_rest() const;

  /// Passes on until the program is ready or has ended.
  Result<void> await(const sys::PidFd& init, pid_t main_pid) const;

 private:
  Readiness(sys::Fd socket, std::string manager)
      : socket_(std::move(socket)), manager_(std::move(manager)) {}
  bool tell(std::string_view message, pid_t main_pid) const;
  sys::Fd socket_;
  std::string manager_;
};

}  // namespace wolffia::container
