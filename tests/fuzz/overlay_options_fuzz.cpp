// SPDX-License-Identifier: Apache-2.0
// The command line of wolffia-overlay, one word a line: what is taken is whole, and what is refused
// is one sentence.
#include <limits>
#include <vector>

#include "fuzz/require.hpp"
#include "overlay/command_line.hpp"

namespace {

using namespace wolffia;
using fuzz::require;

void check_ranges(const std::vector<overlay::IdRange>& ranges) {
  constexpr uint32_t kNoId = std::numeric_limits<uint32_t>::max();
  for (const overlay::IdRange& range : ranges) {
    require(range.size >= 1);
    require(range.size <= kNoId - range.inside && range.size <= kNoId - range.outside);
  }
}

void check(const overlay::CommandLine& line) {
  const overlay::Options& options = line.options;
  require(!options.lower.empty() && options.lower.size() <= overlay::kMaxLayers);
  for (const std::string& layer : options.lower)
    require(layer.starts_with('/'));
  require(options.upper.empty() == options.work.empty());
  require(options.upper.empty() ? line.mount.read_only : options.upper.starts_with('/'));
  require(line.mount.point.starts_with('/') && !line.mount.source.empty());
  require(options.timeout >= 0 && options.timeout <= std::numeric_limits<double>::max());
  require(options.durable || !options.sync);
  require(line.exit_fd >= -1 && line.ready_fd >= -1);
  check_ranges(options.uids);
  check_ranges(options.gids);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<const char*> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    text[end] = '\0';
    words.push_back(text.c_str() + begin);
    begin = end + 1;
  }
  const auto line = overlay::parse_command_line(words, "/here");
  if (!line) fuzz::require_sentence(line.error());
  if (line && line->ask == overlay::Ask::Serve) check(*line);
  return 0;
}
