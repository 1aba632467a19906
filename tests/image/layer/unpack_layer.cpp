// SPDX-License-Identifier: Apache-2.0
// Usage: unpack_layer [OPTION...] FILE DIR
// Unpacks a layer for tests of whole archives and for bench/compare, and says what came of it: a
// line each for the digest, the counts, links that are pending and warnings. Exit status 1 with one
// sentence when the layer is refused.
//   --gzip, --zstd       how the layer is compressed
//   --apply              whiteouts are done at once instead of written down
//   --archive-owners     ids as in the archive
//   --direct             in this process, not in a confined one
//   --bytes N, --entries N  limits
//   --pack               the other way: writes the directory DIR as a layer to FILE
//   --inflate            only decompresses, to standard output; DIR is not used
#include <fcntl.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "image/layer/inflate.hpp"
#include "image/layer/pack.hpp"
#include "image/layer/unpack.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"

using namespace wolffia;

namespace {

struct Options {
  image::UnpackOptions unpack;
  bool direct = false;
  bool inflate = false;
  bool pack = false;
  const char* file = nullptr;
  const char* directory = nullptr;
};

bool take(Options& options, std::string_view word) {
  using oci::Compression;
  if (word == "--gzip") return options.unpack.compression = Compression::Gzip, true;
  if (word == "--zstd") return options.unpack.compression = Compression::Zstd, true;
  if (word == "--apply") return options.unpack.whiteouts = image::Whiteouts::Apply, true;
  if (word == "--archive-owners") return options.unpack.owners = image::Owners::Archive, true;
  if (word == "--direct") return options.direct = true;
  if (word == "--pack") return options.pack = true;
  if (word == "--inflate") return options.inflate = true;
  return false;
}

bool parse(Options& options, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (take(options, word)) continue;
    if (word == "--bytes" && i + 1 < argc)
      options.unpack.limits.bytes = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--entries" && i + 1 < argc)
      options.unpack.limits.entries = std::strtoull(argv[++i], nullptr, 10);
    else if (!options.file)
      options.file = argv[i];
    else if (!options.directory)
      options.directory = argv[i];
    else
      return false;
  }
  return options.file && (options.directory || options.inflate);
}

Result<void> inflate_to_output(const Options& options, const sys::Fd& file) {
  image::FdSource from(file);
  const auto inflated = image::open_inflater(from, options.unpack.compression);
  const sys::BorrowedFd output(STDOUT_FILENO);
  image::BufferedPieces pieces(*inflated);
  for (;;) {
    const auto piece = TRY(pieces.next());
    if (piece.empty()) return {};
    TRY(sys::write_all(output.fd(), {reinterpret_cast<const char*>(piece.data()), piece.size()}));
  }
}

/// An upper directory of the caller's files, which are root's in the layer.
Result<void> pack(const Options& options) {
  const sys::Fd file =
      TRY(sys::open_at(sys::cwd(), options.file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  const sys::Fd tree = TRY(sys::open_root(options.directory));
  const image::PackOptions how{.compression = options.unpack.compression,
                               .from = image::PackFrom::Upper,
                               .uids = {{0, ::geteuid(), 1}},
                               .gids = {{0, ::getegid(), 1}},
                               .without = {}};
  const image::Packed done = TRY(image::pack(tree, file, how));
  std::printf("diff_id %s\ndigest %s\n", done.diff_id.text().c_str(), done.digest.text().c_str());
  return {};
}

Result<void> run(const Options& options) {
  if (options.pack) return pack(options);
  const sys::Fd file = TRY(sys::open_at(sys::cwd(), options.file, O_RDONLY));
  if (options.inflate) return inflate_to_output(options, file);
  const sys::Fd tree = TRY(sys::open_root(options.directory));
  const auto unpack = options.direct ? image::unpack : image::unpack_confined;
  const image::Unpacked done = TRY(unpack(file, tree, options.unpack));
  std::printf("diff_id %s\nentries %ju\nbytes %ju\n", done.diff_id.text().c_str(),
              uintmax_t{done.entries}, uintmax_t{done.bytes});
  for (const auto& link : done.pending)
    std::printf("pending %s -> %s\n", link.path.c_str(), link.target.c_str());
  for (const auto& warning : done.warnings)
    for (const auto& entry : warning.entries)
      std::printf("warning %s: %s\n", warning.what.c_str(), entry.c_str());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(options, argc, argv)) {
    (void)std::fputs("usage: unpack_layer [OPTION...] FILE DIR\n", stderr);
    return 2;
  }
  const auto done = run(options);
  if (!done) (void)std::fprintf(stderr, "%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
