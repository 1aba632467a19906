// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "bundle_text.hpp"

namespace wolffia::bench {
namespace {

void parse_bundle(benchmark::State& state, const char* name) {
  const std::string text = bundle_text(name);
  for (auto _ : state) {
    benchmark::DoNotOptimize(must(oci::parse_spec(text)));
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

BENCHMARK_CAPTURE(parse_bundle, runc_spec_rootless, "runc-spec-rootless.json");
BENCHMARK_CAPTURE(parse_bundle, podman_with_seccomp, "podman-run.json");

}  // namespace
}  // namespace wolffia::bench
