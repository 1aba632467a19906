// SPDX-License-Identifier: Apache-2.0
#include "overlay/option_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/quote.hpp"
#include "base/words.hpp"

namespace wolffia::overlay {
namespace {

using Applied = Result<void>;

Error invalid(const Given& given, std::string_view takes) {
  return Error::because(EINVAL, cat(given.name, " takes ", takes, ", not ", quoted(given.value)));
}

template <auto Part, auto Member, auto Value>
Applied set(CommandLine& line, const Given& /*given*/) {
  (line.*Part).*Member = Value;
  return {};
}

template <auto Member, auto Value>
constexpr auto kOption = set<&CommandLine::options, Member, Value>;
template <auto Member, auto Value>
constexpr auto kMount = set<&CommandLine::mount, Member, Value>;

/// 0 or 1; a word alone is a 1.
Result<bool> read_bit(const Given& given) {
  if (given.value.empty() || given.value == "1") return true;
  if (given.value == "0") return false;
  return invalid(given, "0 or 1");
}

template <auto Member, bool Inverted = false>
Applied option_bit(CommandLine& line, const Given& given) {
  line.options.*Member = TRY(read_bit(given)) != Inverted;
  return {};
}

Applied clone_fd(CommandLine& line, const Given& given) {
  line.mount.clone_fd = TRY(read_bit(given));
  return {};
}

Result<uint32_t> read_between(const Given& given, uint32_t least, uint32_t most) {
  uint32_t number = 0;
  if (!read_number(given.value, number) || number < least || number > most)
    return invalid(given, cat("a number from ", least, " to ", most));
  return number;
}

constexpr uint32_t kLastId = std::numeric_limits<uint32_t>::max() - 1;  // the next is "no id"

template <auto Member>
Applied squash(CommandLine& line, const Given& given) {
  line.options.*Member = TRY(read_between(given, 0, kLastId));
  return {};
}

/// The number of a single id counts more; see fuse-overlayfs(1).
Applied squash_to_root(CommandLine& line, const Given& /*given*/) {
  if (!line.options.squash_uid) line.options.squash_uid = 0;
  if (!line.options.squash_gid) line.options.squash_gid = 0;
  return {};
}

/// What stands between the colons that have no backslash in front. Empty ones are passed over, as
/// peers do.
std::vector<std::string_view> split_at_colons(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    size_t end = 0;
    while (end < text.size() && text[end] != ':')
      end = std::min(end + (text[end] == '\\' ? 2 : 1), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Applied lower(CommandLine& line, const Given& given) {
  const std::vector<std::string_view> words = split_at_colons(given.value);
  if (words.empty()) return Error::because(EINVAL, "lowerdir names no directory");
  if (words.size() > kMaxLayers)
    return Error::because(EINVAL, cat("lowerdir has ", words.size(), " layers: at most ",
                                      kMaxLayers, " can be mounted, so merge some"));
  std::vector<std::string> layers;
  for (const std::string_view word : words) {
    if (word.starts_with("//"))  // "//PLUGIN/DATA//PATH"
      return Error::because(EINVAL, cat("lowerdir: plugins are not loaded, and ", quoted(word),
                                        " asks for one: a path has one slash in front"));
    layers.push_back(path_of(word, given.directory));
  }
  line.options.lower = std::move(layers);
  return {};
}

template <auto Member>
Applied directory(CommandLine& line, const Given& given) {
  line.options.*Member = path_of(given.value, given.directory);
  return {};
}

Error not_ranges(const Given& given) {
  return invalid(given, "STORED:SHOWN:SIZE, and more of them behind colons");
}

/// The numbers of a mapping. Empty ones are passed over: containers-storage writes a colon in front
/// (overlay.go, optsAppendMappings), and fuse-overlayfs(1) speaks of commas.
Result<std::vector<uint32_t>> read_numbers(const Given& given) {
  std::vector<uint32_t> numbers;
  size_t begin = 0;
  while (begin < given.value.size()) {
    const size_t end = std::min(given.value.find_first_of(":,\\", begin), given.value.size());
    const std::string_view word = given.value.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    uint32_t number = 0;
    if (!read_number(word, number)) return not_ranges(given);
    numbers.push_back(number);
  }
  return numbers;
}

/// First what is stored, then what the mount shows: containers-storage gives an id of the container
/// and the id outside of it that the container sees as this one.
template <auto Member>
Applied mapping(CommandLine& line, const Given& given) {
  const std::vector<uint32_t> numbers = TRY(read_numbers(given));
  if (numbers.empty() || numbers.size() % 3 != 0) return not_ranges(given);
  std::vector<IdRange> ranges;
  for (size_t i = 0; i < numbers.size(); i += 3) {
    const IdRange range{.inside = numbers[i + 1], .outside = numbers[i], .size = numbers[i + 2]};
    if (range.size == 0)
      return Error::because(EINVAL,
                            cat(given.name, " has a range of no ids: a size is at least 1"));
    if (uint64_t{range.size} - 1 + std::max(range.inside, range.outside) > kLastId)
      return Error::because(EINVAL, cat(given.name, " has a range past the last id, ", kLastId,
                                        ": make its size smaller"));
    ranges.push_back(range);
  }
  line.options.*Member = std::move(ranges);
  return {};
}

Applied timeout(CommandLine& line, const Given& given) {
  double seconds = 0;
  if (!read_number(given.value, seconds) || !std::isfinite(seconds) || seconds < 0)
    return invalid(given, "seconds, as 0 or 1.5");
  line.options.timeout = seconds;
  return {};
}

/// The same as the kernel's overlayfs means by it: nothing is synced, and a mark says so.
Applied give_up_durability(CommandLine& line, const Given& /*given*/) {
  line.options.durable = false;
  return {};
}

Applied threaded(CommandLine& line, const Given& given) {
  line.options.threads = TRY(read_bit(given)) ? 0 : 1;
  return {};
}

constexpr uint32_t kMaxThreads = 1024;

Applied threads(CommandLine& line, const Given& given) {
  line.options.threads = TRY(read_between(given, 1, kMaxThreads));
  return {};
}

Applied single_thread(CommandLine& line, const Given& /*given*/) {
  line.options.threads = 1;
  return {};
}

Applied max_write(CommandLine& line, const Given& given) {
  line.mount.max_write = TRY(read_between(given, 4096, 1U << 20));
  return {};
}

Applied redirect(CommandLine& line, const Given& given) {
  line.options.rename_directories = given.value == "on";
  return {};
}

Applied xino(CommandLine& line, const Given& given) {
  line.options.xino = given.value == "off"  ? Xino::Off
                      : given.value == "on" ? Xino::On
                                            : Xino::Auto;
  return {};
}

Applied override_stat(CommandLine& line, const Given& given) {
  line.options.override_stat = given.value == "2"   ? StatOverride::User
                               : given.value == "1" ? StatOverride::Privileged
                                                    : StatOverride::WhereNeeded;
  return {};
}

Applied refuse_plugins(CommandLine& /*line*/, const Given& /*given*/) {
  return Error::because(EINVAL,
                        "plugins are not loaded: leave plugins= out, and name directories or image "
                        "files in lowerdir");
}

Applied source(CommandLine& line, const Given& given) {
  line.mount.source = unescaped(given.value);
  return {};
}

Applied debug(CommandLine& line, const Given& /*given*/) {
  line.mount.debug = line.foreground = true;
  return {};
}

constexpr auto kNothing = Takes::Nothing;
constexpr auto kMaybe = Takes::Maybe;
constexpr auto kValue = Takes::Value;

// Sources: fuse-overlayfs 1.15, main.c, ovl_opts and fuse_opt_proc(); 1.16, config.rs;
// mount.fuse3(8); the kernel's overlayfs.rst for what containers-storage passes on from
// storage.conf.
constexpr std::array kWords{
    MountWord{"lowerdir", kValue, "DIR[:DIR...]", "the layers, topmost first; SquashFS files too",
              lower},
    MountWord{"upperdir", kValue, "DIR", "where changes go; without it nothing can be changed",
              directory<&Options::upper>},
    MountWord{"workdir", kValue, "DIR", "for files in the making, beside upperdir",
              directory<&Options::work>},
    MountWord{"uidmapping", kValue, "STORED:SHOWN:SIZE[:...]", "how users are shown",
              mapping<&Options::uids>},
    MountWord{"gidmapping", kValue, "STORED:SHOWN:SIZE[:...]", "how groups are shown",
              mapping<&Options::gids>},
    MountWord{"squash_to_root", kNothing, {}, "everything is root's", squash_to_root},
    MountWord{"squash_to_uid", kValue, "UID", "everything is this user's",
              squash<&Options::squash_uid>},
    MountWord{"squash_to_gid", kValue, "GID", "everything is this group's",
              squash<&Options::squash_gid>},
    MountWord{"xattr_permissions", kValue, "0|1|2", "owners and modes are kept in attributes",
              override_stat},
    MountWord{"noxattrs", kMaybe, "0|1", "no extended attributes",
              option_bit<&Options::attributes, true>},
    MountWord{"noacl", kNothing, {}, "no access control lists", kOption<&Options::acl, false>},
    MountWord{"static_nlink",
              kNothing,
              {},
              "every directory has one link",
              kOption<&Options::static_nlink, true>},
    MountWord{"xino", kValue, "off|auto|on", "how inode numbers of several file systems differ",
              xino},
    MountWord{"ino32_t", kNothing, {}, "inode numbers of 32 bits", kOption<&Options::ino32, true>},
    MountWord{"redirect_dir", kValue, "off|on", "off: merged directories cannot be renamed",
              redirect},
    MountWord{"volatile",
              kNothing,
              {},
              "nothing is synced, and a mark in workdir says so",
              give_up_durability},
    MountWord{"fsync", kMaybe, "0|1", "0: nothing is synced", option_bit<&Options::sync>},
    MountWord{"writeback", kMaybe, "0|1", "0: every write reaches the layer at once",
              option_bit<&Options::writeback>},
    MountWord{"timeout", kValue, "SECONDS", "how long the kernel may remember", timeout},
    MountWord{"threads", kValue, "N", "how many requests are served at once", threads},
    MountWord{"threaded", kMaybe, "0|1", "0: as threads=1", threaded},
    MountWord{"clone_fd", kMaybe, "0|1", "0: all threads read one descriptor", clone_fd},
    MountWord{"max_write", kValue, "BYTES", "the largest request to write", max_write},
    MountWord{"allow_other",
              kNothing,
              {},
              "other users may look in",
              kMount<&MountOptions::allow_other, true>},
    MountWord{"allow_root",
              kNothing,
              {},
              "of other users only root may look in",
              kMount<&MountOptions::allow_root, true>},
    MountWord{"ro", kNothing, {}, "nothing can be changed", kMount<&MountOptions::read_only, true>},
    MountWord{"rw",
              kNothing,
              {},
              "what upperdir holds can be changed",
              kMount<&MountOptions::read_only, false>},
    MountWord{
        "suid", kNothing, {}, "set-user-id programs count", kMount<&MountOptions::suid, true>},
    MountWord{"nosuid", kNothing, {}, "they do not", kMount<&MountOptions::suid, false>},
    MountWord{"dev", kNothing, {}, "devices can be opened", kMount<&MountOptions::dev, true>},
    MountWord{"nodev", kNothing, {}, "they cannot", kMount<&MountOptions::dev, false>},
    MountWord{"exec", kNothing, {}, "programs can be run", kMount<&MountOptions::exec, true>},
    MountWord{"noexec", kNothing, {}, "they cannot", kMount<&MountOptions::exec, false>},
    MountWord{"fsname", kValue, "NAME", "what mount(8) shows as the device", source},
    MountWord{"debug", kNothing, {}, "tell every request; implies -f", debug},
    MountWord{"sync", kMaybe, "0|1", {}, option_bit<&Options::sync>},  // as 1.16 calls fsync
    MountWord{"max_threads", kValue, "N", {}, threads},                // as libfuse calls threads
    MountWord{"plugins", kValue, "PATH", {}, refuse_plugins},
    MountWord{"default_permissions"},  // always
    MountWord{"auto_unmount"},         // always
    // The kernel itself never changes the time of the last access on FUSE, and we change none in a
    // layer: S_NOATIME in fuse_iget(), fs/fuse/inode.c.
    MountWord{"atime"},
    MountWord{"noatime"},  // always
    MountWord{"diratime"},
    MountWord{"nodiratime"},
    MountWord{"kernel_cache"},
    MountWord{"splice_read"},
    MountWord{"splice_write"},
    MountWord{"splice_move"},
    MountWord{"max_idle_threads", kValue, "N"},
    MountWord{"fast_ino", kMaybe, "0|1"},
    MountWord{"fast_ino_check", kMaybe, "0|1"},
    MountWord{"context", kValue, "LABEL"},  // a FUSE mount of a user namespace can have none
    MountWord{"fscontext", kValue, "LABEL"},
    MountWord{"defcontext", kValue, "LABEL"},
    MountWord{"rootcontext", kValue, "LABEL"},
    MountWord{"lazytime"},
    MountWord{"userxattr"},
    MountWord{"index", kValue, "off|on"},
    MountWord{"metacopy", kValue, "off|on"},
    MountWord{"nfs_export", kValue, "off|on"},
    MountWord{"uuid", kValue, "null|off|auto|on"},
};

Applied ask_help(CommandLine& line, const Given& /*given*/) {
  line.ask = Ask::Help;
  return {};
}

Applied ask_version(CommandLine& line, const Given& /*given*/) {
  line.ask = Ask::Version;
  return {};
}

Applied stay_in_foreground(CommandLine& line, const Given& /*given*/) {
  line.foreground = true;
  return {};
}

template <auto Member>
Applied descriptor(CommandLine& line, const Given& given) {
  constexpr uint32_t kLastDescriptor = std::numeric_limits<int>::max();
  line.*Member = static_cast<int>(TRY(read_between(given, 0, kLastDescriptor)));
  return {};
}

constexpr std::array kFlags{
    Flag{"-f", {}, {}, "stay in the foreground", stay_in_foreground},
    Flag{"-d", "--debug", {}, "tell every request; implies -f", debug},
    Flag{"-s", {}, {}, "as -o threads=1", single_thread},
    Flag{{}, "--exit-fd", "N", "unmount when descriptor N ends", descriptor<&CommandLine::exit_fd>},
    Flag{
        {}, "--ready-fd", "N", "write a byte to N when served", descriptor<&CommandLine::ready_fd>},
    Flag{"-h", "--help", {}, "show this and exit", ask_help},
    Flag{"-V", "--version", {}, "show the version and exit", ask_version},
};

}  // namespace

std::span<const MountWord> mount_words() {
  return kWords;
}

std::span<const Flag> flags() {
  return kFlags;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::string path_of(std::string_view value, std::string_view directory) {
  std::string path = unescaped(value);
  if (path.starts_with('/')) return path;
  return cat(directory, directory.ends_with('/') ? "" : "/", path);
}

}  // namespace wolffia::overlay
