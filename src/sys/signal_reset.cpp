// SPDX-License-Identifier: Apache-2.0
#include "sys/signal_reset.hpp"

#include <charconv>

namespace wolffia::sys {
namespace {

/// The mask behind `key` ("SigIgn:\t") in /proc/self/status; bit n-1 is signal n. All bits when
/// the line is missing: then every signal is reset.
uint64_t signal_mask(std::string_view status, std::string_view key) {
  uint64_t mask = UINT64_MAX;
  const size_t at = status.find(key);
  if (at == std::string_view::npos) return mask;
  const char* text = status.data() + at + key.size();
  (void)std::from_chars(text, status.data() + status.size(), mask, 16);
  return mask;
}

bool can_be_caught(int signal) {
  return signal != SIGKILL && signal != SIGSTOP && (signal < 32 || signal >= SIGRTMIN);
}

}  // namespace

IgnoreSigpipe::IgnoreSigpipe() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  (void)::sigaction(SIGPIPE, &ignore, &before_);  // cannot fail for SIGPIPE
}

IgnoreSigpipe::~IgnoreSigpipe() {
  // Where the signal is blocked it waits although it is ignored; ignoring it anew throws it away.
  // Source: POSIX, "Signal Concepts", on signals that are pending when their action is set.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  (void)::sigaction(SIGPIPE, &ignore, nullptr);
  (void)::sigaction(SIGPIPE, &before_, nullptr);
}

Result<void> reset_signals(std::string_view status) {
  const uint64_t changed = signal_mask(status, "\nSigIgn:\t") | signal_mask(status, "\nSigCgt:\t");
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= 64; ++signal) {
    if ((changed >> (signal - 1) & 1U) == 0 || !can_be_caught(signal)) continue;
    if (::sigaction(signal, &usual, nullptr) < 0) return Error::last("sigaction");
  }
  sigset_t none;
  ::sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) < 0) return Error::last("sigprocmask");
  return {};
}

}  // namespace wolffia::sys
