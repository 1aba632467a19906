// SPDX-License-Identifier: Apache-2.0
#include "cli/image/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <vector>

#include "base/human_size.hpp"
#include "cli/output.hpp"
#include "json/writer.hpp"

namespace wolffia::cli::image {
namespace {

using oci::Digest;
using wolffia::image::Progress;

/// As people see them everywhere: the first digits.
std::string_view short_name(const Digest& blob) {
  return blob.hex().substr(0, 12);
}

class Silent : public Progress {
 public:
  void note(std::string_view /*text*/) override {}
  void detail(std::string_view /*text*/) override {}
  void begin(const Digest& /*blob*/, uint64_t /*total*/, uint64_t /*done*/) override {}
  void advance(const Digest& /*blob*/, uint64_t /*bytes*/) override {}
  void finish(const Digest& /*blob*/) override {}
};

class Plain : public Progress {
 public:
  void note(std::string_view text) override { print_message(cat(text, "\n")); }
  void detail(std::string_view /*text*/) override {}
  void begin(const Digest& blob, uint64_t total, uint64_t done) override {
    const std::string resumed = done == 0 ? "" : cat(", from ", human_size(done), " on");
    print_message(cat(short_name(blob), ": ", human_size(total), resumed, "\n"));
  }
  void advance(const Digest& /*blob*/, uint64_t /*bytes*/) override {}
  void finish(const Digest& blob) override { print_message(cat(short_name(blob), ": done\n")); }
};

/// Every event is one write(2), so lines of several threads do not mix.
class Json : public Progress {
 public:
  void note(std::string_view text) override { say("note", text); }
  void detail(std::string_view text) override { say("detail", text); }
  void begin(const Digest& blob, uint64_t total, uint64_t done) override {
    json::Writer out;
    out.begin_object().member("event", "begin").member("digest", blob.text());
    out.member("total", total).member("done", done).end_object();
    print_message(std::move(out).take() + "\n");
  }
  void advance(const Digest& /*blob*/, uint64_t /*bytes*/) override {}
  void finish(const Digest& blob) override {
    json::Writer out;
    out.begin_object().member("event", "done").member("digest", blob.text()).end_object();
    print_message(std::move(out).take() + "\n");
  }

 private:
  static void say(std::string_view event, std::string_view text) {
    json::Writer out;
    out.begin_object().member("event", event).member("text", text).end_object();
    print_message(std::move(out).take() + "\n");
  }
};

class Bars : public Progress {
 public:
  ~Bars() override { draw(true); }

  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    clear();
    print_message(cat(text, "\n"));
    draw(true);
  }
  void detail(std::string_view /*text*/) override {}
  void begin(const Digest& blob, uint64_t total, uint64_t done) override {
    const std::lock_guard lock(mutex_);
    clear();
    bars_.push_back({blob, total, done, false});
    draw(true);
  }
  void advance(const Digest& blob, uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    if (Bar* bar = find(blob)) bar->done = std::min(bar->total, bar->done + bytes);
    draw(false);
  }
  void finish(const Digest& blob) override {
    const std::lock_guard lock(mutex_);
    if (Bar* bar = find(blob)) bar->finished = true;
    draw(true);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Bar {
    Digest blob;
    uint64_t total, done;
    bool finished;
  };

  Bar* find(const Digest& blob) {
    const auto found =
        std::find_if(bars_.begin(), bars_.end(), [&](const Bar& bar) { return bar.blob == blob; });
    return found == bars_.end() ? nullptr : &*found;
  }

  /// Moves to the first bar's line and removes what stands from there on.
  void clear() {
    if (drawn_ == 0) return;
    print_message(cat("\033[", drawn_, "A\033[J"));
    drawn_ = 0;
  }

  void draw(bool at_once) {
    const Clock::time_point now = Clock::now();
    if (!at_once && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    std::string text = drawn_ == 0 ? "" : cat("\033[", drawn_, "A\033[J");
    for (const Bar& bar : bars_)
      text += line(bar);
    drawn_ = bars_.size();
    if (!text.empty()) print_message(text);
  }

  static std::string line(const Bar& bar) {
    constexpr size_t kWidth = 30;
    const size_t full = bar.total == 0 ? kWidth : bar.done * kWidth / bar.total;
    std::string text = cat(short_name(bar.blob), "  [", std::string(full, '='));
    text += cat(std::string(kWidth - full, ' '), "]  ", human_size(bar.done), " of ",
                human_size(bar.total), bar.finished ? "  done" : "", "\n");
    return text;
  }

  std::mutex mutex_;
  std::vector<Bar> bars_;        // guarded by mutex_
  size_t drawn_ = 0;             // lines; guarded by mutex_
  Clock::time_point last_ = {};  // guarded by mutex_
};

}  // namespace

Show choose_show() {
  return ::isatty(STDERR_FILENO) == 1 ? Show::Bars : Show::Plain;
}

std::unique_ptr<Progress> make_progress(Show show) {
  switch (show) {
    case Show::Bars:
      return std::make_unique<Bars>();
    case Show::Plain:
      return std::make_unique<Plain>();
    case Show::Json:
      return std::make_unique<Json>();
    case Show::None:
      break;
  }
  return std::make_unique<Silent>();
}

}  // namespace wolffia::cli::image
