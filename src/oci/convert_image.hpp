// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/image_spec.hpp"
#include "oci/runtime_spec.hpp"

/// From an image's config to a runtime's. Source: image-spec conversion.md. Pure: the root file
/// system's own user tables come as texts. Whatever a stranger wrote into the config, no more than
/// a program, its variables, its directory, its ids, annotations and scratch directories come of it
/// (I7).
namespace wolffia::oci {

/// The image's or the root directory's own tables; a missing one is empty.
struct UserTables {
  std::string passwd, group;
};

/// Who `user` ("", "name", "uid", "user:group") is. A number is taken as it is, and never looked up
/// as a name; supplementary groups come with a name that has no group beside it only.
/// Source: conversion.md, "Config.User"; passwd(5), group(5).
/// Errors: EINVAL for a number that is no id (CVE-2024-40635); ENOENT for an unknown name.
Result<User> resolve_user(std::string_view user, const UserTables& tables);

/// The home directory that `passwd` has for `uid`; nothing where it has none.
std::optional<std::string> home_of(uint32_t uid, std::string_view passwd);

/// Entrypoint and Cmd as one command line. `command`, where not empty, takes the place of Cmd, and
/// `entrypoint` that of both.
std::vector<std::string> image_arguments(const ImageConfig& config,
                                         const std::optional<std::string>& entrypoint,
                                         const std::vector<std::string>& command);

/// The annotations of conversion.md, "Annotation Fields", with the labels over them. A label that a
/// runtime would act on, ours or another, is left out.
Annotations image_annotations(const ImageConfig& config);

/// Whether a runtime takes orders from an annotation of this name.
bool is_control_annotation(std::string_view key);

/// Adds an annotation, or replaces it; one that is_control_annotation() is left out.
void set_annotation(Annotations& annotations, std::string_view key, std::string_view value);

/// Config.Volumes without those that would cover what the runtime itself mounts: /proc, /sys, /dev
/// and the root; cleaned of "." and "..", sorted, each once.
std::vector<std::string> image_volumes(const ImageConfig& config);

}  // namespace wolffia::oci
