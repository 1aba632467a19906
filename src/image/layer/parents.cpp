// SPDX-License-Identifier: Apache-2.0
#include "image/layer/parents.hpp"

#include <fcntl.h>

#include <algorithm>

#include "sys/path.hpp"

namespace wolffia::image {
namespace {

Result<sys::Fd> open_level(const sys::Fd& dir, const std::string& name) {
  return sys::Fd(TRY(sys::open_entry(dir, name.c_str(), O_PATH | O_DIRECTORY)));
}

}  // namespace

const sys::Fd& Parents::here() const {
  return levels_.empty() ? root_ : levels_.back().directory;
}

Result<void> Parents::reopen_last() {
  size_t first = levels_.size();
  while (first > 0 && !levels_[first - 1].directory)
    --first;
  for (size_t i = first; i < levels_.size(); ++i) {
    const sys::Fd& above = i == 0 ? root_ : levels_[i - 1].directory;
    levels_[i].directory = TRY(open_level(above, levels_[i].name));
  }
  return {};
}

void Parents::close_some() {
  if (levels_.size() <= kOpen) return;
  const size_t index = levels_.size() - kOpen - 1;
  if (index % kOpen != 0) levels_[index].directory.reset();
}

Result<size_t> Parents::enter(std::span<const std::string> names) {
  const size_t most = std::min(names.size(), levels_.size());
  size_t same = 0;
  while (same < most && names[same] == levels_[same].name)
    ++same;
  levels_.resize(same);
  TRY(reopen_last());
  for (size_t i = same; i < names.size(); ++i) {
    auto next = open_level(here(), names[i]);
    if (!next) {
      const Error& why = next.error();
      if (why.is(ENOENT) || why.is(ENOTDIR) || why.is(ELOOP)) return i;
      return std::move(next).error();
    }
    levels_.push_back({names[i], std::move(*next)});
    close_some();
  }
  return names.size();
}

}  // namespace wolffia::image
