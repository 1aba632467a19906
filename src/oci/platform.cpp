// SPDX-License-Identifier: Apache-2.0
#include <sys/auxv.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/quote.hpp"
#include "oci/image_parts.hpp"
#include "oci/parse_image.hpp"

namespace wolffia::oci {
namespace {

struct Alias {
  std::string_view name;
  std::string_view architecture;
  std::string_view variant;
};

// What uname(1) and Debian call what Go calls otherwise. Source: go tool dist list.
constexpr std::array kAliases{
    Alias{"x86_64", "amd64", ""},
    Alias{"x86-64", "amd64", ""},
    Alias{"aarch64", "arm64", ""},
    Alias{"i386", "386", ""},
    Alias{"i686", "386", ""},
    Alias{"armhf", "arm", "v7"},
    Alias{"armv7l", "arm", "v7"},
    Alias{"armel", "arm", "v6"},
    Alias{"armv6l", "arm", "v6"},
    Alias{"ppc64el", "ppc64le", ""},
    Alias{"loongarch64", "loong64", ""},
};

constexpr std::array<std::string_view, 4> kAmd64{"v1", "v2", "v3", "v4"};
constexpr std::array<std::string_view, 4> kArm{"v5", "v6", "v7", "v8"};
constexpr std::array<std::string_view, 2> kArm64{"v8", "v9"};

/// Variants each of which runs what is made for those before it.
struct Levels {
  std::string_view architecture;
  std::span<const std::string_view> variants;  // lowest first
  std::string_view assumed;                    // where none is written
};

// image-spec image-index.md, "Platform Variants"; amd64 as in the psABI.
constexpr std::array kLevels{
    Levels{"amd64", kAmd64, "v1"},
    Levels{"arm", kArm, "v7"},
    Levels{"arm64", kArm64, "v8"},
};

/// How high `variant` is among those of `architecture`, from 1; 0: it is none that is known.
size_t level_of(std::string_view architecture, std::string_view variant) {
  for (const Levels& row : kLevels) {
    if (row.architecture != architecture) continue;
    const std::string_view one = variant.empty() ? row.assumed : variant;
    const auto found = std::find(row.variants.begin(), row.variants.end(), one);
    return found == row.variants.end() ? 0 : static_cast<size_t>(found - row.variants.begin()) + 1;
  }
  return 0;
}

/// How well what is made for `offered` runs on `wanted`: higher is better, 0 is not at all.
size_t fitness(const Platform& offered, const Platform& wanted) {
  if (offered.os != wanted.os || offered.architecture != wanted.architecture) return 0;
  const size_t at_most = level_of(wanted.architecture, wanted.variant);
  const size_t level = level_of(offered.architecture, offered.variant);
  if (at_most > 0 && level > 0) return level <= at_most ? 1 + level : 0;
  return offered.variant == wanted.variant || offered.variant.empty() ? 2 : 0;
}

/// An entry without a platform may be anything: the last choice, unless it says to be no image.
size_t fitness(const Descriptor& entry, const Platform& wanted) {
  if (!is_manifest(entry.media_type) && !is_index(entry.media_type)) return 0;
  if (entry.platform) return fitness(*entry.platform, wanted);
  return entry.artifact_type.empty() ? 1 : 0;
}

#if defined(__x86_64__)
constexpr std::string_view kArchitecture = "amd64";
std::string own_variant() {
  __builtin_cpu_init();
  // __builtin_cpu_supports() takes only a literal, so no table. Source: x86-64 psABI, 3.1.1.
  if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("popcnt")) return "v1";
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") ||
      !__builtin_cpu_supports("fma"))
    return "v2";
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return "v3";
  return "v4";
}
#elif defined(__arm__)
constexpr std::string_view kArchitecture = "arm";
std::string own_variant() {
  // "v7l": what the kernel puts in front of every program. Source: getauxval(3), AT_PLATFORM.
  const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_PLATFORM));
  const std::string_view text = name ? name : "";
  return level_of(kArchitecture, text.substr(0, 2)) > 0 ? std::string(text.substr(0, 2)) : "v6";
}
#else
#if defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#elif defined(__i386__)
constexpr std::string_view kArchitecture = "386";
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::string_view kArchitecture = "riscv64";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
constexpr std::string_view kArchitecture = "ppc64le";
#elif defined(__s390x__)
constexpr std::string_view kArchitecture = "s390x";
#elif defined(__loongarch_lp64)
constexpr std::string_view kArchitecture = "loong64";
#elif defined(__mips64) && defined(__MIPSEL__)
constexpr std::string_view kArchitecture = "mips64le";
#else
#error "name this architecture as Go does"
#endif
std::string own_variant() {
  return {};
}
#endif

bool is_word(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Result<Platform> parse_platform_object(const json::Object& object) {
  Platform platform;
  TRY(object.read("os", platform.os));
  TRY(object.read("architecture", platform.architecture));
  TRY(object.read("variant", platform.variant));
  TRY(object.read("os.version", platform.os_version));
  return platform;
}

Platform own_platform() {
  return {"linux", std::string(kArchitecture), own_variant(), {}};
}

Result<Platform> parse_platform(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view rest = text;;) {
    const size_t slash = rest.find('/');
    words.push_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (words.size() > 3 || !std::all_of(words.begin(), words.end(), is_word))
    return Error::because(EINVAL, cat("invalid platform ", quoted(text),
                                      ": write os/arch[/variant], as linux/arm64"));
  Platform platform;
  platform.os = words.size() > 1 ? words[0] : "linux";
  platform.architecture = words[words.size() > 1 ? 1 : 0];
  for (const Alias& alias : kAliases) {
    if (alias.name != platform.architecture) continue;
    platform.variant = alias.variant;
    platform.architecture = alias.architecture;
    break;
  }
  if (words.size() > 2) platform.variant = words[2];
  return platform;
}

std::string platform_text(const Platform& platform) {
  std::string text = cat(platform.os, "/", platform.architecture);
  if (!platform.variant.empty()) text += cat("/", platform.variant);
  return text;
}

bool is_for(const Platform& offered, const Platform& wanted) {
  return fitness(offered, wanted) > 0;
}

const Descriptor* choose_platform(const Index& index, const Platform& wanted) {
  const Descriptor* best = nullptr;
  size_t best_fitness = 0;
  for (const Descriptor& entry : index.manifests) {
    const size_t fits = fitness(entry, wanted);
    if (fits <= best_fitness) continue;
    best = &entry;
    best_fitness = fits;
  }
  return best;
}

}  // namespace wolffia::oci
