// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <optional>
#include <string>

#include "image/layer/hash.hpp"
#include "image/layer/tar_builder.hpp"
#include "image/layer/unpack.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

/// Unpacks archives made in memory and looks at the trees.
namespace wolffia::test {

inline sys::Fd stream_of(const std::string& bytes) {
  sys::Fd file = sys::memory_file("layer").value();
  EXPECT_TRUE(sys::write_all(file, bytes));
  EXPECT_TRUE(sys::rewind(file));
  return file;
}

/// A tree that layers are unpacked into.
struct UnpackedTree {
  TempDir dir;
  image::UnpackOptions options;

  UnpackedTree() { ::mkdir(root().c_str(), 0755); }
  std::string root() const { return dir / "tree"; }
  std::string at(const std::string& path) const { return root() + "/" + path; }

  Result<image::Unpacked> unpack(const std::string& bytes) const {
    const sys::Fd stream = stream_of(bytes);
    const sys::Fd tree = sys::open_root(root().c_str()).value();
    return image::unpack(stream, tree, options);
  }
  /// The message of what must fail.
  std::string refusal(const std::string& bytes, int code = EINVAL) const {
    auto done = unpack(bytes);
    if (done) return "it was unpacked";
    EXPECT_EQ(done.error().code(), code) << done.error().message();
    return done.error().message();
  }
  image::Unpacked must_unpack(const std::string& bytes) const {
    auto done = unpack(bytes);
    if (!done) ADD_FAILURE() << done.error().message();
    return done ? std::move(*done) : image::Unpacked{.diff_id = image::digest_of("")};
  }

  struct stat status(const std::string& path) const {
    struct stat found {};
    if (::lstat(at(path).c_str(), &found) < 0) found.st_mode = 0;
    return found;
  }
  bool exists(const std::string& path) const { return status(path).st_mode != 0; }
  bool is_whiteout(const std::string& path) const {
    const struct stat found = status(path);
    return S_ISCHR(found.st_mode) && found.st_rdev == ::makedev(0, 0);
  }
  std::string text(const std::string& path) const { return read_text(at(path)); }
  std::optional<std::string> attribute(const std::string& path, const char* name) const {
    char value[256];
    const ssize_t n = ::lgetxattr(at(path).c_str(), name, value, sizeof value);
    if (n < 0) return std::nullopt;
    return std::string(value, static_cast<size_t>(n));
  }
  bool is_opaque(const std::string& path) const {
    return attribute(path, "user.overlay.opaque") == "y";
  }
};

}  // namespace wolffia::test
