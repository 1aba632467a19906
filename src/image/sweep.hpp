// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "image/lock.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// What stands for this machine at the beginning of names.
std::string machine_word();

/// A name that nobody else has, for what one process makes in tmp/: SESSION.1, SESSION.2, … It
/// holds session_lock(SESSION) as long as it lives. The name begins with the machine's word.
Result<std::string> new_session();

/// What to take for left over. A file system may lock for one machine only (Lustre with
/// "localflock") and not say so, so what was made elsewhere is left alone for some time.
struct SweepRules {
  std::chrono::seconds foreign{86'400};
  std::chrono::seconds parts{7 * 86'400};  // of blobs: kept to go on with
};

struct Swept {
  uint64_t count = 0;
  uint64_t bytes = 0;             // of partial blobs: nobody has counted what else there was
  std::vector<std::string> left;  // "tmp/…: why": not ours to remove
};

/// Removes what dead processes left in tmp/ and in locks/.
Result<Swept> sweep(const sys::Fd& store, Locks& locks, const SweepRules& rules);

}  // namespace wolffia::image
