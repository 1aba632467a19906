// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Where the files are that podman, buildah and skopeo share with us.
namespace wolffia::image::remote {

/// A variable that is set and not empty.
std::optional<std::string> environment(const char* name);

/// $HOME; nullopt where it is unset, relative or empty: then files of the system alone are read.
std::optional<std::string> home();

/// The user's and then the system's `name`: "~/.config/containers/NAME", "/etc/containers/NAME".
/// $XDG_CONFIG_HOME counts as podman has it.
std::vector<std::string> config_places(std::string_view name);

/// The text of a configuration file; nullopt where there is none. Errors: EFBIG above 4 MiB; what
/// cannot be read, named: a file we may not read must not count as none.
Result<std::optional<std::string>> read_config(const std::string& path);

/// The files of `directory` whose names end in `suffix`, as absolute paths, sorted by name; none
/// where there is no directory.
Result<std::vector<std::string>> drop_ins(const std::string& directory, std::string_view suffix);

}  // namespace wolffia::image::remote
