// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/ask.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "launch/starter.hpp"
#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user::doctor {

Question::~Question() {
  if (!process_.pidfd) return;
  (void)sys::send_signal(process_.pidfd, SIGKILL);  // it has ended already, or has to
  // One that a dead server keeps inside a system call cannot even be killed: it stays behind.
  constexpr std::chrono::milliseconds kPatience{20};
  const auto ended = sys::ended_within(process_.pidfd, kPatience);
  if (ended && *ended) (void)sys::wait_for(process_.pidfd);
}

Result<Question> Question::start(uint64_t namespaces, const Work& work) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  Question question;
  question.process_ = TRY(launch::clone_into(namespaces));
  if (question.process_.pid == 0) {
    ours.reset();
    work(theirs);
    ::_exit(0);
  }
  question.socket_ = std::move(ours);
  return question;
}

bool Question::take(std::span<std::byte> bytes, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  const auto ready = sys::readable_within(socket_, std::max(left, std::chrono::milliseconds(0)));
  if (!ready || !*ready) return false;
  const auto received = sys::receive_packet(socket_, bytes);
  return received && received->size == bytes.size();
}

void send_answer(const sys::Fd& socket, std::span<const std::byte> bytes) {
  (void)sys::send_packet(socket, bytes);  // nobody waits any more: nobody to tell
}

}  // namespace wolffia::cli::user::doctor
