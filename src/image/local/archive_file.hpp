// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "image/layer/pack.hpp"
#include "image/layer/sink.hpp"
#include "image/layer/tar_writer.hpp"
#include "image/local/new_file.hpp"
#include "image/source.hpp"
#include "sys/fd.hpp"

namespace wolffia::image {

/// Writes the content of a file of the archive to the sink.
using Fill = std::function<Result<void>(const Sink&)>;
/// The same; returns what the file is called.
using FillAndName = std::function<Result<std::string>(const Sink&)>;

/// A tar archive that is being written, front to back: to a file that appears when it is whole, or
/// to a pipe or device. Files in it are 0644, root's and without a time, so that the same images
/// make the same archive.
class ArchiveFile {
 public:
  /// Whether add_late() will be called: a pipe then gets the archive from a temporary file in
  /// $TMPDIR, else /var/tmp.
  enum class Late : bool { No, Yes };

  /// In place of `path`, which may be a pipe or device: that is written to.
  static Result<std::unique_ptr<ArchiveFile>> create(const std::string& path, Late late);
  /// To `stream`, which is kept open.
  static Result<std::unique_ptr<ArchiveFile>> to_stream(sys::Fd stream, Late late);
  ArchiveFile(const ArchiveFile&) = delete;
  ArchiveFile& operator=(const ArchiveFile&) = delete;

  Result<void> add_directory(const std::string& name);
  Result<void> add_text(const std::string& name, std::string_view text);
  /// Precondition: `fill` writes `size` bytes, or fails.
  Result<void> add(const std::string& name, uint64_t size, const Fill& fill);
  /// A file whose name, of at most 100 bytes, and size are known only when it was written.
  /// Precondition: Late::Yes.
  Result<void> add_late(const FillAndName& fill);

  /// The files of the directory `tree`, as pack_entries() has them. Returns its warnings.
  Result<std::vector<Warning>> add_tree(const sys::Fd& tree, const PackOptions& options);

  /// The archive is whole: a file is synced and gets its name. To be called once.
  Result<void> close();

 private:
  ArchiveFile(sys::Fd directory, std::string name)
      : directory_(std::move(directory)), name_(std::move(name)) {}
  const sys::Fd& file() const { return made_ ? made_->file() : plain_; }
  void begin();
  Sink sink();

  sys::Fd directory_;            // of the file that is made; empty: there is none
  std::string name_;             // of that
  std::optional<NewFile> made_;  // set where there is a directory
  sys::Fd plain_;                // else: the stream, or a temporary file
  sys::Fd stream_;               // gets what the temporary file holds, if there is one
  std::unique_ptr<FdSink> out_;
  std::unique_ptr<TarWriter> writer_;
};

}  // namespace wolffia::image
