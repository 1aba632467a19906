// SPDX-License-Identifier: Apache-2.0
// A layer of 100 MB, cut from this program's own bytes: what each step of unpacking it costs, and
// what the second thread gains. CPU time is that of all threads.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>

#include "bundle_text.hpp"
#include "image/layer/inflate.hpp"
#include "image/layer/inflate_parts.hpp"
#include "image/layer/sink.hpp"
#include "image/layer/tar_writer.hpp"
#include "image/layer/unpack.hpp"
#include "image/layer/unpacker.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

namespace wolffia::bench {
namespace {

using image::ByteSource;
using oci::Compression;

constexpr size_t kFiles = 5000;

/// Collects in memory.
class StringSink : public image::ByteSink {
 public:
  Result<void> write(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> finish() override { return {}; }
  std::string text;
};

/// Sizes as in a distribution's packages: most files are small, most bytes are in large ones.
size_t size_of(size_t number) {
  constexpr size_t kSizes[] = {300, 900, 2000, 4000, 7000, 12'000, 3000, 1500, 40'000, 130'000};
  return kSizes[number % std::size(kSizes)];
}

std::string make_layer(Compression compression) {
  const std::string program = must(sys::read_file(sys::cwd(), "/proc/self/exe", size_t{1} << 30));
  StringSink out;
  const auto compressed = image::open_deflater(out, compression);
  image::TarWriter writer(*compressed);
  for (size_t i = 0; i < kFiles; ++i) {
    image::TarEntry entry;
    entry.name = cat("usr/lib/d", i % 97, "/file", i);
    entry.mode = 0644;
    entry.size = std::min(size_of(i), program.size() / 2);
    const size_t at = i * 65'537 % (program.size() - entry.size);
    must(writer.add(entry));
    must(writer.write(std::as_bytes(std::span(program)).subspan(at, entry.size)));
  }
  must(writer.finish());
  return std::move(out.text);
}

const std::string& layer(Compression compression) {
  static const std::string kLayers[] = {
      make_layer(Compression::None), make_layer(Compression::Gzip), make_layer(Compression::Zstd)};
  return kLayers[static_cast<size_t>(compression)];
}

void count_bytes(benchmark::State& state) {
  const auto size = static_cast<int64_t>(layer(Compression::None).size());
  state.SetBytesProcessed(state.iterations() * size);
}

void drain(ByteSource& from) {
  static std::vector<std::byte> buffer(size_t{256} << 10);
  while (must(from.read(buffer)) > 0) {
  }
}

using Make = std::unique_ptr<image::inflate::Inflater> (*)(ByteSource&);

void inflate(benchmark::State& state, Make make, Compression compression) {
  const std::string& bytes = layer(compression);
  for (auto _ : state) {
    image::MemorySource memory(std::as_bytes(std::span(bytes)));
    const auto from = make(memory);
    if (!from) return state.SkipWithError("not in this build");
    drain(*from);
  }
  count_bytes(state);
}

void hash(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(image::digest_of(layer(Compression::None)));
  count_bytes(state);
}

/// What one thread would do: pieces are hashed as they are taken.
class HashedPieces : public image::PieceSource {
 public:
  explicit HashedPieces(ByteSource& from) : pieces_(from) {}
  Result<std::span<const std::byte>> next() override {
    const auto piece = TRY(pieces_.next());
    hasher_.add(piece);
    return piece;
  }
  oci::Digest digest() { return hasher_.finish(); }

 private:
  image::BufferedPieces pieces_;
  image::Hasher hasher_;
};

/// A tree in memory where there is such a place: the disk is not what is measured.
class Tree {
 public:
  Tree() {
    std::string path = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    path += "/wolffia-bench-XXXXXX";
    if (!::mkdtemp(path.data())) std::abort();
    path_ = path;
    fd_ = must(sys::open_root(path.c_str()));
  }
  ~Tree() {
    must(sys::empty_directory(fd_));
    (void)sys::remove_directory(sys::cwd(), path_.c_str());
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  const sys::Fd& fd() const { return fd_; }

 private:
  std::string path_;
  sys::InRoot fd_;
};

sys::Fd stream_of(const std::string& bytes) {
  sys::Fd file = must(sys::memory_file("layer"));
  must(sys::write_all(file, bytes));
  return file;
}

void unpack_one_thread(const sys::Fd& stream, const sys::Fd& tree,
                       const image::UnpackOptions& options) {
  image::FdSource file(stream);
  const auto inflated = image::open_inflater(file, options.compression);
  HashedPieces pieces(*inflated);
  image::TarReader reader(pieces);
  image::Unpacker unpacker(tree, options);
  must(unpacker.run(reader));
  benchmark::DoNotOptimize(pieces.digest());
}

void unpack_two_threads(const sys::Fd& stream, const sys::Fd& tree,
                        const image::UnpackOptions& options) {
  benchmark::DoNotOptimize(must(image::unpack(stream, tree, options)));
}

void unpack_confined(const sys::Fd& stream, const sys::Fd& tree,
                     const image::UnpackOptions& options) {
  benchmark::DoNotOptimize(must(image::unpack_confined(stream, tree, options)));
}

void unpack(benchmark::State& state,
            void (*how)(const sys::Fd&, const sys::Fd&, const image::UnpackOptions&),
            Compression compression) {
  const sys::Fd stream = stream_of(layer(compression));
  image::UnpackOptions options;
  options.compression = compression;
  for (auto _ : state) {
    state.PauseTiming();
    must(sys::rewind(stream));
    auto tree = std::make_unique<Tree>();
    state.ResumeTiming();
    how(stream, tree->fd(), options);
    state.PauseTiming();
    tree.reset();
    state.ResumeTiming();
  }
  count_bytes(state);
}

BENCHMARK_CAPTURE(inflate, isal, image::inflate::make_isal, Compression::Gzip)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(inflate, zlib, image::inflate::make_zlib, Compression::Gzip)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(inflate, zstd, image::inflate::make_zstd, Compression::Zstd)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(hash)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(unpack, gzip_one_thread, unpack_one_thread, Compression::Gzip)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(unpack, gzip_two_threads, unpack_two_threads, Compression::Gzip)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(unpack, gzip_confined, unpack_confined, Compression::Gzip)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(unpack, zstd_two_threads, unpack_two_threads, Compression::Zstd)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace wolffia::bench
