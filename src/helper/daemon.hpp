// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"

/// The daemons of ours that a container needs while it runs. They all take --ready-fd, which they
/// write a byte to when they serve, and --exit-fd, whose end is theirs.
namespace wolffia::helper {

/// What ties a daemon to a run. Whoever supervises the run makes the line and holds it: the daemon
/// ends when that process lets go of it, however it ends. The daemon is started from a child of
/// that process, which is in the namespaces to be served, and is a sibling of that child.
class DaemonLine {
 public:
  static Result<DaemonLine> make();

  /// Called in the child: starts the program `argv[0]` with `argv`, --ready-fd and --exit-fd
  /// behind, and waits until it serves. It gets the descriptors `inherited` under their numbers and
  /// nothing else, and has a session of its own: what a terminal sends is not for it. Errors:
  /// ECHILD with its own words.
  Result<void> start(const std::vector<std::string>& argv, std::span<const int> inherited);

  /// The same without waiting. What it writes its byte to may be thrown away: nobody waits then.
  Result<sys::Fd> begin(const std::vector<std::string>& argv, std::span<const int> inherited);

  /// Called by the supervising process: whether the daemon has ended though the line is held. No
  /// daemon does that. False where none was started.
  Result<bool> has_died();

  /// The daemon as a process, for poll(2); empty where none was started. Called when the child has
  /// ended, which could have started one.
  Result<const sys::PidFd*> process();

  /// Lets go and waits until the daemon has ended; nothing where none was started. Errors: ECHILD
  /// where it has died.
  Result<void> finish();

  /// Called by the supervising process, of one that begin() started: how it died, once; nullopt
  /// where it has not, or ended well. Then it is reaped.
  std::optional<std::string> obituary();

  /// Ends what begin() started, which has nothing to save.
  void stop();

 private:
  struct Cloned;
  Result<Cloned> launch(const std::vector<std::string>& argv, std::span<const int> inherited);

  /// Learns of the daemon, if the child has started it.
  Result<void> look();
  DaemonLine(sys::Fd held, sys::Fd theirs) : held_(std::move(held)), theirs_(std::move(theirs)) {}
  sys::Fd held_;
  sys::Fd theirs_;  // the end that the daemon gets, through which its number comes back
  sys::PidFd daemon_;
  sys::Fd words_;  // what it says on standard error; of begin() alone
};

}  // namespace wolffia::helper
