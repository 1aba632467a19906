// SPDX-License-Identifier: Apache-2.0
#include "image/remote/config_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kConfigLimit = 4U << 20;
constexpr size_t kNamesLimit = 10'000;

bool is_missing(const Error& error) {
  return error.is(ENOENT) || error.is(ENOTDIR);
}

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* value = ::getenv(name);
  if (!value || *value == '\0') return {};
  return value;
}

std::optional<std::string> home() {
  auto path = environment("HOME");
  if (!path || !path->starts_with('/')) return {};
  return path;
}

std::vector<std::string> config_places(std::string_view name) {
  std::vector<std::string> places;
  if (const auto config = environment("XDG_CONFIG_HOME"); config && config->starts_with('/'))
    places.push_back(cat(*config, "/containers/", name));
  else if (const auto own = home())
    places.push_back(cat(*own, "/.config/containers/", name));
  places.push_back(cat("/etc/containers/", name));
  return places;
}

Result<std::optional<std::string>> read_config(const std::string& path) {
  auto text = sys::read_file(sys::cwd(), path.c_str(), kConfigLimit);
  if (text) return std::optional(std::move(text).value());
  if (is_missing(text.error())) return std::optional<std::string>();
  return std::move(text).error().context(path);
}

Result<std::vector<std::string>> drop_ins(const std::string& directory, std::string_view suffix) {
  std::vector<std::string> paths;
  const auto dir = sys::open_at(sys::cwd(), directory.c_str(), O_RDONLY | O_DIRECTORY);
  if (!dir && is_missing(dir.error())) return paths;
  if (!dir) return Error(dir.error()).context(directory);
  for (const std::string& name : TRY(sys::entry_names(*dir, kNamesLimit), directory))
    if (name.ends_with(suffix)) paths.push_back(cat(directory, "/", name));
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace wolffia::image::remote
