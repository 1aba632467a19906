// SPDX-License-Identifier: Apache-2.0
// Usage: timer [--rounds N] [--warmup N] [--count N --parallel N] [--orphans 1]
//              (--- NAME CMD… [--then CMD…]…)…
// Times whole programs against each other. Every round runs each variant once, beginning with
// another one each time, so that whatever else the machine does meets all of them alike. A variant
// may be several commands in a row, of which `@reap` waits for a process orphaned to us, as conmon
// or a shim would;
// `%ID` in an argument becomes an id not used before. With --count, a round runs the variant that
// many times, --parallel at once, and counts as one sample. With --orphans, what a command left
// running (conmon, who cleans up behind Podman) is waited for as well: its processor time counts,
// the time it takes does not. Prints a line "NAME <tab> nanoseconds <tab> CPU nanoseconds <tab>
// peak KiB" per sample. A command that fails ends it all.
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Command = std::vector<std::string>;

struct Variant {
  std::string name;
  std::vector<Command> steps;
};

struct Options {
  int rounds = 100;
  int warmup = 5;
  int count = 1;
  int parallel = 1;
  int orphans = 0;
  std::vector<Variant> variants;
};

struct Sample {
  int64_t nanoseconds = 0;
  int64_t cpu_nanoseconds = 0;  // of all processes waited for
  long peak_kib = 0;
};

int error_log = -1;  // what the commands write to stderr; shown when one fails

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "timer: %s\n", why.c_str());
  char text[4096];
  const ssize_t got = ::pread(error_log, text, sizeof text, 0);
  if (got > 0) std::fwrite(text, 1, static_cast<size_t>(got), stderr);
  std::exit(1);
}

int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string describe(const Command& command) {
  std::string text;
  for (const std::string& word : command)
    text += word + " ";
  return text;
}

/// The command with %ID replaced.
Command with_id(Command command, const std::string& id) {
  for (std::string& word : command) {
    const size_t at = word.find("%ID");
    if (at != std::string::npos) word.replace(at, 3, id);
  }
  return command;
}

/// Descriptors for a command: no input, no output, its errors kept.
const posix_spawn_file_actions_t& redirections() {
  static const posix_spawn_file_actions_t kActions = [] {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, error_log, 2);
    return actions;
  }();
  return kActions;
}

pid_t start(Command& command) {
  std::vector<char*> argv;
  for (std::string& word : command)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv[0], &redirections(), nullptr, argv.data(), environ);
  if (failed != 0) die(command[0] + ": " + std::strerror(failed));
  return pid;
}

int64_t nanoseconds(const timeval& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + int64_t{time.tv_usec} * 1'000;
}

void add(const rusage& usage, Sample& sample) {
  sample.cpu_nanoseconds += nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
  sample.peak_kib = std::max(sample.peak_kib, usage.ru_maxrss);
}

/// Waits for `pid`, or for any process when it is -1, and adds what it took. Returns whose it was.
pid_t finish(pid_t pid, const Command& command, Sample& sample) {
  int status = 0;
  rusage usage{};
  pid = ::wait4(pid, &status, 0, &usage);
  if (pid < 0) die("nothing to wait for: " + describe(command));
  if (status != 0) die("wait status " + std::to_string(status) + ": " + describe(command));
  add(usage, sample);
  return pid;
}

/// Waits for what the commands of a sample left running, not for ever.
void finish_orphans(Sample& sample) {
  const int64_t deadline = now() + 10'000'000'000;
  for (;;) {
    rusage usage{};
    const pid_t pid = ::wait4(-1, nullptr, WNOHANG, &usage);
    if (pid < 0) return;
    if (pid > 0) add(usage, sample);
    if (pid == 0 && now() > deadline) die("a command left a process that does not end");
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    if (pid == 0) ::nanosleep(&pause, nullptr);
  }
}

std::string next_id() {
  static int counter = 0;
  return "bench-" + std::to_string(::getpid()) + "-" + std::to_string(++counter);
}

Sample run_steps(const Variant& variant) {
  const std::string id = next_id();
  std::vector<Command> steps;
  for (const Command& step : variant.steps)
    steps.push_back(with_id(step, id));
  Sample sample;
  const int64_t begin = now();
  for (Command& step : steps) {
    finish(step[0] == "@reap" ? -1 : start(step), step, sample);
  }
  sample.nanoseconds = now() - begin;
  return sample;
}

/// Orphans that end meanwhile are told from the commands by their numbers.
Sample run_many(const Variant& variant, int count, int parallel) {
  Sample sample;
  std::set<pid_t> running;
  const int64_t begin = now();
  for (int started = 0; started < count || !running.empty();) {
    for (; started < count && std::ssize(running) < parallel; ++started) {
      Command command = with_id(variant.steps[0], next_id());
      running.insert(start(command));
    }
    running.erase(finish(-1, variant.steps[0], sample));
  }
  sample.nanoseconds = now() - begin;
  return sample;
}

int number(const char* text) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 0 || value > 1'000'000) {
    die(std::string("not a number: ") + text);
  }
  return static_cast<int>(value);
}

Options parse(int argc, char** argv) {
  Options options;
  const struct {
    std::string_view name;
    int* value;
  } numbers[] = {{"--rounds", &options.rounds},
                 {"--warmup", &options.warmup},
                 {"--count", &options.count},
                 {"--parallel", &options.parallel},
                 {"--orphans", &options.orphans}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto* option = std::find_if(std::begin(numbers), std::end(numbers),
                                      [&](const auto& known) { return known.name == word; });
    if (word == "---" && i + 1 < argc) {
      options.variants.push_back({argv[++i], {{}}});
    } else if (!options.variants.empty() && word == "--then") {
      options.variants.back().steps.emplace_back();
    } else if (!options.variants.empty()) {
      options.variants.back().steps.back().emplace_back(word);
    } else if (option != std::end(numbers) && i + 1 < argc) {
      *option->value = number(argv[++i]);
    } else {
      die("unknown argument " + std::string(word));
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  error_log = ::memfd_create("errors", MFD_CLOEXEC);
  const Options options = parse(argc, argv);
  if (options.variants.empty()) die("nothing to time");
  for (const Variant& variant : options.variants) {
    for (const Command& step : variant.steps) {
      if (step.empty()) die("an empty command in " + variant.name);
    }
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const size_t variants = options.variants.size();
  for (int round = -options.warmup; round < options.rounds; ++round) {
    for (size_t i = 0; i < variants; ++i) {
      const size_t chosen = (i + static_cast<size_t>(round + options.warmup)) % variants;
      const Variant& variant = options.variants[chosen];
      if (::ftruncate(error_log, 0) != 0) die("ftruncate");
      Sample sample = options.count == 1 ? run_steps(variant)
                                         : run_many(variant, options.count, options.parallel);
      if (options.orphans != 0) finish_orphans(sample);
      if (round < 0) continue;
      std::printf("%s\t%lld\t%lld\t%ld\n", variant.name.c_str(),
                  static_cast<long long>(sample.nanoseconds),
                  static_cast<long long>(sample.cpu_nanoseconds), sample.peak_kib);
    }
  }
}
