// SPDX-License-Identifier: Apache-2.0
#include "net/pipes.hpp"

#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMostIdle = 8;

/// All pipes of a user share 64 MiB, beyond which each new one of any program has two pages. So
/// they are smaller where many peers do not read. Source: pipe-user-pages-soft in pipe(7).
struct Step {
  size_t lent;
  int size;
};
constexpr Step kSteps[] = {{8, Pipes::kWhole}, {128, 64 << 10}};
constexpr int kSmallest = 4 << 10;

int size_for(size_t lent) {
  for (const Step& step : kSteps)
    if (lent < step.lent) return step.size;
  return kSmallest;
}

}  // namespace

Result<Pipe> Pipes::take() {
  Pipe pipe;
  if (!idle_.empty()) {
    pipe = std::move(idle_.back());
    idle_.pop_back();
  } else {
    const int size = size_for(lent_);
    auto [out, in] = TRY(sys::pipe_of_size(size));
    pipe = {.out = std::move(out), .in = std::move(in), .is_whole = size == kWhole};
  }
  ++lent_;
  return pipe;
}

void Pipes::give(Pipe pipe) {
  --lent_;
  if (pipe.is_whole && pipe.held == 0 && idle_.size() < kMostIdle) idle_.push_back(std::move(pipe));
}

}  // namespace wolffia::net
