// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "scope/value.hpp"

namespace wolffia::scope {

using Property = std::pair<std::string, Value>;

enum class Instance : uint8_t { User, System };

/// The systemd that the caller's units belong to. Source: org.freedesktop.systemd1(5).
class Manager {
 public:
  /// Through the message bus, or where there is none through systemd's own socket.
  /// Errors: a sentence.
  static Result<Manager> connect(Instance instance);

  /// Makes the scope `name` with the process `pid` in it, and waits until it is there. One of that
  /// name that is just ending is waited for. Errors: EEXIST for one that stays; a sentence.
  Result<void> start(const std::string& name, pid_t pid, std::span<const Property> properties);

  /// Changes properties of the running scope `name`, until it ends.
  Result<void> set(const std::string& name, std::span<const Property> properties);

  /// Moves the process into the cgroup `below` ("/container") of the scope, which is delegated.
  Result<void> attach(const std::string& name, const std::string& below, pid_t pid);

 private:
  struct Close {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  };
  explicit Manager(sd_bus* bus) : bus_(bus) {}
  static Result<Manager> over_own_socket(Instance instance);
  Result<void> watch(const char* signal, sd_bus_message_handler_t handler, void* data);
  Result<void> await_end_of(const std::string& name);
  Result<void> try_start(const std::string& name, pid_t pid, std::span<const Property> properties);

  std::unique_ptr<sd_bus, Close> bus_;
};

}  // namespace wolffia::scope
