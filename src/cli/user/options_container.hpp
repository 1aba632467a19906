// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/user/options.hpp"

/// The options of the commands for containers and images that exist.
namespace wolffia::cli::user {

inline constexpr Option kAll{.name = "all", .letter = 'a', .help = "those that ended too"};
inline constexpr Option kQuiet{.name = "quiet", .letter = 'q', .help = "only the ids"};
inline constexpr Option kNames{.name = "names", .help = "only the names"};
inline constexpr Option kImageNames{.name = "names",
                                    .help = "only the names, each as run takes it"};
inline constexpr Option kFilter{.name = "filter",
                                .takes = Takes::List,
                                .value = "NAME=VALUE",
                                .help = "by label, name, id, status, ancestor or exited"};
inline constexpr Option kFilterImages{.name = "filter",
                                      .takes = Takes::List,
                                      .value = "NAME=VALUE",
                                      .help = "by dangling (true: without a name) or reference"};
inline constexpr Option kLatest{
    .name = "latest", .letter = 'l', .help = "only the one made last, ended or not"};
inline constexpr Option kLast{.name = "last",
                              .letter = 'n',
                              .takes = Takes::Value,
                              .value = "NUMBER",
                              .help = "only so many made last, ended or not"};
inline constexpr Option kNoTrunc{.name = "no-trunc", .help = "whole commands"};
inline constexpr Option kNoTruncImages{.name = "no-trunc", .help = "whole ids"};
inline constexpr Option kAllImages{
    .name = "all", .letter = 'a', .help = "the same: no image is hidden"};
inline constexpr Option kFormat{
    .name = "format",
    .takes = Takes::Value,
    .value = "FORMAT",
    .help = "",
    .missing = "what is for programs is JSON, of which jq(1) shows a part"};
inline constexpr Option kEvery{.name = "all", .letter = 'a', .help = "every container there is"};
inline constexpr Option kEveryImage{.name = "all", .letter = 'a', .help = "every image there is"};
inline constexpr Option kForceImage{
    .name = "force", .letter = 'f', .help = "remove the containers that use it first"};
inline constexpr Option kSince{.name = "since",
                               .takes = Takes::Value,
                               .value = "TIME",
                               .help = "only later lines: 2026-01-31T08:00:00Z, or 10m ago"};
inline constexpr Option kUntil{
    .name = "until", .takes = Takes::Value, .value = "TIME", .help = "only earlier lines"};
inline constexpr Option kFollow{
    .name = "follow", .letter = 'f', .help = "go on until the container ends"};
inline constexpr Option kTail{.name = "tail",
                              .letter = 'n',
                              .takes = Takes::Value,
                              .value = "NUMBER",
                              .help = "only so many last lines"};
inline constexpr Option kTimestamps{
    .name = "timestamps", .letter = 't', .help = "show when each line came"};
inline constexpr Option kForce{.name = "force", .letter = 'f', .help = "end it first"};
inline constexpr Option kStopTime{.name = "time",
                                  .letter = 't',
                                  .takes = Takes::Value,
                                  .value = "SECONDS",
                                  .help = "patience before it is killed, instead of its own"};
inline constexpr Option kSignal{.name = "signal",
                                .letter = 's',
                                .takes = Takes::Value,
                                .value = "SIGNAL",
                                .help = "instead of KILL"};
inline constexpr Option kOutput{.name = "output",
                                .letter = 'o',
                                .takes = Takes::Value,
                                .value = "FILE",
                                .complete = Complete::File,
                                .help = "where to write; else standard output"};
inline constexpr Option kChange{.name = "change",
                                .letter = 'c',
                                .takes = Takes::List,
                                .value = "INSTRUCTION",
                                .help = "as CMD, ENV, LABEL: how the image is run"};
inline constexpr Option kMessage{.name = "message",
                                 .letter = 'm',
                                 .takes = Takes::Value,
                                 .value = "TEXT",
                                 .help = "what the history says of it"};
inline constexpr Option kAuthor{.name = "author",
                                .letter = 'a',
                                .takes = Takes::Value,
                                .value = "NAME",
                                .help = "whose work it is"};

// attach, start
inline constexpr std::string_view kUsualDetachKeys = "ctrl-p,ctrl-q";
inline constexpr Option kNoStdin{.name = "no-stdin", .help = "show its output, pass nothing on"};
inline constexpr Option kSigProxy{.name = "sig-proxy",
                                  .takes = Takes::Word,
                                  .value = "true|false",
                                  .help = "pass signals on (default: true)"};
inline constexpr Option kDetachKeys{.name = "detach-keys",
                                    .takes = Takes::Value,
                                    .value = "KEYS",
                                    .help = "leave it running (default: ctrl-p,ctrl-q)"};
inline constexpr Option kAttach{
    .name = "attach", .letter = 'a', .help = "show its output until it ends"};
inline constexpr Option kAttachInput{
    .name = "interactive", .letter = 'i', .help = "pass standard input on: --attach as well"};

// stats
inline constexpr Option kNoStream{.name = "no-stream", .help = "once, also on a terminal"};

inline constexpr std::array kHelpOnly{&kHelp};

}  // namespace wolffia::cli::user
