// SPDX-License-Identifier: Apache-2.0
#include "cli/user/filters.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/quote.hpp"
#include "image/find.hpp"

namespace wolffia::cli::user {
namespace {

enum class Several : bool { Any, All };

template <class Subject>
struct Filter {
  std::string_view name;
  Several several;
  bool (*passes)(const Subject& subject, const std::string& value);
  std::string_view values = {};  // the only ones, "true, 1, false or 0"; empty: any
};

/// Short names may mean the same.
bool may_be(const std::string& name, const std::string& wanted) {
  const std::vector<std::string> names = image::full_names(name);
  const std::vector<std::string> others = image::full_names(wanted);
  return std::find_first_of(names.begin(), names.end(), others.begin(), others.end()) !=
         names.end();
}

bool has_label(const Known& known, const std::string& wanted) {
  const auto& labels = known.record.labels;
  return std::any_of(labels.begin(), labels.end(), [&](const auto& one) {
    return one.first == wanted || cat(one.first, "=", one.second) == wanted;
  });
}

bool has_name(const Known& known, const std::string& part) {
  return known.record.name.find(part) != std::string::npos;
}

bool has_id(const Known& known, const std::string& beginning) {
  return known.record.id.starts_with(beginning);
}

bool has_status(const Known& known, const std::string& status) {
  return status == status_name(known);
}

bool has_ancestor(const Known& known, const std::string& image) {
  constexpr std::string_view kSha = "sha256:";
  const std::string& id = known.record.image_id;
  if (id.empty()) return false;
  const bool by_id =
      image.size() >= 12 && (id.starts_with(image) || id.substr(kSha.size()).starts_with(image));
  return by_id || may_be(known.record.image, image);
}

bool has_exited(const Known& known, const std::string& status) {
  return known.phase == Phase::Exited && std::to_string(known.exit->status) == status;
}

bool is_dangling(const image::Tagged& image, const std::string& value) {
  return image.reference.empty() == (value == "true" || value == "1");
}

/// "*" stands for slashes too, and the pattern may leave out what short names do.
bool fits(const std::string& pattern, std::string_view reference) {
  for (std::string_view rest = reference;; rest.remove_prefix(rest.find('/') + 1)) {
    if (::fnmatch(pattern.c_str(), std::string(rest).c_str(), 0) == 0) return true;
    if (rest.find('/') == std::string_view::npos) return false;
  }
}

bool has_tag(std::string_view name) {
  return name.find_first_of(":@", name.rfind('/') + 1) != std::string_view::npos;
}

/// A name without a tag is that of all its tags, as with podman and docker.
bool has_reference(const image::Tagged& image, const std::string& value) {
  if (value.find_first_of("*?[") != std::string::npos) return fits(value, image.reference);
  if (has_tag(value)) return may_be(image.reference, value);
  const auto reference = image::parse_reference(image.reference);
  const std::vector<std::string> names = image::full_names(value);
  return reference && std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           const auto wanted = image::parse_reference(name);
           return wanted && wanted->name() == reference->name();
         });
}

constexpr std::array kOfContainers{
    Filter<Known>{"label", Several::All, has_label},
    Filter<Known>{"name", Several::Any, has_name},
    Filter<Known>{"id", Several::Any, has_id},
    Filter<Known>{"status", Several::Any, has_status, "starting, running, paused, exited or dead"},
    Filter<Known>{"ancestor", Several::Any, has_ancestor},
    Filter<Known>{"exited", Several::Any, has_exited}};
constexpr std::array kOfImages{
    Filter<image::Tagged>{"dangling", Several::Any, is_dangling, "true, 1, false or 0"},
    Filter<image::Tagged>{"reference", Several::Any, has_reference}};

std::string name_of(const std::string& filter) {
  return filter.substr(0, filter.find('='));
}

template <class Subject>
Error unknown(std::span<const Filter<Subject>> table, const std::string& filter) {
  std::string names;
  for (const Filter<Subject>& row : table)
    names += cat(names.empty() ? "" : ", ", row.name);
  return Error::because(
      EINVAL, cat("--filter ", quoted(filter), " must be NAME=VALUE, NAME one of ", names));
}

/// Whether `value` is one of "a, b or c".
bool is_listed(std::string_view list, std::string_view value) {
  while (!list.empty()) {
    const size_t end = list.find_first_of(", ");
    const bool is_value = !value.empty() && value != "or";
    if (is_value && list.substr(0, end) == value) return true;
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

/// The row of a filter. Errors: EINVAL where there is none, or none with such a value.
template <class Subject>
Result<const Filter<Subject>*> row_of(std::span<const Filter<Subject>> table,
                                      const std::string& filter) {
  for (const Filter<Subject>& row : table) {
    if (row.name != name_of(filter) || filter.size() == row.name.size()) continue;
    if (row.values.empty() || is_listed(row.values, filter.substr(row.name.size() + 1)))
      return &row;
    return Error::because(EINVAL,
                          cat("--filter ", quoted(filter), " must be ", row.name, "=", row.values));
  }
  return unknown(table, filter);
}

template <class Subject>
Result<void> check(std::span<const Filter<Subject>> table,
                   const std::vector<std::string>& filters) {
  for (const std::string& filter : filters)
    TRY(row_of(table, filter));
  return {};
}

template <class Subject>
Result<bool> passes_all(std::span<const Filter<Subject>> table, const Subject& subject,
                        const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    const Filter<Subject>* const row = TRY(row_of(table, filter));
    const auto met = [&](const std::string& other) {
      return row->passes(subject, other.substr(row->name.size() + 1));
    };
    const bool met_by_another =
        row->several == Several::Any &&
        std::any_of(filters.begin(), filters.end(), [&](const std::string& other) {
          return name_of(other) == row->name && other.size() > row->name.size() && met(other);
        });
    if (!met_by_another && !met(filter)) return false;
  }
  return true;
}

}  // namespace

Result<void> check_container_filters(const std::vector<std::string>& filters) {
  return check(std::span<const Filter<Known>>(kOfContainers), filters);
}

Result<void> check_image_filters(const std::vector<std::string>& filters) {
  return check(std::span<const Filter<image::Tagged>>(kOfImages), filters);
}

Result<bool> passes(const Known& known, const std::vector<std::string>& filters) {
  return passes_all(std::span<const Filter<Known>>(kOfContainers), known, filters);
}

Result<bool> passes(const image::Tagged& image, const std::vector<std::string>& filters) {
  return passes_all(std::span<const Filter<image::Tagged>>(kOfImages), image, filters);
}

bool ask_for_ended(const std::vector<std::string>& filters) {
  return std::any_of(filters.begin(), filters.end(), [](const std::string& filter) {
    return filter.starts_with("status=") || filter.starts_with("exited=");
  });
}

}  // namespace wolffia::cli::user
