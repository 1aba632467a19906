// SPDX-License-Identifier: Apache-2.0
#include "cli/user/network_care.hpp"

#include <signal.h>
#include <unistd.h>

#include "cli/user/network.hpp"
#include "container/store.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/signal_reset.hpp"

namespace wolffia::cli::user {
namespace {

/// A guest that ends each one at once would have us start them for ever.
constexpr int kMostStarts = 5;
constexpr std::chrono::minutes kLasting{10};

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kPortPatience{2};
constexpr size_t kLongest = 4096;  // of a sentence
constexpr size_t kStatusLimit = 64 << 10;

Result<pid_t> first_process(const Assembly& assembly) {
  const auto store = TRY(container::Store::open(assembly.record.state_root));
  return TRY(container::inspect(store, assembly.record.id)).state.init.pid;
}

/// In a child: the daemon is to be its sibling. Ends it; what it says is "+", or a sentence.
[[noreturn]] void begin_and_say(const Assembly& assembly, helper::DaemonLine& line,
                                const sys::Fd& answer) {
  const auto begin = [&]() -> Result<void> {
    // Who waits for a program has blocked them.
    TRY(sys::reset_signals(TRY(sys::read_file(sys::cwd(), "/proc/self/status", kStatusLimit))));
    const std::string program = TRY(find_network_daemon());
    const pid_t init = TRY(first_process(assembly));
    const helper::NetworkSettings settings = network_settings(assembly);
    const sys::Fd serves = TRY(helper::begin_network_again(line, program, init, settings));
    return helper::publish_ports(serves, settings.control, assembly.request.ports, kPortPatience);
  };
  const auto begun = begin();
  (void)sys::write_all(answer, begun ? std::string("+") : begun.error().message());
  ::_exit(0);
}

}  // namespace

const sys::PidFd& NetworkCare::process() {
  if (!process_) {
    const auto process = line_.process();
    process_ = process ? *process : &none_;
  }
  return *process_;
}

bool NetworkCare::may_start_again() {
  if (Clock::now() - since_ >= kLasting) starts_ = 0;
  since_ = Clock::now();
  return ++starts_ <= kMostStarts;
}

Result<void> NetworkCare::start_again() {
  line_ = TRY(helper::DaemonLine::make());
  auto [answer, theirs] = TRY(sys::make_pipe(0));
  const sys::Cloned child = TRY(sys::fork_process());
  if (child.pid == 0) begin_and_say(assembly_, line_, theirs);
  theirs.reset();
  const bool is_said = TRY(sys::readable_within(answer, kPatience));
  if (!is_said) (void)sys::send_signal(child.pidfd, SIGKILL);
  const std::string said = TRY(sys::read_all(answer, kLongest));
  TRY(sys::wait_for(child.pidfd));
  if (said == "+") return {};
  line_.stop();
  return Error::because(ECHILD, said.empty() ? "the new one does not serve" : said);
}

std::string NetworkCare::replace_dead() {
  const auto how = line_.obituary();
  if (!how) return {};
  process_ = &none_;
  Record& record = assembly_.record;
  if (!may_start_again()) {
    record.network_error = *how;
  } else if (const auto started = start_again(); !started) {
    record.network_error = cat(*how, "; it cannot be started again: ", started.error().message());
  } else {
    ++record.network_restarts;
    process_ = nullptr;
  }
  (void)save_record(assembly_.container, record);
  if (!record.network_error.empty()) return network_death(record.network_error);
  return cat("the container's network had died and was started again, its connections are lost: ",
             *how);
}

std::string NetworkCare::stop() {
  const auto how = line_.obituary();
  line_.stop();
  return how ? network_death(*how) : std::string();
}

}  // namespace wolffia::cli::user
