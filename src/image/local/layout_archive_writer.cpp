// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "image/layer/checked.hpp"
#include "image/local/archive_writer.hpp"
#include "image/local/layout_parts.hpp"

namespace wolffia::image {
namespace {

class LayoutArchive : public ImageArchive {
 public:
  LayoutArchive(std::unique_ptr<ArchiveFile> file, std::string name)
      : file_(std::move(file)), name_(std::move(name)) {}

  void name_next(std::vector<std::string> names) override { names_ = std::move(names); }

  Result<bool> has(const oci::Descriptor& blob) override { return written_.contains(blob.digest); }

  Result<void> put(const oci::Descriptor& blob, Source& source) override {
    if (written_.contains(blob.digest)) return {};
    TRY(add_directory_for(blob.digest));
    TRY(file_->add(blob_path(blob.digest), blob.size,
                   [&](const Sink& sink) { return send_checked(source, blob, sink); }));
    written_.insert(blob.digest);
    return {};
  }

  Result<void> put_manifest(const RawManifest& manifest) override {
    if (!written_.insert(manifest.digest).second) return {};
    TRY(add_directory_for(manifest.digest));
    return file_->add_text(blob_path(manifest.digest), manifest.bytes);
  }

  Result<void> finish(const RawManifest& top) override {
    if (names_.empty()) names_.emplace_back();
    for (const std::string& name : names_)
      add_to_index(index_, top, name);
    names_.clear();
    return {};
  }

  Result<void> close() override {
    TRY(file_->add_text(std::string(kLayoutFile), kLayoutVersion), name_);
    TRY(file_->add_text(std::string(kIndexFile), encode_index(index_)), name_);
    TRY(file_->close(), name_);
    return {};
  }

  std::string name() const override { return name_; }

 private:
  /// "blobs/sha256/" in front of the first file in it.
  Result<void> add_directory_for(const oci::Digest& digest) {
    std::string path = blob_path(digest);
    path.resize(path.rfind('/'));
    if (directories_.contains(path)) return {};
    if (directories_.insert("blobs").second) TRY(file_->add_directory("blobs"));
    TRY(file_->add_directory(path));
    directories_.insert(std::move(path));
    return {};
  }

  std::unique_ptr<ArchiveFile> file_;
  std::string name_;
  std::vector<std::string> names_;  // of the next image
  std::set<std::string> directories_;
  std::set<oci::Digest> written_;
  oci::Index index_;
};

}  // namespace

std::unique_ptr<ImageArchive> write_layout_archive(std::unique_ptr<ArchiveFile> file,
                                                   std::string name) {
  return std::make_unique<LayoutArchive>(std::move(file), std::move(name));
}

}  // namespace wolffia::image
