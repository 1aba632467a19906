// SPDX-License-Identifier: Apache-2.0
#include "net/relays.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

/// Each is told once, when it changes: epoll(7).
constexpr uint32_t kBothWays = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

std::shared_ptr<Relay> Relays::add(sys::Fd host, sys::Fd guest, bool known) {
  ++counts_.connections;
  auto relay = std::make_shared<Relay>(std::move(host), std::move(guest));
  for (const sys::Fd* file : {&relay->host(), &relay->guest()}) {
    relays_[file->get()] = relay;
    if (poll_set_->watch(file->get(), kBothWays, known)) continue;
    end(relay);
    return nullptr;
  }
  return relay;
}

void Relays::abort(const Shared& relay) {
  sys::reset_at_close(relay->host());
  sys::reset_at_close(relay->guest());
  end(relay);
}

std::optional<Timers::Time> Relays::prepare(Rates rates) const {
  if (again_.empty()) return std::nullopt;
  if (!is_slowed_) return now_ms();
  const auto up = rates.upload.closed_until(now_ms());
  const auto down = rates.download.closed_until(now_ms());
  if (up && down) return std::min(*up, *down);
  return up ? up : down ? down : now_ms();
}

void Relays::work_again(Rates rates) {
  is_slowed_ = true;
  for (const Shared& relay : std::exchange(again_, {}))
    work_on(relay, rates, {.host = EPOLLIN, .guest = EPOLLIN});
}

bool Relays::work_off(const epoll_event& event, Rates rates) {
  const int file = event.data.fd;
  const auto it = relays_.find(file);
  if (it == relays_.end()) return false;
  const Shared relay = it->second;
  const bool is_host = file == relay->host().get();
  work_on(relay, rates, {.host = is_host ? event.events : 0, .guest = is_host ? 0 : event.events});
  return true;
}

void Relays::work_on(const Shared& relay, Rates rates, Relay::News news) {
  const uint64_t from = relay->from_guest();
  const uint64_t to = relay->to_guest();
  const Relay::State state =
      relay->work({.pipes = *pipes_, .upload = rates.upload, .download = rates.download}, news);
  counts_.from_guest += relay->from_guest() - from;
  counts_.to_guest += relay->to_guest() - to;
  if (state == Relay::State::Over) return end(relay);
  if (state == Relay::State::Waits) return;
  again_.insert(relay);
  if (state == Relay::State::Pauses) is_slowed_ = false;
}

void Relays::end(const Shared& relay) {
  relay->close(*pipes_);
  relays_.erase(relay->host().get());
  relays_.erase(relay->guest().get());
  again_.erase(relay);
}

size_t most_relays(size_t share) {
  constexpr size_t kFilesOfOne = 6;
  constexpr size_t kMost = 16'384;
  const auto files = static_cast<size_t>(std::max(::sysconf(_SC_OPEN_MAX), 256L));
  return std::min(files / kFilesOfOne / share, kMost);
}

}  // namespace wolffia::net
