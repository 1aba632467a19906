// SPDX-License-Identifier: Apache-2.0
// What lies in a state directory may be damaged in any way, and /proc/PID/stat holds a name that
// the process chose. The first byte says which of the three it is.
#include <string>
#include <string_view>

#include "container/identity.hpp"
#include "container/state.hpp"
#include "fuzz/require.hpp"
#include "json/locate.hpp"

namespace {

using namespace wolffia;
using namespace wolffia::container;
using fuzz::require;

/// What was accepted is what we would have written, or it would mean something else later; and what
/// is shown of it is JSON again.
void check_state(std::string_view text) {
  const auto state = decode_state(std::string(text));
  if (!state) {
    fuzz::require_sentence(state.error());
    return;
  }
  require(state->init.pid > 1);
  const std::string again = encode_state(*state);
  const auto twice = decode_state(again);
  require(twice && encode_state(*twice) == again);
  require(twice->init == state->init && twice->id == state->id);
  for (const Status status : {Status::Creating, Status::Running, Status::Stopped}) {
    require(json::locate_fault(hook_state(*state, status, "4711")).empty());
    require(json::locate_fault(state_json(*state, status, state->id)).empty());
  }
}

void check_identity(std::string_view line) {
  const auto identity = decode_identity(line);
  if (identity) require(identity->pid > 1 && encode_identity(*identity) == line);
}

void check_stat(std::string_view text) {
  const auto facts = parse_stat(text);
  if (facts) require(text.find(") ") != std::string_view::npos);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0]) {
    case 'i':
      check_identity(text);
      break;
    case 'p':
      check_stat(text);
      break;
    default:
      check_state(text);
  }
  return 0;
}
