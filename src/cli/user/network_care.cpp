// SPDX-License-Identifier: Apache-2.0
#include "cli/user/network_care.hpp"

#include <signal.h>
#include <unistd.h>

#include "cli/user/network.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::cli::user {
namespace {

/// A guest that ends each one at once would have us start them for ever.
constexpr int kMostStarts = 5;
constexpr std::chrono::minutes kLasting{10};

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kPortPatience{2};
constexpr size_t kLongest = 4096;  // of a sentence

/// In a child: the daemon is to be its sibling. Ends it; what it says is "+", or a sentence.
[[noreturn]] void begin_and_say(const Assembly& assembly, helper::DaemonLine& line, pid_t init,
                                const sys::Fd& answer) {
  const auto begin = [&]() -> Result<void> {
    const std::string program = TRY(find_network_daemon());
    const helper::NetworkSettings settings = network_settings(assembly);
    const sys::Fd serves = TRY(helper::begin_network_again(line, program, init, settings));
    return helper::publish_ports(serves, settings.control, assembly.request.ports, kPortPatience);
  };
  const auto begun = begin();
  (void)sys::write_all(answer, begun ? std::string("+") : begun.error().message());
  ::_exit(0);
}

}  // namespace

NetworkCare::NetworkCare(Assembly& assembly, helper::DaemonLine line, pid_t init)
    : assembly_(assembly), line_(std::move(line)), init_(init), process_(&none_) {
  look();
}

void NetworkCare::look() {
  const auto process = line_.process();
  process_ = process ? *process : &none_;
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
  if (child.pid == 0) begin_and_say(assembly_, line_, init_, theirs);
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
  process_ = &none_;
  if (!how) return {};
  Record& record = assembly_.record;
  if (!may_start_again()) {
    record.network_error = *how;
  } else if (const auto started = start_again(); !started) {
    record.network_error = cat(*how, "; it cannot be started again: ", started.error().message());
  } else {
    ++record.network_restarts;
    look();
  }
  (void)save_record(assembly_.container, record);
  if (!record.network_error.empty()) return network_death(record.network_error);
  return cat("the container's network had died and was started again, its connections are lost: ",
             *how);
}

}  // namespace wolffia::cli::user
