// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

/// Who reads directories, and whether they look at the files afterwards.
namespace wolffia::overlay {

/// What a listing says of files: a name and a kind, or all that stat(2) shows, so that nobody has
/// to ask again. To know that costs a call for each file, which is wasted on who reads only names.
enum class Told : uint8_t {
  Names,    // of files; directories are always told about
  Probing,  // everything but one file: if that is asked for, the others were worth it
  All
};

/// Guesses for each process what it is going to do from what it did last. Threads may call it at
/// once; a wrong guess costs time only.
class Readers {
 public:
  /// How the next directory is to be listed for `process`.
  Told next(uint32_t process) {
    if (process == 0) return Told::All;  // of another namespace of processes: not to be told apart
    std::atomic<uint64_t>& slot = slots_[process % kSlots];
    const State state = State::of(slot.load(std::memory_order_relaxed), process);
    const bool again = state.looks > 0 && state.looks < kTrusted;
    if (again) {
      slot.store(State{process, true, state.looks + 1}.packed(), std::memory_order_relaxed);
      return Told::All;
    }
    slot.store(State{process, true, 0}.packed(), std::memory_order_relaxed);
    return state.known && state.looks == 0 ? Told::Names : Told::Probing;
  }
  /// `process` asks for a file of which it was told the name only.
  void looked(uint32_t process) {
    slots_[process % kSlots].store(State{process, true, 1}.packed(), std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t kSlots = 256;
  static constexpr uint32_t kTrusted = 16;  // directories, until it is tried again
  struct State {
    uint32_t process = 0;
    bool known = false;
    uint32_t looks = 0;  // 0: it has not asked since it was told names
    static State of(uint64_t packed, uint32_t process) {
      if (packed >> 32 != process) return {};
      return {process, true, static_cast<uint32_t>(packed)};
    }
    uint64_t packed() const { return uint64_t{process} << 32 | looks; }
  };
  std::array<std::atomic<uint64_t>, kSlots> slots_{};
};

}  // namespace wolffia::overlay
