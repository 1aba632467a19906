// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "cli/option.hpp"

/// The command line of wolffia-image, in the words people know from podman and skopeo.
namespace wolffia::cli::image {

inline constexpr Option kHelp{.name = "help", .letter = 'h', .help = "show this and exit"};
inline constexpr Option kVersion{.name = "version", .help = "show the version and exit"};
inline constexpr Option kStore{.name = "store",
                               .takes = Takes::Value,
                               .value = "DIR",
                               .complete = Complete::Directory,
                               .help = "the store; else $WOLFFIA_STORE"};
inline constexpr Option kProgress{.name = "progress",
                                  .takes = Takes::Value,
                                  .value = "auto|bar|plain|json|none",
                                  .help = "auto: bars on a terminal, else lines"};
inline constexpr Option kQuiet{.name = "quiet", .letter = 'q', .help = "as --progress none"};

inline constexpr Option kAuthfile{.name = "authfile",
                                  .takes = Takes::Value,
                                  .value = "FILE",
                                  .complete = Complete::File,
                                  .help = "credentials; else those of podman, docker"};
inline constexpr Option kCreds{.name = "creds",
                               .takes = Takes::Value,
                               .value = "USER:PASSWORD",
                               .help = "credentials for this registry"};
inline constexpr Option kCertDir{.name = "cert-dir",
                                 .takes = Takes::Value,
                                 .value = "DIR",
                                 .complete = Complete::Directory,
                                 .help = "certificates, as in certs.d"};
inline constexpr Option kTlsVerify{.name = "tls-verify",
                                   .takes = Takes::Word,
                                   .value = "true|false",
                                   .help = "false: take any certificate, and plain http"};
inline constexpr Option kPolicy{.name = "policy",
                                .takes = Takes::Value,
                                .value = "FILE",
                                .complete = Complete::File,
                                .help = "what images may be used; else policy.json"};
inline constexpr Option kKey{.name = "key",
                             .takes = Takes::Value,
                             .value = "FILE",
                             .complete = Complete::File,
                             .help = "a PEM key, as of cosign"};
inline constexpr Option kPlatform{.name = "platform",
                                  .takes = Takes::Value,
                                  .value = "OS/ARCH[/VARIANT]",
                                  .help = "of several images the one for this platform"};
inline constexpr Option kName{.name = "name",
                              .takes = Takes::Value,
                              .value = "NAME",
                              .help = "the name it gets in the store"};
inline constexpr Option kKeepBlobs{.name = "keep-blobs",
                                   .help = "keep the layers as they came too"};
inline constexpr Option kSync{.name = "sync", .help = "wait until all of it is on disk"};
inline constexpr Option kRaw{.name = "raw", .help = "the manifest or index as it is"};
inline constexpr Option kConfig{.name = "config", .help = "the config as it is"};

inline constexpr std::array<const Option*, 13> kPullOptions{
    &kHelp,  &kPlatform, &kName,  &kKeepBlobs, &kSync,      &kStore, &kProgress,
    &kQuiet, &kAuthfile, &kCreds, &kCertDir,   &kTlsVerify, &kPolicy};
inline constexpr Command kPull{.name = "pull",
                               .arguments = "SOURCE",
                               .summary = "put an image into the store and print its id",
                               .options = kPullOptions,
                               .least = 1,
                               .most = 1,
                               .complete = Complete::File,
                               .examples =
                                   "wolffia-image pull debian:12\n"
                                   "wolffia-image pull --platform linux/arm64 quay.io/team/app:1"};

inline constexpr std::array<const Option*, 9> kUnpackOptions{
    &kHelp, &kPlatform, &kProgress, &kQuiet, &kAuthfile, &kCreds, &kCertDir, &kTlsVerify, &kPolicy};
inline constexpr Command kUnpack{.name = "unpack",
                                 .arguments = "SOURCE DIR",
                                 .summary = "unpack an image's files into a new directory",
                                 .options = kUnpackOptions,
                                 .least = 2,
                                 .most = 2,
                                 .complete = Complete::File,
                                 .examples = "wolffia-image unpack debian:12 ./debian"};

inline constexpr Option kTags{.name = "tags", .help = "the tags of the repository, a line each"};
inline constexpr std::array<const Option*, 9> kInspectOptions{
    &kHelp, &kPlatform, &kRaw, &kConfig, &kTags, &kAuthfile, &kCreds, &kCertDir, &kTlsVerify};
inline constexpr Command kInspect{.name = "inspect",
                                  .arguments = "SOURCE",
                                  .summary = "show what an image says of itself, as JSON",
                                  .options = kInspectOptions,
                                  .least = 1,
                                  .most = 1,
                                  .complete = Complete::File,
                                  .examples =
                                      "wolffia-image inspect debian:12\n"
                                      "wolffia-image inspect --tags debian"};

inline constexpr Option kAll{.name = "all", .letter = 'a', .help = "the images of all platforms"};
inline constexpr std::array<const Option*, 10> kCopyOptions{
    &kHelp,     &kPlatform, &kAll,     &kProgress,  &kQuiet,
    &kAuthfile, &kCreds,    &kCertDir, &kTlsVerify, &kPolicy};
inline constexpr Command kCopy{
    .name = "copy",
    .arguments = "SOURCE DESTINATION",
    .summary = "copy an image byte by byte",
    .options = kCopyOptions,
    .least = 2,
    .most = 2,
    .complete = Complete::File,
    .examples =
        "wolffia-image copy quay.io/team/app:1 oci-archive:app.tar\n"
        "wolffia-image copy --all debian:12 registry.example.com/debian:12"};

inline constexpr Option kCompression{.name = "compression",
                                     .takes = Takes::Value,
                                     .value = "zstd|gzip|xz|lz4",
                                     .help = "of the blocks; else zstd"};
inline constexpr Option kLevel{
    .name = "level", .takes = Takes::Value, .value = "N", .help = "more packs tighter and slower"};
inline constexpr std::array<const Option*, 12> kConvertOptions{
    &kHelp,  &kCompression, &kLevel, &kPlatform, &kStore,     &kProgress,
    &kQuiet, &kAuthfile,    &kCreds, &kCertDir,  &kTlsVerify, &kPolicy};
inline constexpr Command kConvert{
    .name = "convert",
    .arguments = "IMAGE|SOURCE|DIR FILE",
    .summary = "write an image as one SquashFS file",
    .options = kConvertOptions,
    .least = 2,
    .most = 2,
    .complete = Complete::File,
    .examples =
        "wolffia-image convert debian:12 debian.sqfs\n"
        "wolffia-image convert --compression xz oci-archive:app.tar app.sqfs"};

inline constexpr Option kDigestFile{.name = "digestfile",
                                    .takes = Takes::Value,
                                    .value = "FILE",
                                    .complete = Complete::File,
                                    .help = "write the digest to a file too"};
inline constexpr std::array<const Option*, 9> kPushOptions{&kHelp,     &kDigestFile, &kStore,
                                                           &kProgress, &kQuiet,      &kAuthfile,
                                                           &kCreds,    &kCertDir,    &kTlsVerify};
inline constexpr Command kPush{
    .name = "push",
    .arguments = "IMAGE [DESTINATION]",
    .summary = "send an image of the store to a registry or a file",
    .options = kPushOptions,
    .least = 1,
    .most = 2,
    .complete = Complete::Nothing,
    .examples = "wolffia-image push app:1 registry.example.com/team/app:1"};

inline constexpr Option kOutput{.name = "output",
                                .letter = 'o',
                                .takes = Takes::Value,
                                .value = "FILE",
                                .complete = Complete::File,
                                .help = "where to write; else standard output"};
inline constexpr Option kFormat{.name = "format",
                                .takes = Takes::Value,
                                .value = "oci-archive|docker-archive|oci-dir",
                                .help = "what to write; else oci-archive"};
inline constexpr std::array<const Option*, 6> kSaveOptions{&kHelp,  &kOutput,   &kFormat,
                                                           &kStore, &kProgress, &kQuiet};
inline constexpr Command kSave{.name = "save",
                               .arguments = "IMAGE...",
                               .summary = "write images of the store to an archive",
                               .options = kSaveOptions,
                               .least = 1,
                               .most = SIZE_MAX,
                               .complete = Complete::Nothing,
                               .examples = "wolffia-image save -o app.tar app:1"};

inline constexpr Option kInput{.name = "input",
                               .letter = 'i',
                               .takes = Takes::Value,
                               .value = "FILE",
                               .complete = Complete::File,
                               .help = "what to read; else standard input"};
inline constexpr std::array<const Option*, 9> kLoadOptions{
    &kHelp, &kInput, &kPlatform, &kKeepBlobs, &kSync, &kStore, &kProgress, &kQuiet, &kPolicy};
inline constexpr Command kLoad{.name = "load",
                               .arguments = "[FILE]",
                               .summary = "put the images of an archive into the store",
                               .options = kLoadOptions,
                               .least = 0,
                               .most = 1,
                               .complete = Complete::File,
                               .examples = "wolffia-image load -i app.tar"};

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
inline constexpr std::array<const Option*, 8> kImportOptions{
    &kHelp, &kChange, &kMessage, &kPlatform, &kSync, &kStore, &kProgress, &kQuiet};
inline constexpr Command kImport{.name = "import",
                                 .arguments = "FILE|- [NAME]",
                                 .summary = "make an image of a root file system's archive",
                                 .options = kImportOptions,
                                 .least = 1,
                                 .most = 2,
                                 .complete = Complete::File,
                                 .examples = "wolffia-image import root.tar.gz base:1"};

inline constexpr Option kUpper{.name = "upper",
                               .takes = Takes::Value,
                               .value = "DIR",
                               .complete = Complete::Directory,
                               .help = "an overlay's upper directory above the image"};
inline constexpr std::array<const Option*, 6> kExportOptions{&kHelp,  &kOutput,   &kUpper,
                                                             &kStore, &kProgress, &kQuiet};
inline constexpr Command kExport{.name = "export",
                                 .arguments = "IMAGE|DIR",
                                 .summary = "write a root file system to a tar archive",
                                 .options = kExportOptions,
                                 .least = 1,
                                 .most = 1,
                                 .complete = Complete::Directory,
                                 .examples = "wolffia-image export -o root.tar debian:12"};

inline constexpr Option kTree{.name = "tree",
                              .takes = Takes::Value,
                              .value = "DIR",
                              .complete = Complete::Directory,
                              .help = "a whole root, changed from the image's"};
inline constexpr Option kAuthor{.name = "author",
                                .letter = 'a',
                                .takes = Takes::Value,
                                .value = "NAME",
                                .help = "whose work it is"};
inline constexpr Option kCreatedBy{.name = "created-by",
                                   .takes = Takes::Value,
                                   .value = "COMMAND",
                                   .help = "what made the changes, for the history"};
inline constexpr Option kMountPoint{.name = "mount-point",
                                    .takes = Takes::List,
                                    .value = "PATH",
                                    .help = "left out where it is new and empty"};
inline constexpr std::array<const Option*, 11> kCommitOptions{
    &kHelp,      &kUpper,      &kTree,  &kChange,   &kMessage, &kAuthor,
    &kCreatedBy, &kMountPoint, &kStore, &kProgress, &kQuiet};
inline constexpr Command kCommitCommand{
    .name = "commit",
    .arguments = "IMAGE [NAME]",
    .summary = "make an image of another and what was changed",
    .options = kCommitOptions,
    .least = 1,
    .most = 2,
    .complete = Complete::Nothing,
    .examples = "wolffia-image commit --tree ./root base:1 app:2"};

inline constexpr std::array<const Option*, 7> kSignOptions{
    &kHelp, &kKey, &kPlatform, &kAuthfile, &kCreds, &kCertDir, &kTlsVerify};
inline constexpr Command kSign{
    .name = "sign",
    .arguments = "NAME",
    .summary = "sign an image of a registry, as cosign does",
    .options = kSignOptions,
    .least = 1,
    .most = 1,
    .complete = Complete::Nothing,
    .examples = "wolffia-image sign --key cosign.key registry.example.com/team/app:1"};
inline constexpr Command kVerify{
    .name = "verify",
    .arguments = "NAME",
    .summary = "check that an image of a registry is signed",
    .options = kSignOptions,
    .least = 1,
    .most = 1,
    .complete = Complete::Nothing,
    .examples = "wolffia-image verify --key cosign.pub registry.example.com/team/app:1"};

inline constexpr Option kUsername{.name = "username",
                                  .letter = 'u',
                                  .takes = Takes::Value,
                                  .value = "USER",
                                  .help = "who to log in as; else asked for"};
inline constexpr Option kPasswordStdin{.name = "password-stdin",
                                       .help = "read the password from standard input"};
inline constexpr Option kPassword{
    .name = "password",
    .letter = 'p',
    .takes = Takes::Value,
    .value = "PASSWORD",
    .help = "",
    .missing = "everybody on this machine can read command lines; --password-stdin reads it"};
inline constexpr std::array kLoginOptions{&kHelp,     &kUsername, &kPasswordStdin, &kPassword,
                                          &kAuthfile, &kCertDir,  &kTlsVerify};
inline constexpr Command kLogin{.name = "login",
                                .arguments = "REGISTRY",
                                .summary = "check and remember credentials for a registry",
                                .options = kLoginOptions,
                                .least = 1,
                                .most = 1,
                                .complete = Complete::Nothing,
                                .examples = "wolffia-image login -u ana registry.example.com"};

inline constexpr std::array<const Option*, 2> kLogoutOptions{&kHelp, &kAuthfile};
inline constexpr Command kLogout{.name = "logout",
                                 .arguments = "REGISTRY",
                                 .summary = "forget the credentials for a registry",
                                 .options = kLogoutOptions,
                                 .least = 1,
                                 .most = 1,
                                 .complete = Complete::Nothing,
                                 .examples = "wolffia-image logout registry.example.com"};

inline constexpr std::array<const Option*, 3> kGlobalOptions{&kHelp, &kVersion, &kStore};
inline constexpr std::array kCommands{&kPull,    &kUnpack, &kCopy,   &kConvert, &kPush,
                                      &kSave,    &kLoad,   &kExport, &kImport,  &kCommitCommand,
                                      &kInspect, &kSign,   &kVerify, &kLogin,   &kLogout};

inline constexpr Program kProgram{.name = "wolffia-image",
                                  .summary = "fetches, checks and unpacks container images",
                                  .options = kGlobalOptions,
                                  .commands = kCommands,
                                  .help = &kHelp,
                                  .version = &kVersion};

}  // namespace wolffia::cli::image
