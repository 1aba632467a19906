// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/options_container.hpp"

/// The commands for images.
namespace wolffia::cli::user {

inline constexpr std::array kImagesOptions{&kHelp,          &kAllImages,    &kQuiet, &kImageNames,
                                           &kNoTruncImages, &kFilterImages, &kJson,  &kFormat};
inline constexpr std::array kHistoryOptions{&kHelp, &kJson};

inline constexpr std::array kRmiOptions{&kHelp, &kEveryImage, &kForceImage};

inline constexpr Command kImages{.name = "images",
                                 .arguments = "[IMAGE]",
                                 .summary = "list the images of the store",
                                 .options = kImagesOptions,
                                 .most = 1,
                                 .complete = Complete::Image,
                                 .examples =
                                     "wolffia images\n"
                                     "wolffia images debian\n"
                                     "wolffia images --filter dangling=true"};
inline constexpr Command kHistory{.name = "history",
                                  .arguments = "IMAGE",
                                  .summary = "print how an image was made",
                                  .options = kHistoryOptions,
                                  .least = 1,
                                  .most = 1,
                                  .complete = Complete::Image,
                                  .examples = "wolffia history debian:12"};
inline constexpr Command kTag{.name = "tag",
                              .arguments = "IMAGE NAME",
                              .summary = "give an image another name",
                              .options = kHelpOnly,
                              .least = 2,
                              .most = 2,
                              .complete = Complete::Image,
                              .examples = "wolffia tag site:2 registry.example.com/team/site:2"};
inline constexpr Command kRmi{.name = "rmi",
                              .arguments = "IMAGE...",
                              .summary = "remove images",
                              .options = kRmiOptions,
                              .most = SIZE_MAX,
                              .complete = Complete::Image,
                              .examples =
                                  "wolffia rmi site:2\n"
                                  "wolffia rmi -f --all"};
inline constexpr Command kGc{.name = "gc",
                             .summary = "remove what no name and no container needs",
                             .options = kHelpOnly,
                             .complete = Complete::Nothing,
                             .examples = "wolffia gc"};

/// wolffia-image, whose the commands below are: see handed_on.hpp.
extern const Program kImageProgram;

inline constexpr Command kPullCommand{.name = "pull",
                                      .arguments = "IMAGE",
                                      .summary = "put an image into the store: wolffia-image(1)",
                                      .least = 1,
                                      .most = 1,
                                      .complete = Complete::Nothing,
                                      .handed_to = &kImageProgram};
inline constexpr Command kPush{.name = "push",
                               .arguments = "IMAGE [DESTINATION]",
                               .summary = "send an image to a registry: wolffia-image(1)",
                               .least = 1,
                               .most = 2,
                               .complete = Complete::Image,
                               .handed_to = &kImageProgram};
inline constexpr Command kSave{.name = "save",
                               .arguments = "IMAGE...",
                               .summary = "write images to an archive: wolffia-image(1)",
                               .least = 1,
                               .most = SIZE_MAX,
                               .complete = Complete::Image,
                               .handed_to = &kImageProgram};
inline constexpr Command kLoad{
    .name = "load",
    .arguments = "[FILE]",
    .summary = "put an archive's images into the store: wolffia-image(1)",
    .least = 0,
    .most = 1,
    .complete = Complete::File,
    .handed_to = &kImageProgram};
inline constexpr Command kImport{.name = "import",
                                 .arguments = "FILE|- [NAME]",
                                 .summary = "make an image of a root archive: wolffia-image(1)",
                                 .least = 1,
                                 .most = 2,
                                 .complete = Complete::File,
                                 .handed_to = &kImageProgram};
inline constexpr Command kLogin{.name = "login",
                                .arguments = "REGISTRY",
                                .summary = "keep credentials of a registry: wolffia-image(1)",
                                .least = 1,
                                .most = 1,
                                .complete = Complete::Nothing,
                                .handed_to = &kImageProgram};
inline constexpr Command kLogout{.name = "logout",
                                 .arguments = "REGISTRY",
                                 .summary = "forget credentials of a registry: wolffia-image(1)",
                                 .least = 1,
                                 .most = 1,
                                 .complete = Complete::Nothing,
                                 .handed_to = &kImageProgram};

}  // namespace wolffia::cli::user
