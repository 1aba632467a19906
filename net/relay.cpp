// SPDX-License-Identifier: Apache-2.0
#include "net/relay.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "sys/file.hpp"
#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

/// After so much others get their turn.
constexpr uint64_t kTurn = 4 << 20;

/// As many are copied for less than it takes to move them.
constexpr size_t kFew = 4 << 10;

/// Where there is a rate: less than a second of most.
constexpr size_t kMostOfRate = 4 << 10;

/// Whether there can be anything to move: bytes, or room for those that wait for it.
bool is_due(const Lane& lane, uint32_t source, uint32_t sink) {
  constexpr uint32_t kReads = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  constexpr uint32_t kWrites = EPOLLOUT | EPOLLHUP | EPOLLERR;
  return (source & kReads) != 0 || (lane.holds() && (sink & kWrites) != 0);
}

/// Whether bytes are not the last thing to read.
bool is_near_end(uint32_t source) {
  return (source & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<Pipe*> Lane::borrow(Pipes& pipes) {
  if (!pipe_) pipe_ = TRY(pipes.take());
  return &*pipe_;
}

/// A question, or an answer. Nothing where it can go on. Who is told when something changes has
/// all that there was where a read gets less than it asks for: epoll(7), question 9.
std::optional<Lane::State> Lane::pass_few(const Ends& ends, Pipes& pipes, bool is_near_end) {
  std::array<std::byte, kFew> bytes;
  const auto size = sys::receive_some(ends.from, bytes);
  if (!size) return size.error().is(EAGAIN) ? State::Waits : State::Broken;
  is_at_end_ = *size == 0;
  if (is_at_end_) return std::nullopt;
  moved_ += *size;
  const auto all = std::span<const std::byte>(bytes).first(*size);
  const auto sent = sys::send_some(ends.to, all);
  if (!sent) return State::Broken;
  if (*sent < *size) {
    const auto pipe = borrow(pipes);
    if (!pipe || !sys::write_all((*pipe)->in, text_of(all.subspan(*sent)))) return State::Broken;
    (*pipe)->held = *size - *sent;
    return std::nullopt;
  }
  return *size < kFew && !is_near_end ? std::optional(State::Waits) : std::nullopt;
}

/// Nothing where it can go on.
std::optional<Lane::State> Lane::fill(const sys::Fd& from, Pipes& pipes, Rate& rate, size_t most) {
  if (!borrow(pipes)) return State::Broken;
  auto size = sys::splice(from, pipe_->in, most);
  const bool may_be_stopped = size ? *size == 0 : size.error().is(EAGAIN);
  if (is_urgent_ && may_be_stopped) size = sys::copy_into(from, pipe_->in);
  if (size && *size > 0) {
    pipe_->held = *size;
    moved_ += *size;
    rate.take(*size);
    return std::nullopt;
  }
  close(pipes);
  if (!size) return size.error().is(EAGAIN) ? State::Waits : State::Broken;
  is_at_end_ = true;
  return std::nullopt;
}

std::optional<Lane::State> Lane::empty(const sys::Fd& to) {
  const auto size = sys::splice(pipe_->out, to, pipe_->held);
  if (!size) return size.error().is(EAGAIN) ? State::Waits : State::Broken;
  pipe_->held -= *size;
  return std::nullopt;
}

Lane::State Lane::move(const Ends& ends, Pipes& pipes, Rate& rate, bool is_near_end) {
  if (has_ended_) return State::Ended;
  const uint64_t before = moved_;
  std::optional<State> stop;
  if (!pipe_ && !is_at_end_ && !has_many_ && !is_urgent_ && !rate.is_limited())
    stop = pass_few(ends, pipes, is_near_end);
  if (!stop) stop = pass_all(ends, pipes, rate);
  has_many_ = moved_ - before >= kFew;
  return *stop;
}

Lane::State Lane::pass_all(const Ends& ends, Pipes& pipes, Rate& rate) {
  const uint64_t turn_ends = moved_ + kTurn;
  const size_t most = rate.is_limited() ? kMostOfRate : Pipes::kWhole;
  for (;;) {
    std::optional<State> stop;
    if (pipe_ && pipe_->held > 0) {
      stop = empty(ends.to);
    } else if (is_at_end_) {
      has_ended_ = true;
      return sys::end_writing(ends.to) ? State::Ended : State::Broken;
    } else if (moved_ >= turn_ends) {
      stop = State::Pauses;
    } else if (rate.is_limited() && rate.closed_until(now_ms())) {
      stop = State::Slowed;
    } else {
      stop = fill(ends.from, pipes, rate, most);
    }
    if (!stop) continue;
    if (pipe_ && pipe_->held == 0) close(pipes);
    return *stop;
  }
}

void Lane::close(Pipes& pipes) {
  if (pipe_) pipes.give(std::move(*pipe_));
  pipe_.reset();
}

/// What came before an error still arrives. A connection that is refused, reset or timed out is so
/// for the other end, as far as one that was accepted can be: it is reset.
Relay::State Relay::work(const RelayWays& ways, News news) {
  if (((news.host | news.guest) & EPOLLPRI) != 0) {  // of which of both is the same
    in_.expect_urgent();
    out_.expect_urgent();
  }
  const Lane::State in =
      is_due(in_, news.host, news.guest)
          ? in_.move({host_, guest_}, ways.pipes, ways.download, is_near_end(news.host))
          : in_.state();
  const Lane::State out =
      is_due(out_, news.guest, news.host)
          ? out_.move({guest_, host_}, ways.pipes, ways.upload, is_near_end(news.guest))
          : out_.state();
  const auto either = [&](Lane::State state) { return in == state || out == state; };
  const bool broke = ((news.host | news.guest) & EPOLLERR) != 0 &&
                     (sys::connection_error(host_) != 0 || sys::connection_error(guest_) != 0);
  if (either(Lane::State::Broken) || broke) {
    sys::reset_at_close(host_);
    sys::reset_at_close(guest_);
    return State::Over;
  }
  if (in == Lane::State::Ended && out == Lane::State::Ended) return State::Over;
  if (either(Lane::State::Pauses)) return State::Pauses;
  return either(Lane::State::Slowed) ? State::Slowed : State::Waits;
}

void Relay::close(Pipes& pipes) {
  in_.close(pipes);
  out_.close(pipes);
}

}  // namespace wolffia::net
