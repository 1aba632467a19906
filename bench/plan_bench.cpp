// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "bundle_text.hpp"
#include "plan/make_plan.hpp"

namespace wolffia::bench {
namespace {

/// An ordinary user with the ids that the bundle maps.
plan::Host host() {
  plan::Host host;
  host.uid = 1000;
  host.gid = 1000;
  host.user_name = "ana";
  host.capabilities = 0;
  host.uid_map = host.gid_map = {{0, 0, UINT32_MAX}};
  host.sub_uids = host.sub_gids = {{100000, 65536}};
  return host;
}

plan::Options options() {
  plan::Options options;
  options.id = "bench";
  options.bundle = "/bundle";
  options.cgroups = plan::CgroupManager::Disabled;
  return options;
}

void plan_bundle(benchmark::State& state, const char* name) {
  const oci::Spec spec = bundle_spec(name);
  for (auto _ : state) {
    benchmark::DoNotOptimize(must(plan::make_plan(spec, host(), options())));
  }
}

BENCHMARK_CAPTURE(plan_bundle, runc_spec_rootless, "runc-spec-rootless.json");
BENCHMARK_CAPTURE(plan_bundle, podman, "podman-run.json");

void print_plan(benchmark::State& state) {
  const plan::Plan plan =
      must(plan::make_plan(bundle_spec("runc-spec-rootless.json"), host(), options()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan::print(plan));
  }
}

BENCHMARK(print_plan);

}  // namespace
}  // namespace wolffia::bench
