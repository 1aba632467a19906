// SPDX-License-Identifier: Apache-2.0
// What `wolffia run IMAGE` does by itself before the kernel and wolffia-oci have their turn.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "bundle_text.hpp"
#include "cli/user/config.hpp"
#include "image/find.hpp"
#include "image/store_write.hpp"
#include "plan/default_profile.hpp"
#include "sys/file.hpp"

namespace wolffia::bench {
namespace {

constexpr const char* kName = "docker.io/library/debian:12";
constexpr const char* kConfig =
    R"({"os": "linux", "config": {"Cmd": ["sh"], "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": []}})";

oci::Digest digest(char digit) {
  return must(oci::Digest::parse("sha256:" + std::string(64, digit)));
}

/// A store with one image of five layers, removed in the end.
class SampleStore {
 public:
  SampleStore() : path_(std::filesystem::temp_directory_path() / "wolffia-bench-XXXXXX") {
    if (!::mkdtemp(path_.data())) std::abort();
    store_.emplace(must(image::Store::open(path_ + "/store")));
    const image::Writer writer = must(image::Writer::open(*store_));
    std::vector<std::string> keys;
    for (const char digit : {'1', '2', '3', '4', '5'}) {
      image::Staged staged = must(writer.stage());
      must(staged.make_tree());
      keys.emplace_back(digest(digit).hex());
      must(writer.commit_layer(std::move(staged), image::kOneOwner, keys.back(),
                               {.diff_id = digest(digit), .bytes = 1, .entries = 1}));
    }
    must(writer.add_image({.digest = digest('a'),
                           .manifest = "{}",
                           .config = kConfig,
                           .owners = image::kOneOwner,
                           .keys = keys}));
    must(store_->tag(must(image::parse_reference(kName)), digest('a')));
  }
  SampleStore(const SampleStore&) = delete;
  SampleStore& operator=(const SampleStore&) = delete;
  ~SampleStore() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const image::Store& operator*() const { return *store_; }

 private:
  std::string path_;
  std::optional<image::Store> store_;
};

void parse_reference(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(must(image::parse_reference(kName)));
}
BENCHMARK(parse_reference);

void find_image(benchmark::State& state) {
  const SampleStore store;
  for (auto _ : state)
    benchmark::DoNotOptimize(must(image::find_image(*store, "debian:12", image::kOneOwner)));
}
BENCHMARK(find_image);

void default_seccomp_profile(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(plan::default_profile());
}
BENCHMARK(default_seccomp_profile);

void config_of_an_image(benchmark::State& state) {
  cli::user::Ground ground;
  ground.root = "/home/ana/.local/share/wolffia/containers/0123456789ab/merged";
  ground.args = {"/bin/true"};
  ground.hosts = "/home/ana/.local/share/wolffia/containers/0123456789ab/hosts";
  const cli::user::RunRequest request;
  for (auto _ : state)
    benchmark::DoNotOptimize(cli::user::config_for_root(request, ground));
}
BENCHMARK(config_of_an_image);

}  // namespace
}  // namespace wolffia::bench
