// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "net/timers.hpp"
#include "sys/epoll.hpp"

namespace wolffia::net {

/// All that the daemon waits for, by one call. What is asked for anew in each round, as libslirp
/// wants it, is told to the kernel only where it has changed: with 400 idle connections poll(2) was
/// two thirds of the time.
class PollSet {
 public:
  static Result<PollSet> make();

  /// A round begins: nothing is wanted.
  void begin();
  /// This file is, for EPOLL* events; more than once adds up.
  void want(int file, uint32_t events);
  /// The file is about to be closed: its number may be another's next.
  void forget(int file);

  /// Waits until something wanted happens or `timeout` has passed.
  Result<void> wait(std::optional<Timers::Time> timeout);
  /// What happened to the file: of what was wanted, and errors.
  uint32_t happened(int file) const;

  /// Watches a file in all rounds, as Epoll::watch() does, for who is told of each event once
  /// (EPOLLET) and works it off: of thousands of idle files nothing is to be asked then.
  Result<void> watch(int file, uint32_t events, bool known);
  /// What happened to those; nothing (0) where the file is gone meanwhile.
  std::span<const epoll_event> events() const { return others_; }

  /// How often the kernel was told something.
  size_t changes() const { return changes_; }

 private:
  explicit PollSet(sys::Epoll epoll) : epoll_(std::move(epoll)) {}

  struct Entry {
    uint32_t wanted = 0;
    uint32_t told = 0;  // what the kernel watches it for
    uint32_t happened = 0;
    bool is_listed = false;
  };
  Entry& entry(int file);
  void disown(int file);
  Result<void> tell();

  sys::Epoll epoll_;
  std::vector<Entry> entries_;  // by file number
  std::vector<int> listed_;     // those with something in their entry
  std::vector<epoll_event> events_ = std::vector<epoll_event>(256);
  std::vector<epoll_event> others_;  // of those that are watched in all rounds
  size_t changes_ = 0;
};

}  // namespace wolffia::net
