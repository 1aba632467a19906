// SPDX-License-Identifier: Apache-2.0
#include "net/poll_set.hpp"

namespace wolffia::net {

Result<PollSet> PollSet::make() {
  return PollSet(TRY(sys::Epoll::make()));
}

PollSet::Entry& PollSet::entry(int file) {
  const auto place = static_cast<size_t>(file);
  if (place >= entries_.size()) entries_.resize(place + 1);
  if (!entries_[place].is_listed) {
    entries_[place].is_listed = true;
    listed_.push_back(file);
  }
  return entries_[place];
}

void PollSet::begin() {
  for (const int file : listed_)
    entries_[static_cast<size_t>(file)].wanted = 0;
}

void PollSet::want(int file, uint32_t events) {
  if (file >= 0) entry(file).wanted |= events;
}

void PollSet::forget(int file) {
  if (file < 0 || static_cast<size_t>(file) >= entries_.size()) return;
  Entry& it = entries_[static_cast<size_t>(file)];
  if (it.told != 0) (void)epoll_.watch(file, 0, true);
  it = Entry{.is_listed = it.is_listed};
}

/// The kernel reports errors of whatever it watches: of what is wanted for nothing it must not, or
/// a connection that is half closed would wake the daemon for ever.
Result<void> PollSet::tell() {
  size_t kept = 0;
  for (const int file : listed_) {
    Entry& it = entries_[static_cast<size_t>(file)];
    it.happened = 0;
    if (it.wanted != it.told) {
      TRY(epoll_.watch(file, it.wanted, it.told != 0));
      it.told = it.wanted;
      ++changes_;
    }
    it.is_listed = it.told != 0;
    if (it.is_listed) listed_[kept++] = file;
  }
  listed_.resize(kept);
  return {};
}

Result<void> PollSet::watch(int file, uint32_t events, bool known) {
  if (!known) disown(file);
  return epoll_.watch(file, events, known);
}

/// What was wanted of a file of that number, and has happened to it in this round, was of another
/// one, which is closed: the kernel watches it no more.
void PollSet::disown(int file) {
  for (epoll_event& event : others_)
    if (event.data.fd == file) event.events = 0;
  const auto place = static_cast<size_t>(file);
  if (place < entries_.size()) entries_[place] = Entry{.is_listed = entries_[place].is_listed};
}

Result<void> PollSet::wait(std::optional<Timers::Time> timeout) {
  others_.clear();
  TRY(tell());
  for (const epoll_event& event : TRY(epoll_.wait(events_, timeout))) {
    const auto place = static_cast<size_t>(event.data.fd);
    if (place < entries_.size() && entries_[place].told != 0)
      entries_[place].happened = event.events;
    else
      others_.push_back(event);
  }
  return {};
}

uint32_t PollSet::happened(int file) const {
  if (file < 0 || static_cast<size_t>(file) >= entries_.size()) return 0;
  return entries_[static_cast<size_t>(file)].happened;
}

}  // namespace wolffia::net
