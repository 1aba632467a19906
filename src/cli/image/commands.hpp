// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/option.hpp"
#include "image/store.hpp"
#include "image/transfer/progress.hpp"
#include "oci/image_spec.hpp"

/// The commands of wolffia-image: each returns the exit status.
namespace wolffia::cli::image {

Result<int> run_pull(const Arguments& arguments);
Result<int> run_push(const Arguments& arguments);
Result<int> run_save(const Arguments& arguments);
Result<int> run_load(const Arguments& arguments);
Result<int> run_convert(const Arguments& arguments);
Result<int> run_import(const Arguments& arguments);
Result<int> run_export(const Arguments& arguments);
Result<int> run_commit(const Arguments& arguments);
Result<int> run_copy(const Arguments& arguments);
Result<int> run_unpack(const Arguments& arguments);
Result<int> run_inspect(const Arguments& arguments);
Result<int> run_sign(const Arguments& arguments);
Result<int> run_verify(const Arguments& arguments);
Result<int> run_login(const Arguments& arguments);
Result<int> run_logout(const Arguments& arguments);

/// Runs `work` as the root of the namespace whose ids own the trees of the store, which `owners`
/// names. An error is told there. Returns the exit status.
using OwnersWork = std::function<Result<int>(const std::string& owners)>;
Result<int> run_as_owner(const Arguments& arguments, const OwnersWork& work);
/// The same for files that lie in no store.
Result<int> run_as_owner(const OwnersWork& work);
/// Tells what is missing of ids: for where files get theirs.
Result<void> tell_ids();

/// Whether a word is a directory, as for `wolffia run`: an image has no such name.
bool is_path(std::string_view word);

/// What --platform asks for, else this machine's.
Result<oci::Platform> wanted_platform(const Arguments& arguments);

/// Tells that the image `name` says to be for another platform: one outside of an index is taken
/// as it is, whatever was asked for, as podman does.
void tell_platform(const std::string& name, const oci::Platform& offered,
                   const oci::Platform& wanted);

/// The store that --store or the environment says.
Result<wolffia::image::Store> wanted_store(const Arguments& arguments);

/// As --progress and --quiet say.
std::unique_ptr<wolffia::image::Progress> wanted_progress(const Arguments& arguments);

}  // namespace wolffia::cli::image
