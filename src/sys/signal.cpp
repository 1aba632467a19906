// SPDX-License-Identifier: Apache-2.0
#include "sys/signal.hpp"

#include <string.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace wolffia::sys {
namespace {

struct Alias {
  std::string_view name;
  int number;
};

// Names that sigabbrev_np(3) does not give, as the number has another one. Source: signal(7).
constexpr std::array kAliases{Alias{"IOT", SIGIOT}, Alias{"CLD", SIGCHLD}, Alias{"POLL", SIGPOLL},
                              Alias{"IO", SIGIO}};

constexpr std::array kNotHeld{SIGSEGV, SIGBUS, SIGFPE,  SIGILL, SIGABRT,
                              SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};

std::string upper_case(std::string_view word) {
  std::string upper(word);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

std::optional<int> parse_decimal(std::string_view digits) {
  int number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return {};
  return number;
}

std::optional<int> valid(std::optional<int> number) {
  if (!number || *number < 1 || *number > SIGRTMAX) return {};
  return number;
}

/// "RTMIN", "RTMIN+3", "RTMAX-1".
std::optional<int> parse_realtime(std::string_view name) {
  const bool from_min = name.starts_with("RTMIN");
  if (!from_min && !name.starts_with("RTMAX")) return {};
  const int base = from_min ? SIGRTMIN : SIGRTMAX;
  const std::string_view rest = name.substr(5);
  if (rest.empty()) return base;
  if (rest.size() > 3 || rest[0] != (from_min ? '+' : '-')) return {};
  const std::optional<int> offset = parse_decimal(rest.substr(1));
  if (!offset) return {};
  const int number = from_min ? base + *offset : base - *offset;
  if (number < SIGRTMIN) return {};
  return valid(number);
}

}  // namespace

std::optional<int> parse_signal(std::string_view word) {
  if (!word.empty() && word[0] >= '0' && word[0] <= '9') return valid(parse_decimal(word));
  const std::string upper = upper_case(word);
  std::string_view name = upper;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* known = ::sigabbrev_np(number);
    if (known && name == known) return number;
  }
  const auto* alias = std::find_if(kAliases.begin(), kAliases.end(),
                                   [&](const Alias& one) { return one.name == name; });
  if (alias != kAliases.end()) return alias->number;
  return parse_realtime(name);
}

Result<HeldSignals> HeldSignals::hold() {
  sigset_t held;
  sigset_t before;
  ::sigfillset(&held);
  for (const int signal : kNotHeld)
    ::sigdelset(&held, signal);
  if (::sigprocmask(SIG_BLOCK, &held, &before) < 0) return Error::last("sigprocmask");
  Fd fd(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  if (fd) return HeldSignals(std::move(fd), before);
  const Error error = Error::last("signalfd");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return error;
}

HeldSignals::~HeldSignals() {
  if (fd_) ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Result<std::optional<int>> HeldSignals::take() {
  signalfd_siginfo signal{};
  const ssize_t n = ::read(fd_.get(), &signal, sizeof signal);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return std::optional<int>();
  if (n < 0) return Error::last("read signalfd");
  return std::optional<int>(static_cast<int>(signal.ssi_signo));
}

}  // namespace wolffia::sys
