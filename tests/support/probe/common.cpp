// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "probe.hpp"

namespace probe {

Expected::Expected(std::span<char* const> arguments) {
  for (std::string_view argument : arguments) {
    const size_t equals = argument.find('=');
    if (equals == std::string_view::npos) continue;
    values_.emplace(argument.substr(0, equals), argument.substr(equals + 1));
  }
}

std::string Expected::get(const std::string& name, const std::string& fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

std::vector<std::string> Expected::list(const std::string& name) const {
  return split(get(name), ',');
}

std::string read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  ::close(fd);
  return text;
}

std::string link_target(const std::string& path) {
  char buffer[4096];
  const ssize_t n = ::readlink(path.c_str(), buffer, sizeof buffer);
  return n < 0 ? std::string() : std::string(buffer, static_cast<size_t>(n));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::set<std::string> entries(const std::string& directory) {
  std::set<std::string> names;
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return names;
  while (const dirent* entry = ::readdir(stream))
    names.insert(entry->d_name);
  ::closedir(stream);
  names.erase(".");
  names.erase("..");
  return names;
}

std::string status_field(std::string_view name) {
  const std::string status = read_file("/proc/self/status");
  for (const std::string& line : split(status, '\n')) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    const size_t value = line.find_first_not_of("\t ", name.size() + 1);
    if (value == std::string::npos) return {};
    return line.substr(value, line.find_last_not_of(' ') + 1 - value);
  }
  return "(no such line)";
}

std::string differs(const std::string& found, const std::string& wanted) {
  return found == wanted ? std::string() : "is \"" + found + "\", not \"" + wanted + "\"";
}

std::vector<MountLine> mounts() {
  std::vector<MountLine> all;
  for (const std::string& line : split(read_file("/proc/self/mountinfo"), '\n')) {
    // 36 35 98:0 ROOT TARGET OPTIONS [shared:1 master:2] - TYPE SOURCE SUPEROPTIONS
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() < 9) continue;
    MountLine mount{words[3], words[4], words[5], {}, {}, {}};
    size_t i = 6;
    for (; i < words.size() && words[i] != "-"; ++i)
      mount.optional_fields += words[i] + " ";
    if (i + 2 < words.size()) {
      mount.type = words[i + 1];
      mount.source = words[i + 2];
    }
    all.push_back(mount);
  }
  return all;
}

bool has_option(const MountLine& mount, std::string_view option) {
  const std::vector<std::string> options = split(mount.options, ',');
  return std::find(options.begin(), options.end(), option) != options.end();
}

}  // namespace probe
