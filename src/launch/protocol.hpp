// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// What the starter and the new process say to each other on one SOCK_SEQPACKET pair. A word is
/// one packet, so it arrives whole or not at all; the end of file after Release means that the
/// program runs, and before it that the other side died.
///
///   starter                           joiner (only where namespaces are joined)
///      ◀──── Born{pid}, pidfd ────────  made init with CLONE_PARENT, exits; on a pair of its own
///   starter                           init
///      ──── MapsDone{one id?} ───────▶  only where the starter or newuidmap writes the maps
///      ◀──── Network, its namespace ──  only where network devices are to come in
///      ──── DevicesMoved ────────────▶
///      ◀──── Mounted ─────────────────  only where prestart or createRuntime hooks exist
///      ──── HooksDone ───────────────▶
///      ──── Known{pid} ──────────────▶  only with a listener for seccomp notifications
///      ◀──── Console, pty master ─────  only for a foreground terminal
///      ◀──── Notice{text} ────────────  any number, any time before Ready
///      ◀──── Ready ───────────────────  everything but the program itself is done
///      ──── Release ─────────────────▶  from here init does not depend on the starter
///      ◀──── Failure{code, text} ─────  at any time; then init exits
namespace wolffia::launch {

enum class Word : uint32_t {
  Born,
  MapsDone,
  Network,
  DevicesMoved,
  Mounted,
  HooksDone,
  Known,
  Console,
  Notice,
  Ready,
  Release,
  Failure
};

/// Exit statuses of a runtime whose container's program could not be run, as shells give them.
inline constexpr int32_t kStatusOther = 1;
inline constexpr int32_t kStatusCannotExecute = 126;
inline constexpr int32_t kStatusNotFound = 127;

/// One received word.
struct Packet {
  Word word;
  int32_t value = 0;   // Born, Known: pid; MapsDone: 1 when only one id was mapped; Failure: errno
  int32_t status = 0;  // Failure: one of kStatus
  std::string text;    // Notice, Failure
  sys::Fd attached;    // Born, Network, Console
};

/// One end of the conversation.
class Channel {
 public:
  Channel() = default;
  explicit Channel(sys::Fd socket) : socket_(std::move(socket)) {}

  Result<void> say(Word word, int32_t value = 0, const sys::Fd* attached = nullptr) const;
  Result<void> notice(std::string_view text) const;

  /// Tells the other side why we end. A text longer than a packet is cut.
  void fail(const Error& error, int32_t status) const noexcept;

  /// The next word. Errors: EPIPE at the end of file; EPROTO for what is no packet of ours.
  Result<Packet> hear() const;

  /// Waits for `word`. Errors: as hear(); EPROTO for any other word.
  Result<Packet> expect(Word word) const;

  const sys::Fd& socket() const { return socket_; }
  /// Continues on another socket: after the gate, that of `start`.
  void replace(sys::Fd socket) { socket_ = std::move(socket); }

 private:
  sys::Fd socket_;
};

}  // namespace wolffia::launch
