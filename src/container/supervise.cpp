// SPDX-License-Identifier: Apache-2.0
#include "container/supervise.hpp"

#include <signal.h>

#include "container/memory_kills.hpp"
#include "container/readiness.hpp"
#include "sys/children.hpp"
#include "sys/memory.hpp"

namespace wolffia::container {
namespace {

/// Milliseconds without anything to do after which the process may well go on for days, so that
/// what starting it took is worth giving back.
constexpr int kSettled = 100;

Result<void> forward(const Foreground& process, int signal) {
  auto sent = sys::send_signal(process.pidfd, signal);
  return sent || sent.error().is(ESRCH) ? Result<void>() : sent;  // it has just ended
}

/// Reaps what was left to us as a subreaper, but never the process itself: its status is wanted.
Result<void> reap_adopted(const Foreground& process) {
  for (;;) {
    const pid_t ended = TRY(sys::ended_child());
    if (ended == 0 || ended == process.pid) return {};
    TRY(sys::reap(ended));
  }
}

Result<void> handle(int signal, const Foreground& process, Relay* relay) {
  switch (signal) {
    case SIGCHLD:
      return reap_adopted(process);
    case SIGPIPE:  // about our own streams: who writes sees EPIPE
      return {};
    case SIGWINCH:
      if (relay) {
        relay->resized();
        return {};
      }
      return forward(process, signal);
    case SIGTSTP:
      TRY(forward(process, signal));
      (void)::raise(SIGSTOP);  // so that the shell sees its job stopped
      return {};
    case SIGCONT:
      if (relay) relay->continued();
      return forward(process, signal);
    default:
      return forward(process, signal);
  }
}

Result<void> handle_all(sys::HeldSignals& signals, const Foreground& process, Relay* relay) {
  for (;;) {
    const std::optional<int> signal = TRY(signals.take());
    if (!signal) return {};
    TRY(handle(*signal, process, relay));
  }
}

/// What came too late to be forwarded was for the process, not for us: it must not hit us now.
Result<void> drop_all(sys::HeldSignals& signals) {
  while (TRY(signals.take())) {
  }
  return {};
}

bool ends_a_program(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

}  // namespace

Result<sys::Ended> supervise(const Foreground& process, sys::HeldSignals& signals, Relay* relay) {
  std::vector<pollfd> watched;
  const int said = process.readiness ? process.readiness->socket().get() : -1;  // -1: not polled
  int patience = kSettled;
  for (;;) {
    watched = {
        {.fd = process.pidfd.get(), .events = POLLIN, .revents = 0},
        {.fd = signals.fd().get(), .events = POLLIN, .revents = 0},
        {.fd = said, .events = POLLIN, .revents = 0},
        {.fd = process.kills ? process.kills->file().get() : -1, .events = POLLPRI, .revents = 0}};
    if (relay) relay->interests(watched);
    const int ready = ::poll(watched.data(), watched.size(), patience);
    if (ready < 0 && errno != EINTR) return Error::last("poll");
    if (ready < 0) continue;
    if (ready == 0) {
      sys::give_back_memory();
      patience = -1;
      continue;
    }
    if (process.kills && (watched[0].revents != 0 || watched[3].revents != 0))
      process.kills->look();
    if (watched[0].revents != 0) break;
    if (watched[1].revents != 0) TRY(handle_all(signals, process, relay));
    // The service is the process that was started, which is us: no other one is named.
    if (watched[2].revents != 0) (void)TRY(process.readiness->pass_on(0));
    for (size_t i = 4; relay && i < watched.size(); ++i)
      if (watched[i].revents != 0) TRY(relay->ready(watched[i]));
  }
  if (process.readiness) TRY(process.readiness->pass_on_rest());
  if (relay) relay->drain();
  TRY(drop_all(signals));
  return sys::wait_for(process.pidfd);
}

Result<void> await_program(const sys::Fd& channel, sys::HeldSignals& signals, int& status) {
  for (;;) {
    pollfd watched[] = {{.fd = channel.get(), .events = POLLIN, .revents = 0},
                        {.fd = signals.fd().get(), .events = POLLIN, .revents = 0}};
    if (::poll(watched, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return Error::last("poll");
    }
    if (watched[0].revents != 0) return {};
    const std::optional<int> signal = TRY(signals.take());
    if (!signal || !ends_a_program(*signal)) continue;
    status = 128 + *signal;
    return Error::because(EINTR, cat("signal ", *signal, " came before the program ran"));
  }
}

}  // namespace wolffia::container
