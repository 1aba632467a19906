// SPDX-License-Identifier: Apache-2.0
#include "launch/seccomp_cache.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/build_id.hpp"
#include "base/hash.hpp"
#include "sys/credentials.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr const char* kFolder = "=seccomp";
constexpr size_t kMaxKey = 1U << 20;  // a longer section is compiled each time

/// The head of a file; the key and then the program follow.
struct Head {
  std::array<char, 8> magic;
  uint32_t key_size;      // bytes
  uint32_t instructions;  // sock_filter
  uint32_t flags;         // Filter::flags
  uint32_t zero;
  uint64_t checksum;  // of all of the file, this field being 0
};
constexpr std::array<char, 8> kMagic = {'w', 'f', 'l', 'b', 'p', 'f', '1', '\n'};
static_assert(sizeof(Head) == 32 && std::has_unique_object_representations_v<Head>);

constexpr size_t kMaxFile = sizeof(Head) + kMaxKey + BPF_MAXINSNS * sizeof(sock_filter);

/// 16 hexadecimal digits.
std::string hex(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4)
    *digit = kDigits[number & 0xf];
  return text;
}

std::string path_of(std::string_view key) {
  return cat(kFolder, "/", hex(hash_bytes(key)));
}

template <class T>
std::string_view bytes_of(const T* first, size_t count) {
  return {reinterpret_cast<const char*>(first), count * sizeof(T)};
}

uint64_t checksum(Head head, std::string_view key, std::string_view program) {
  head.checksum = 0;
  return hash_bytes(program, hash_bytes(key, hash_bytes(bytes_of(&head, 1))));
}

/// Opens without following a link or waiting for a writer, then asks what was opened: the bytes
/// become a filter only where nobody else could have written them.
Result<std::string> read_private_file(const sys::Fd& directory, const std::string& path) {
  const sys::Fd file =
      TRY(sys::open_at(directory, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  const struct stat status = TRY(sys::stat_fd(file));
  if (!is_private(status, sys::effective_uid())) return Error::because(EPERM, "not private");
  if (status.st_size < static_cast<off_t>(sizeof(Head)) ||
      status.st_size > static_cast<off_t>(kMaxFile))
    return Error::because(EINVAL, "not a cached filter");
  return sys::read_exactly(file, static_cast<size_t>(status.st_size));
}

std::optional<Filter> decode(std::string_view file, std::string_view key) {
  Head head{};
  std::memcpy(&head, file.data(), sizeof head);
  file.remove_prefix(sizeof head);
  const size_t program_size = size_t{head.instructions} * sizeof(sock_filter);
  if (head.magic != kMagic || head.instructions == 0 || head.instructions > BPF_MAXINSNS) return {};
  if (head.key_size != key.size() || file.size() != key.size() + program_size) return {};
  const std::string_view program = file.substr(key.size());
  if (file.substr(0, key.size()) != key || head.checksum != checksum(head, key, program)) return {};

  Filter filter{.program = std::vector<sock_filter>(head.instructions), .flags = head.flags};
  std::memcpy(filter.program.data(), program.data(), program.size());
  return filter;
}

std::string encode(std::string_view key, const Filter& filter) {
  const std::string_view program = bytes_of(filter.program.data(), filter.program.size());
  Head head{.magic = kMagic,
            .key_size = static_cast<uint32_t>(key.size()),
            .instructions = static_cast<uint32_t>(filter.program.size()),
            .flags = filter.flags,
            .zero = 0,
            .checksum = 0};
  head.checksum = checksum(head, key, program);
  return cat(bytes_of(&head, 1), key, program);
}

/// Removes what was written first until there is room for one more.
Result<void> make_room(const sys::Fd& folder) {
  constexpr size_t kRead = 16 * kCachedFilters;  // more only if someone else fills the folder
  const std::vector<std::string> names = TRY(sys::entry_names(folder, kRead));
  if (names.size() < kCachedFilters) return {};
  using Written = std::pair<std::pair<time_t, long>, const std::string*>;
  std::vector<Written> by_age;
  for (const std::string& name : names) {
    const auto status = sys::stat_entry(folder, name.c_str());
    if (!status) continue;  // removed by another runtime meanwhile
    by_age.push_back({{status->st_mtim.tv_sec, status->st_mtim.tv_nsec}, &name});
  }
  std::sort(by_age.begin(), by_age.end());
  for (size_t i = 0; i + kCachedFilters <= by_age.size(); ++i)
    (void)sys::remove_entry(folder, by_age[i].second->c_str());  // or another runtime does
  return {};
}

}  // namespace

std::string filter_key(const oci::Seccomp& section) {
  std::string key = cat("libseccomp ", libseccomp_version(), "\nbuild ", build_id(), "\n");
  for (const std::string& architecture : section.architectures)
    key += cat(architecture, "\n");
  return key += section.source;
}

bool is_private(const struct stat& file, uint32_t user) {
  return S_ISREG(file.st_mode) && file.st_uid == user && (file.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

std::optional<Filter> find_filter(const sys::Fd& directory, std::string_view key) {
  const Result<std::string> file = read_private_file(directory, path_of(key));
  if (!file) return {};
  return decode(*file, key);
}

Result<void> keep_filter(const sys::Fd& directory, std::string_view key, const Filter& filter) {
  if (key.size() > kMaxKey) return Error::because(EFBIG, "the section is too long to keep");
  if (auto made = sys::make_directory(directory, kFolder, S_IRWXU);
      !made && !made.error().is(EEXIST))
    return std::move(made).error();
  const sys::Fd folder = TRY(sys::open_directory(directory, kFolder));
  TRY(make_room(folder));
  return sys::replace_file(folder, hex(hash_bytes(key)).c_str(), encode(key, filter),
                           sys::Durable::No);
}

Result<Filter> load_filter(const oci::Seccomp& section, const sys::Fd& directory) {
  // A section made by a program has no text to know it by.
  if (!directory || section.source.empty()) return compile_filter(section);
  const std::string key = filter_key(section);
  if (std::optional<Filter> kept = find_filter(directory, key)) return *std::move(kept);
  Filter filter = TRY(compile_filter(section));
  (void)keep_filter(directory, key, filter);  // a full or read-only disk only costs the next start
  return filter;
}

}  // namespace wolffia::launch
