// SPDX-License-Identifier: Apache-2.0
#include "image/transfer/pull.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "image/layer/hash.hpp"
#include "image/space.hpp"
#include "image/store_write.hpp"
#include "image/transfer/fetch.hpp"
#include "image/transfer/lower_links.hpp"
#include "oci/parse_image.hpp"
#include "sys/directory.hpp"

namespace wolffia::image {
namespace {

/// A layer on its way into the store.
struct Job {
  LayerOrder order;
  std::string diff_key, chain_key;  // the names it may have in the store
  std::string key;                  // the one it has; empty: not there yet
  std::optional<Staged> staged;     // waits for the layers below
  std::optional<Unpacked> unpacked;
};

/// So many bytes on disk a compressed byte becomes, itself included: three is usual for programs,
/// ten for text. Only a guess, so that most who lack space learn it before they wait.
constexpr uint64_t kGrowth = 4;

Result<std::vector<Job>> make_jobs(const ResolvedImage& image, const PullOptions& options) {
  std::vector<Job> jobs;
  std::optional<oci::Digest> below;
  for (size_t i = 0; i < image.manifest.layers.size(); ++i) {
    const oci::Descriptor& blob = image.manifest.layers[i];
    const oci::Digest& diff_id = image.config.diff_ids[i];
    below = chain_id(below, diff_id);
    Job job{.order = {.blob = blob, .diff_id = diff_id, .options = {}},
            .diff_key = std::string(diff_id.hex()),
            .chain_key = std::string(below->hex()),
            .key = {},
            .staged = {},
            .unpacked = {}};
    job.order.options.diff_id = diff_id.algorithm();
    job.order.options.compression = TRY(oci::layer_compression(blob.media_type));
    job.order.options.owners = options.owners == kOneOwner ? wolffia::image::Owners::Caller
                                                           : wolffia::image::Owners::Archive;
    jobs.push_back(std::move(job));
  }
  return jobs;
}

LayerMeta meta_of(const Job& job) {
  return {
      .diff_id = job.order.diff_id, .bytes = job.unpacked->bytes, .entries = job.unpacked->entries};
}

/// That there is room for the layers that are not there yet.
Result<void> check_room(const std::vector<Job>& jobs, const PullOptions& options,
                        const Writer& writer, const Store& store) {
  uint64_t bytes = 0;
  for (const Job& job : jobs) {
    if (TRY(writer.find_layer(options.owners, job.diff_key)) ||
        TRY(writer.find_layer(options.owners, job.chain_key)))
      continue;
    bytes += job.order.blob.size * kGrowth;  // at most 2^53 each, and few: see the parser
  }
  return check_space(store, bytes);
}

class Pull {
 public:
  Pull(const PullMeans& means, const Store& store, const Writer& writer, const PullOptions& options,
       std::vector<Job> jobs)
      : means_{means.source, means.unpackers, means.progress, cancelled_},
        store_(store),
        writer_(writer),
        options_(options),
        jobs_(std::move(jobs)) {}

  /// Fetches every layer, `parallel` at a time. Errors: the first one; the others are cancelled.
  Result<void> fetch_all() {
    std::vector<std::thread> threads;
    const size_t count = std::min<size_t>(options_.parallel, jobs_.size());
    for (size_t i = 1; i < count; ++i)
      threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads)
      thread.join();
    if (failure_) return *std::move(failure_);
    return {};
  }

  /// From the lowest on: what needs the layers below gets them, and its name.
  Result<void> settle() {
    std::vector<std::string> below;
    for (Job& job : jobs_) {
      if (job.key.empty()) TRY(settle_one(job, below));
      below.push_back(job.key);
    }
    return {};
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    keys.reserve(jobs_.size());
    for (const Job& job : jobs_)
      keys.push_back(job.key);
    return keys;
  }

 private:
  /// Takes one job after another. A layer that an image has twice is fetched once: the second
  /// finds the first one's.
  void work() noexcept {
    for (;;) {
      const size_t mine = next_++;
      if (mine >= jobs_.size() || cancelled_) return;
      Job& job = jobs_[mine];
      auto done = fetch(job);
      if (done) continue;
      cancelled_ = true;
      const std::lock_guard lock(mutex_);
      if (!failure_ && !done.error().is(ECANCELED)) failure_ = std::move(done).error();
    }
  }

  Result<void> fetch(Job& job) {
    const auto waiting = [&] {
      means_.progress.note(cat("waiting for another process that fetches layer ",
                               job.order.blob.digest.hex().substr(0, 12)));
    };
    const Lock lock = TRY(writer_.lock_layer(options_.owners, job.diff_key, waiting));
    for (const std::string& key : {job.diff_key, job.chain_key}) {
      if (!TRY(writer_.find_layer(options_.owners, key))) continue;
      job.key = key;
      return options_.keep_blobs == KeepBlobs::All ? keep(job.order.blob, waiting) : Result<void>();
    }
    Partial part = TRY(writer_.partial(job.order.blob.digest, waiting));
    Staged staged = TRY(writer_.stage());
    const sys::Fd tree = TRY(staged.make_tree());
    job.unpacked = TRY(fetch_layer(job.order, part.file(), tree, means_));
    tell(means_.progress, job.unpacked->warnings, &job.order.blob.digest);
    if (job.unpacked->pending.empty() && !job.unpacked->hides_lower) {
      TRY(writer_.commit_layer(std::move(staged), options_.owners, job.diff_key, meta_of(job)));
      job.key = job.diff_key;
    } else {
      job.staged.emplace(std::move(staged));
    }
    return options_.keep_blobs != KeepBlobs::No
               ? writer_.keep_blob(std::move(part), job.order.blob.digest)
               : std::move(part).discard();
  }

  /// The layer is unpacked; its blob may not have been kept then.
  Result<void> keep(const oci::Descriptor& blob, const OnWait& waiting) {
    if (TRY(open_blob(store_, blob.digest))) return {};
    Partial part = TRY(writer_.partial(blob.digest, waiting));
    if (TRY(open_blob(store_, blob.digest))) return std::move(part).discard();
    TRY(fetch_blob(blob, part.file(), means_));
    return writer_.keep_blob(std::move(part), blob.digest);
  }

  Result<void> settle_one(Job& job, const std::vector<std::string>& below) {
    const sys::Fd tree = TRY(sys::open_directory(job.staged->directory(), "tree"));
    std::vector<std::string> trees;
    trees.reserve(below.size());
    for (const std::string& key : below)
      trees.push_back(cat(store_.path(), "/layers/", options_.owners, "/", key, "/tree"));
    const std::string layer = cat("layer ", job.order.blob.digest.text());
    TRY(link_lower(tree, job.unpacked->pending, trees), layer);
    if (job.unpacked->hides_lower) TRY(hide_lower(tree, trees), layer);
    Staged staged = *std::move(job.staged);
    job.staged.reset();
    TRY(writer_.commit_layer(std::move(staged), options_.owners, job.chain_key, meta_of(job)));
    job.key = job.chain_key;
    return {};
  }

  std::atomic<bool> cancelled_ = false;
  FetchMeans means_;
  const Store& store_;
  const Writer& writer_;
  const PullOptions& options_;
  std::vector<Job> jobs_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace

Result<void> pull_image(const PullMeans& means, const ResolvedImage& image, const Store& store,
                        const PullOptions& options) {
  const Writer writer = TRY(Writer::open(
      store, [&] { means.progress.note("waiting for wolffia gc, which works on the store"); }));
  std::vector<Job> jobs = TRY(make_jobs(image, options), means.source.name());
  TRY(check_room(jobs, options, writer, store));
  Pull pull(means, store, writer, options, std::move(jobs));
  if (auto fetched = pull.fetch_all(); !fetched)
    return explain_full(store, std::move(fetched).error());
  TRY(pull.settle());
  const std::vector<std::string> keys = pull.keys();
  TRY(writer.add_image({.digest = image.raw.digest,
                        .manifest = image.raw.bytes,
                        .config = image.config_bytes,
                        .owners = options.owners,
                        .keys = keys,
                        .name = options.name}));
  return {};
}

}  // namespace wolffia::image
