// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <poll.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/user/attach_words.hpp"
#include "sys/fd.hpp"

namespace wolffia::cli::user {

/// Those who are attached to a container, as its supervisor sees them. What is on its way to one of
/// them lies in its socket, which holds about 200 KiB. Who does not read is waited for, together
/// with the program, for kPatience, and then dropped: nobody can stop the program for longer, and
/// nothing of ours grows.
class Audience {
 public:
  static constexpr std::chrono::milliseconds kPatience{1000};

  /// Listens in the container's directory.
  static Result<Audience> open(const sys::Fd& directory);

  /// What the program takes: told to everybody who comes.
  void set_takes(uint8_t takes) { takes_ = takes; }
  /// Welcomes somebody who is connected already.
  void add(sys::Fd client);

  /// Appends what to poll. Without `hears`, words of theirs are left where they are.
  void interests(std::vector<pollfd>& wanted, bool hears) const;

  /// Handles an entry of interests() that poll(2) found ready. Returns what was said, if anything;
  /// its bytes are good until the next call.
  std::optional<Packet> ready(const pollfd& event);

  /// Tells all of them. Never waits.
  void tell(Word word, std::string_view bytes);

  /// When the first of those who do not read is dropped; nullopt: all of them do. Until then there
  /// is to be nothing new to tell.
  std::optional<std::chrono::steady_clock::time_point> held_back_until() const;
  void drop_late();

  /// The connections end; others may come.
  void dismiss() { clients_.clear(); }
  bool empty() const { return clients_.empty(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Client {
    sys::Fd socket;
    std::optional<Clock::time_point> late;  // it has to read until then
  };

  explicit Audience(sys::Fd listener) : listener_(std::move(listener)) {}
  void accept_one();
  void look_who_is_late();
  void drop(int fd);

  sys::Fd listener_;
  std::vector<Client> clients_;
  std::string heard_;
  uint8_t takes_ = 0;
};

}  // namespace wolffia::cli::user
