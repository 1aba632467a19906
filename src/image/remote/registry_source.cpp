// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include "image/remote/registry.hpp"

namespace wolffia::image::remote {
namespace {

class RegistrySource : public Source {
 public:
  RegistrySource(Transport& transport, std::vector<Place> places, Identity identity,
                 std::string name)
      : transport_(transport),
        places_(std::move(places)),
        identity_(std::move(identity)),
        name_(std::move(name)) {}

  Result<RawManifest> top() override {
    const std::lock_guard lock(mutex_);
    TRY(find());
    return *top_;
  }

  Result<RawManifest> manifest(const oci::Descriptor& wanted) override {
    Repository* repository = TRY(chosen());
    return repository->manifest(wanted);
  }

  Result<void> blob(const oci::Descriptor& wanted, uint64_t offset, const Sink& sink) override {
    Repository* repository = TRY(chosen());
    return repository->blob(wanted, offset, sink);
  }

  std::string name() const override { return name_; }

 private:
  /// Takes the first place that has the image, once: a tag that moves meanwhile must not make
  /// what is checked and what is used two images. Precondition: mutex_ is held.
  Result<void> find() {
    if (top_) return {};
    std::string said;
    int code = ENOENT;
    for (const Place& place : places_) {
      auto found = choose(place);
      if (found) return {};
      said += cat(said.empty() ? "" : "; ", found.error().message());
      code = found.error().code();  // that of the registry itself, which comes last
    }
    return Error::because(code, std::move(said));
  }

  Result<void> choose(const Place& place) {
    auto repository = TRY(Repository::open(transport_, place, identity_));
    const Reference& wanted = place.reference;
    top_ = TRY(wanted.digest ? repository->manifest(*wanted.digest)
                             : repository->manifest(wanted.tag));
    chosen_ = std::move(repository);
    return {};
  }

  Result<Repository*> chosen() {
    const std::lock_guard lock(mutex_);
    TRY(find());
    return chosen_.get();
  }

  Transport& transport_;
  const std::vector<Place> places_;
  const Identity identity_;
  const std::string name_;
  std::mutex mutex_;
  std::unique_ptr<Repository> chosen_;  // guarded by mutex_; set once, as is top_
  std::optional<RawManifest> top_;      // guarded by mutex_
};

}  // namespace

std::unique_ptr<Source> open_registry(Transport& transport, std::vector<Place> places,
                                      Identity identity, std::string name) {
  return std::make_unique<RegistrySource>(transport, std::move(places), std::move(identity),
                                          std::move(name));
}

}  // namespace wolffia::image::remote
