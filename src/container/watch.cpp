// SPDX-License-Identifier: Apache-2.0
#include "container/watch.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "container/cgroups.hpp"
#include "container/lifecycle.hpp"
#include "container/statistics.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"

namespace wolffia::container {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kFileLimit = 4096;

class Watcher {
 public:
  Watcher(std::string id, cgroup::Group group, const TakeEvent& take)
      : id_(std::move(id)), group_(std::move(group)), take_(take) {}

  Result<void> tell_use() const { return tell("stats", statistics_json(group_)); }

  Result<void> run(std::chrono::milliseconds interval) {
    TRY(open());
    for (Clock::time_point next = Clock::now() + interval; TRY(group_.populated());) {
      TRY(await(next));
      TRY(look_for_kills());
      if (Clock::now() < next) continue;
      if (TRY(group_.populated())) TRY(tell_use());
      next = Clock::now() + interval;
    }
    return look_for_kills();
  }

 private:
  Result<void> open() {
    events_ = TRY(sys::open_at(group_.directory(), "cgroup.events", O_RDONLY));
    auto memory = sys::open_at(group_.directory(), "memory.events", O_RDONLY);
    if (memory) memory_ = std::move(memory).value();  // else there is no such controller
    kills_ = kills();
    return {};
  }

  uint64_t kills() const {
    const auto count = group_.number("memory.events", "oom_kill");
    return count ? *count : 0;
  }

  /// Until a file changes that was read before, or the time has come.
  Result<void> await(Clock::time_point until) const {
    std::array<pollfd, 2> polled{pollfd{events_.get(), POLLPRI, 0}, {memory_.get(), POLLPRI, 0}};
    for (const sys::Fd* file : {&events_, &memory_})
      if (*file) {
        TRY(sys::rewind(*file));
        (void)TRY(sys::read_all(*file, kFileLimit));
      }
    if (!TRY(group_.populated())) return {};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    const int wait = static_cast<int>(std::clamp<int64_t>(left, 0, INT32_MAX));
    if (::poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR)
      return Error::last("poll");
    return {};
  }

  Result<void> look_for_kills() {
    const uint64_t now = kills();
    if (now > kills_) TRY(tell("oom", {}));
    kills_ = now;
    return {};
  }

  Result<void> tell(const char* type, const std::string& data) const {
    json::Writer out;
    out.begin_object().member("type", type).member("id", id_);
    if (!data.empty()) out.key("data").raw(data);
    out.end_object();
    return take_(std::move(out).take());
  }

  std::string id_;
  cgroup::Group group_;
  const TakeEvent& take_;
  sys::Fd events_, memory_;
  uint64_t kills_ = 0;
};

}  // namespace

Result<void> watch(const Store& store, const std::string& id,
                   std::optional<std::chrono::milliseconds> interval, const TakeEvent& take) {
  const Listing container = TRY(inspect(store, id));
  TRY(allow(Operation::Watch, container.status, id));
  Watcher watcher(id, TRY(group_of(container.state)), take);
  TRY(watcher.tell_use());
  return interval ? watcher.run(*interval) : Result<void>();
}

}  // namespace wolffia::container
