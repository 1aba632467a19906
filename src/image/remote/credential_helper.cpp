// SPDX-License-Identifier: Apache-2.0
#include "image/remote/credential_helper.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/quote.hpp"
#include "image/remote/config_files.hpp"
#include "json/field.hpp"
#include "json/writer.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace wolffia::image::remote {
namespace {

constexpr size_t kOutputLimit = 1U << 20;
constexpr std::chrono::minutes kPatience{5};  // it may be asking the user for a key
constexpr std::string_view kNothingKept = "credentials not found in native keychain";

bool is_plain_word(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Result<void> check_program(const std::string& path, const struct stat& status) {
  const bool owned = status.st_uid == 0 || status.st_uid == sys::effective_uid();
  if (owned && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error::because(
      EPERM,
      cat(path, " must belong to root or to you and be writable by nobody else: chmod go-w"));
}

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry && *entry; ++entry)
    all.emplace_back(*entry);
  return all;
}

struct Answer {
  int status = 0;
  std::string output;
};

/// Everything the program writes, until it closes its output.
Result<std::string> read_output(const sys::Fd& output) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= kOutputLimit) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Error::because(ETIMEDOUT, "it does not answer");
    if (!TRY(sys::readable_within(output, left))) continue;
    const ssize_t count = ::read(output.get(), buffer.data(), buffer.size());
    if (count < 0) return Error::last("read");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
  return Error::because(EFBIG, "its answer is too long");
}

/// Runs `docker-credential-NAME VERB` with `input`.
Result<Answer> run_helper(std::string_view name, const char* verb, std::string_view input) {
  const std::string path = TRY(find_helper(name));
  const sys::Fd in = TRY(sys::memory_file("credential-helper"));  // no pipe that can break
  TRY(sys::write_all(in, input));
  TRY(sys::rewind(in));
  auto [out, out_end] = TRY(sys::make_pipe(0));
  const std::vector<std::string> args{path, verb};
  const std::vector<std::string> env = own_environment();
  const sys::Program program{
      .path = path, .args = args, .env = env, .stdin_fd = in.get(), .stdout_fd = out_end.get()};
  const sys::PidFd child = TRY(sys::spawn(program), path);
  out_end.reset();
  auto output = read_output(out);
  if (!output) {
    (void)sys::send_signal(child, SIGKILL);  // its end is waited for either way
    (void)sys::wait_for(child);
    return std::move(output).error().context(path);
  }
  const sys::Ended ended = TRY(sys::wait_for(child), path);
  return Answer{ended.status(), std::move(output).value()};
}

Error refusal(std::string_view name, const Answer& answer) {
  std::string_view said = answer.output;
  while (said.ends_with('\n'))
    said.remove_suffix(1);
  return Error::because(EIO, cat("docker-credential-", name, " failed with status ", answer.status,
                                 said.empty() ? "" : ": ", said.empty() ? "" : quoted(said)));
}

}  // namespace

std::string helper_server(std::string_view host) {
  return host == "docker.io" ? "https://index.docker.io/v1/" : std::string(host);
}

Result<std::string> find_helper(std::string_view name) {
  if (!is_plain_word(name))
    return Error::because(EINVAL, cat("the credential helper ", quoted(name),
                                      " must be named by letters, digits, \"-\" and \"_\""));
  const std::string program = cat("docker-credential-", name);
  const std::string all = environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  std::string_view rest = all;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::string path = cat(rest.substr(0, end), "/", program);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!path.starts_with('/')) continue;  // the current directory may be anybody's
    const auto status = sys::stat_at(sys::cwd(), path.c_str());
    if (!status || !S_ISREG(status->st_mode) || !sys::check_access(path.c_str(), X_OK)) continue;
    TRY(check_program(path, *status));
    return path;
  }
  return Error::because(ENOENT, cat(program, " is not in PATH"));
}

Result<std::optional<Credentials>> ask_helper(std::string_view name, std::string_view server) {
  Answer answer = TRY(run_helper(name, "get", server));
  if (answer.status != 0) {
    if (answer.output.starts_with(kNothingKept)) return std::optional<Credentials>();
    return refusal(name, answer);
  }
  const auto document = TRY(json::Document::parse(std::move(answer.output),
                                                  cat("the answer of docker-credential-", name)));
  const json::Object root = TRY(document.root().as<json::Object>());
  Credentials found;
  found.user = TRY(root.get<std::string>("Username"));
  found.password = TRY(root.get<std::string>("Secret"));
  if (found.user == "<token>") found = {{}, {}, std::move(found.password)};
  if (found.user.empty() && found.identity_token.empty()) return std::optional<Credentials>();
  return std::optional(std::move(found));
}

Result<void> store_in_helper(std::string_view name, std::string_view server,
                             const Credentials& credentials) {
  json::Writer out;
  out.begin_object().member("ServerURL", server);
  out.member("Username", credentials.user).member("Secret", credentials.password).end_object();
  const Answer answer = TRY(run_helper(name, "store", std::move(out).take()));
  if (answer.status != 0) return refusal(name, answer);
  return {};
}

Result<void> erase_from_helper(std::string_view name, std::string_view server) {
  const Answer answer = TRY(run_helper(name, "erase", server));
  if (answer.status != 0 && !answer.output.starts_with(kNothingKept)) return refusal(name, answer);
  return {};
}

}  // namespace wolffia::image::remote
