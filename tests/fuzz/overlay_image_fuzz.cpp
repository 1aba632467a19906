// SPDX-License-Identifier: Apache-2.0
// SquashFS images as layers: whatever the bytes are, all of it can be looked at, and it ends.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "fuzz/require.hpp"
#include "overlay/squashfs.hpp"
#include "sys/file.hpp"

using namespace wolffia;
using fuzz::require;
using overlay::Content;
using overlay::LayerDir;
using overlay::LayerDirPtr;

namespace {

constexpr int kMostFiles = 200;
constexpr size_t kPiece = 64 << 10;

/// What is wrong with an image is EIO, and what a name is not is said as by a system call.
void require_answer(const Error& error) {
  const bool known = error.is(EIO) || error.is(EINVAL) || error.is(ENOTDIR) || error.is(ENODATA) ||
                     error.is(ENXIO) || error.is(ENOENT) || error.is(ENAMETOOLONG);
  require(known);
}

template <class T>
bool answered(const Result<T>& result) {
  if (!result) require_answer(result.error());
  return static_cast<bool>(result);
}

void read_some(const Content& content, uint64_t size) {
  std::vector<char> piece(kPiece);
  for (const uint64_t at : {uint64_t{0}, kPiece, size / 2, size - (size != 0 ? 1 : 0), size}) {
    const auto got = content.read(at, piece);
    if (answered(got)) require(*got <= piece.size() && *got <= size - std::min(at, size));
    for (const int whence : {SEEK_DATA, SEEK_HOLE}) {
      const auto found = content.seek(at, whence);
      if (answered(found)) require(*found >= at && *found <= size);
    }
  }
}

void look_at(const LayerDir& directory, const char* name) {
  const auto status = directory.status(name);
  if (answered(directory.attribute_names(name)))
    (void)answered(directory.attribute(name, "user.x"));
  if (!answered(status)) return;
  require(status->st_size >= 0 && status->st_nlink > 0);
  if (S_ISLNK(status->st_mode)) {
    const auto text = directory.link_text(name);
    if (answered(text)) require(!text->empty() && text->find('\0') == std::string::npos);
  }
  if (!S_ISREG(status->st_mode)) return;
  const auto content = directory.open(name);
  if (answered(content)) read_some(**content, static_cast<uint64_t>(status->st_size));
}

/// Each directory has one parent, so a walk ends by itself: the bound is for large ones.
void walk(const LayerDirPtr& root) {
  std::vector<LayerDirPtr> left{root};
  for (int files = 0; !left.empty() && files < kMostFiles;) {
    const LayerDirPtr directory = left.back();
    left.pop_back();
    look_at(*directory, "");
    std::vector<std::string> names;
    (void)answered(directory->list([&](const overlay::Entry& entry) {
      require(!entry.name.empty() && entry.name.size() <= 255);
      require(entry.name != "." && entry.name != ".." && entry.name.find('/') == std::string::npos);
      names.emplace_back(entry.name);
      return ++files < kMostFiles;
    }));
    for (const std::string& name : names) {
      look_at(*directory, name.c_str());
      auto below = directory->directory(name.c_str());
      if (answered(below)) left.push_back(std::move(below).value());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file = sys::memory_file("image");
  require(static_cast<bool>(file));
  require(static_cast<bool>(sys::write_all(*file, {reinterpret_cast<const char*>(data), size})));
  const overlay::ImageOpener images(1);
  const auto root = images.open(std::move(file).value());
  if (answered(root)) walk(*root);
  return 0;
}
