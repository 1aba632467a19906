// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "bundle_text.hpp"
#include "launch/seccomp_filter.hpp"
#include "sys/file.hpp"

namespace wolffia::bench {
namespace {

oci::Seccomp engine_profile() {
  return bundle_spec("podman-run.json").linux.seccomp.value();
}

void compile_engine_profile(benchmark::State& state) {
  const oci::Seccomp section = engine_profile();
  for (auto _ : state) {
    benchmark::DoNotOptimize(must(launch::compile_filter(section)));
  }
}

BENCHMARK(compile_engine_profile)->Unit(benchmark::kMicrosecond);

/// Owns a state root for the cache.
class TempDir {
 public:
  TempDir() {
    if (::mkdtemp(path_) == nullptr) std::abort();
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  sys::Fd open() const { return must(sys::open_at(sys::cwd(), path_, O_RDONLY | O_DIRECTORY)); }

 private:
  char path_[32] = "/tmp/wolffia-bench.XXXXXX";
};

void load_cached_engine_profile(benchmark::State& state) {
  const oci::Seccomp section = engine_profile();
  const TempDir temporary;
  const sys::Fd directory = temporary.open();
  must(launch::load_filter(section, directory));
  for (auto _ : state) {
    benchmark::DoNotOptimize(must(launch::load_filter(section, directory)));
  }
}

BENCHMARK(load_cached_engine_profile)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wolffia::bench
