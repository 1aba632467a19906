// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <utility>

#include "image/layer/hash.hpp"
#include "image/source.hpp"

namespace wolffia::test {

using image::RawManifest;

/// Manifests and blobs by their digests.
class Memory : public image::Source {
 public:
  std::string add(std::string bytes, std::string media_type) {
    const oci::Digest digest = image::digest_of(bytes);
    std::string entry = R"({"mediaType":")" + media_type + R"(","digest":")" + digest.text() +
                        R"(","size":)" + std::to_string(bytes.size()) + "}";
    top_ = digest.text();
    documents_.insert_or_assign(digest.text(), RawManifest{bytes, media_type, digest});
    return entry;
  }
  void replace(const std::string& of, std::string by) {
    documents_.at(image::digest_of(of).text()).bytes = std::move(by);
  }
  Result<RawManifest> top() override { return documents_.at(top_); }
  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    return documents_.at(wanted.digest.text());
  }
  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset,
                    const image::Sink& sink) override {
    const std::string& bytes = documents_.at(wanted.digest.text()).bytes;
    return sink(std::as_bytes(std::span(bytes)).subspan(offset));
  }
  std::string name() const override { return "memory"; }

 private:
  std::map<std::string, RawManifest> documents_;
  std::string top_;
};

}  // namespace wolffia::test
