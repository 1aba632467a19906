// SPDX-License-Identifier: Apache-2.0
#include "sys/epoll.hpp"

#include <algorithm>
#include <climits>

namespace wolffia::sys {

Result<Epoll> Epoll::make() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return Error::last("epoll_create1");
  return Epoll(Fd(fd));
}

Result<void> Epoll::watch(int file, uint32_t events, bool known) {
  epoll_event event{};
  event.events = events;
  event.data.fd = file;
  if (events == 0) {
    (void)::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, file, &event);  // a closed one has left by itself
    return {};
  }
  const int first = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  const int second = known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(fd_.get(), first, file, &event) == 0) return {};
  if ((errno == ENOENT || errno == EEXIST) && ::epoll_ctl(fd_.get(), second, file, &event) == 0)
    return {};
  return Error::last("epoll_ctl");
}

Result<std::span<const epoll_event>> Epoll::wait(std::span<epoll_event> into,
                                                 std::optional<std::chrono::milliseconds> timeout) {
  using Count = std::chrono::milliseconds::rep;
  const int wait = timeout ? static_cast<int>(std::clamp<Count>(timeout->count(), 0, INT_MAX)) : -1;
  const int n = ::epoll_wait(fd_.get(), into.data(), static_cast<int>(into.size()), wait);
  if (n < 0 && errno != EINTR) return Error::last("epoll_wait");
  return std::span<const epoll_event>(into.first(static_cast<size_t>(std::max(n, 0))));
}

}  // namespace wolffia::sys
