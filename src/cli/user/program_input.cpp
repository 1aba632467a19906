// SPDX-License-Identifier: Apache-2.0
#include "cli/user/program_input.hpp"

#include <unistd.h>

#include "base/words.hpp"
#include "container/relay.hpp"
#include "sys/session.hpp"

namespace wolffia::cli::user {

int ProgramInput::sink() const {
  return streams_.terminal ? streams_.out.get() : streams_.input.get();
}

void ProgramInput::take(const Packet& packet) {
  if (packet.word == Word::Window) return set_window(packet.bytes);
  if (!streams_.interactive || sink() < 0) return;
  if (packet.word == Word::EndOfInput) return end();
  if (packet.word != Word::Input || packet.bytes.empty()) return;
  waiting_ = packet.bytes;
  begin_ = 0;
  last_ = waiting_.back();
}

void ProgramInput::end() {
  begin_ = 0;
  waiting_.clear();
  if (streams_.terminal) {
    waiting_ = container::end_of_input(streams_.out, last_ != '\n');
    last_ = '\n';
  } else {
    streams_.input.reset();
  }
}

void ProgramInput::set_window(std::string_view digits) {
  Words words(digits);
  uint16_t rows = 0;
  uint16_t columns = 0;
  if (streams_.terminal && read_number(words.next(), rows) && read_number(words.next(), columns))
    (void)sys::set_window_size(streams_.out, rows, columns);  // a wrong size is no reason to stop
}

void ProgramInput::write() {
  const ssize_t count = ::write(sink(), waiting_.data() + begin_, waiting_.size() - begin_);
  if (count > 0) {
    begin_ += static_cast<size_t>(count);
  } else if (errno != EAGAIN && errno != EINTR) {
    begin_ = waiting_.size();  // nobody will read it
  }
  if (!empty()) return;
  waiting_.clear();
  begin_ = 0;
}

}  // namespace wolffia::cli::user
