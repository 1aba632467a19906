// SPDX-License-Identifier: Apache-2.0
#include "image/layer/tar.hpp"

#include <gtest/gtest.h>

#include "image/layer/tar_builder.hpp"

using namespace wolffia;
using image::TarEntry;
using image::TarReader;
using test::octal;
using test::pax_record;
using test::TarBuilder;
using test::TarItem;

namespace {

struct Read {
  TarEntry entry;
  std::string content;
};

/// All entries of an archive that arrives `piece` bytes at a time.
Result<std::vector<Read>> read_all(const std::string& archive, size_t piece = 100'000) {
  image::MemorySource memory(std::as_bytes(std::span(archive)));
  image::BufferedPieces pieces(memory, piece);
  TarReader reader(pieces);
  std::vector<Read> all;
  for (TarEntry entry; TRY(reader.next(entry));) {
    std::string content = TRY(reader.read_content(1U << 20));
    all.push_back({entry, std::move(content)});
  }
  return all;
}

TarEntry only(const TarBuilder& archive) {
  const auto all = read_all(archive.done());
  if (!all || all->size() != 1) {
    ADD_FAILURE() << (all ? "not one entry" : all.error().message());
    return {};
  }
  return (*all)[0].entry;
}

std::string refusal(const std::string& archive) {
  const auto all = read_all(archive);
  if (all) return "it was read";
  EXPECT_EQ(all.error().code(), EINVAL) << all.error().message();
  return all.error().message();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string base_256(int64_t value, size_t size) {
  std::string field(size, value < 0 ? '\xff' : '\0');
  for (size_t i = 0; i < 8 && i < size; ++i)
    field[size - 1 - i] = static_cast<char>(value >> (8 * i) & 0xff);
  if (value >= 0) field[0] = '\x80';
  return field;
}

TarBuilder gnu_name(char type, const std::string& name) {
  TarBuilder builder;
  builder.add({.type = type, .name = "././@LongLink", .content = name + '\0'});
  return builder;
}

/// A header of GNU's own sparse format with up to four ranges, and whether blocks of more follow.
std::string old_sparse(const std::vector<std::pair<uint64_t, uint64_t>>& ranges, uint64_t size,
                       uint64_t stored, bool more = false) {
  std::string block = TarBuilder().add({.type = 'S', .name = "sparse"}).open().substr(0, 512);
  block.replace(124, 12, octal(stored, 11) + '\0');
  block.replace(257, 8, std::string("ustar  \0", 8));
  size_t at = 386;
  for (const auto& [offset, length] : ranges) {
    block.replace(at, 12, octal(offset, 11) + '\0');
    block.replace(at + 12, 12, octal(length, 11) + '\0');
    at += 24;
  }
  block[482] = more ? '\1' : '\0';
  block.replace(483, 12, octal(size, 11) + '\0');
  return TarBuilder::with_checksum(std::move(block));
}

std::string padded(std::string text) {
  text.resize((text.size() + 511) / 512 * 512, '\0');
  return text;
}

}  // namespace

TEST(tar, fields_of_a_ustar_header) {
  const TarEntry entry = only(TarBuilder().add({.name = "etc/passwd",
                                                .content = "root",
                                                .mode = 04755,
                                                .uid = "0001750",
                                                .gid = "0000144",
                                                .modified = 1'234'567'890}));
  EXPECT_EQ(entry.type, TarEntry::Type::File);
  EXPECT_EQ(entry.name, "etc/passwd");
  EXPECT_EQ(entry.size, 4U);
  EXPECT_EQ(entry.mode, 04755U);
  EXPECT_EQ(entry.uid, 1000U);
  EXPECT_EQ(entry.gid, 100U);
  EXPECT_EQ(entry.modified.tv_sec, 1'234'567'890);
  EXPECT_EQ(entry.offset, 512U);
}

TEST(tar, content_arrives_whole_whatever_the_pieces) {
  const std::string long_text(5000, 'x');
  const std::string archive =
      TarBuilder().file("a", "one").file("b", long_text).file("c", "").done();
  for (const size_t piece : {1U, 511U, 513U, 100'000U}) {
    const auto all = read_all(archive, piece).value();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].content, "one");
    EXPECT_TRUE(all[1].content == long_text);
    EXPECT_EQ(all[1].entry.offset, 1536U);
  }
}

TEST(tar, content_that_is_not_read_is_skipped) {
  const std::string archive = TarBuilder().file("a", std::string(5000, 'x')).file("b").done();
  image::MemorySource memory(std::as_bytes(std::span(archive)));
  image::BufferedPieces pieces(memory, 700);
  TarReader reader(pieces);
  TarEntry entry;
  EXPECT_TRUE(reader.next(entry).value());
  EXPECT_FALSE(reader.content().value().bytes.empty());
  EXPECT_TRUE(reader.next(entry).value());
  EXPECT_EQ(entry.name, "b");
}

TEST(tar, names_use_the_prefix_of_ustar_only) {
  std::string block = TarBuilder().file("name", "").open();
  block.replace(345, 6, "prefix");
  EXPECT_EQ(read_all(TarBuilder::with_checksum(block)).value()[0].entry.name, "prefix/name");
  block.replace(257, 8, std::string("ustar  \0", 8));
  EXPECT_EQ(read_all(TarBuilder::with_checksum(block)).value()[0].entry.name, "name");
}

TEST(tar, long_names_of_gnu) {
  const std::string name(3000, 'n');
  const std::string target(2000, 't');
  auto builder = gnu_name('L', name);
  builder.raw(gnu_name('K', target).open()).symlink("short", "short");
  const TarEntry entry = only(builder);
  EXPECT_TRUE(entry.name == name);
  EXPECT_TRUE(entry.link == target);
}

TEST(tar, pax_path_linkpath_size_ids_and_time) {
  const TarEntry link = only(TarBuilder().add({.type = '1',
                                               .name = "x",
                                               .link = "y",
                                               .pax = {{"path", "real\nname"},
                                                       {"linkpath", "real target"},
                                                       {"uid", "4000000000"},
                                                       {"gid", "3000000000"},
                                                       {"mtime", "1.5"},
                                                       {"comment", "nothing"}}}));
  EXPECT_EQ(link.name, "real\nname");
  EXPECT_EQ(link.link, "real target");
  EXPECT_EQ(link.uid, 4'000'000'000U);
  EXPECT_EQ(link.gid, 3'000'000'000U);
  EXPECT_EQ(link.modified.tv_nsec, 500'000'000);
  const auto sized = read_all(TarBuilder()
                                  .add({.name = "x", .size = "00000000000", .pax = {{"size", "3"}}})
                                  .raw(padded("abc"))
                                  .done());
  EXPECT_EQ((*sized)[0].content, "abc");
}

TEST(tar, an_empty_pax_value_is_not_said) {
  EXPECT_EQ(only(TarBuilder().add({.name = "x", .pax = {{"path", ""}, {"uid", ""}}})).name, "x");
}

TEST(tar, global_headers_and_volume_labels_are_left_out) {
  TarBuilder builder;
  builder.add({.type = 'g', .name = "pax_global_header", .content = pax_record("path", "evil")});
  builder.add({.type = 'V', .name = "label"});
  EXPECT_EQ(only(builder.file("x")).name, "x");
}

TEST(tar, numbers_in_base_256) {
  const auto entry = only(TarBuilder().add(
      {.name = "x", .content = "abc", .uid = base_256(70'000, 8), .size = base_256(3, 12)}));
  EXPECT_EQ(entry.uid, 70'000U);
  EXPECT_EQ(entry.size, 3U);
  EXPECT_TRUE(contains(refusal(TarBuilder().add({.name = "x", .size = base_256(-1, 12)}).done()),
                       "negative"));
  std::string huge(12, '\x7f');
  huge[0] = '\x80';
  EXPECT_TRUE(contains(refusal(TarBuilder().add({.name = "x", .size = huge}).done()), "63 bits"));
}

TEST(tar, ids_that_cannot_exist_are_refused) {
  EXPECT_TRUE(
      contains(refusal(TarBuilder().add({.name = "x", .uid = base_256(-1, 8)}).done()), "user id"));
  EXPECT_TRUE(
      contains(refusal(TarBuilder().add({.name = "x", .gid = base_256(4294967296, 8)}).done()),
               "4294967296"));
  for (const char* id : {"4294967295", "4294967296", "-1", "0x10", " 1", "18446744073709551616"})
    EXPECT_TRUE(
        contains(refusal(TarBuilder().add({.name = "x", .pax = {{"uid", id}}}).done()), "uid"))
        << id;
}

TEST(tar, numbers_that_are_none_are_refused) {
  EXPECT_TRUE(
      contains(refusal(TarBuilder().add({.name = "x", .size = "0000000008 "}).done()), "octal"));
  EXPECT_TRUE(
      contains(refusal(TarBuilder().add({.name = "x", .size = "-0000000001"}).done()), "octal"));
}

TEST(tar, a_wrong_checksum_is_refused) {
  std::string archive = TarBuilder().file("x").done();
  archive[0] = 'y';
  EXPECT_TRUE(contains(refusal(archive), "checksum"));
}

TEST(tar, checksums_of_signed_bytes_are_taken) {
  std::string block = TarBuilder().file("\xff\xfe", "").open();
  int sum = 0;
  for (size_t i = 0; i < block.size(); ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<signed char>(block[i]);
  block.replace(148, 6, octal(static_cast<uint64_t>(sum), 6));
  EXPECT_EQ(read_all(block).value()[0].entry.name, "\xff\xfe");
}

TEST(tar, damaged_pax_headers_are_refused) {
  for (const std::string& records :
       {std::string("10 path=x\n\n"), std::string("9 path=x"), std::string("999 path=x\n"),
        std::string("path=x\n"), std::string("9 pathx\n"), std::string("-9 path=x\n"),
        std::string("6 =x\n"), std::string("99999999999999999999 path=x\n"),
        pax_record("path", std::string("a\0b", 3)), pax_record("size", "-1"),
        pax_record("mtime", "1.2.3"), pax_record("mtime", "now"),
        pax_record("LIBARCHIVE.xattr.user.x", "!"), pax_record("SCHILY.xattr.", "x"),
        pax_record("SCHILY.xattr.user.x", std::string(70'000, 'x'))})
    EXPECT_TRUE(contains(
        refusal(TarBuilder().add({.type = 'x', .name = "p", .content = records}).file("x").done()),
        "PAX"))
        << records.substr(0, 40);
}

TEST(tar, headers_beyond_a_mebibyte_are_refused) {
  for (const char type : {'x', 'g', 'L', 'K'})
    EXPECT_TRUE(contains(
        refusal(TarBuilder().add({.type = type, .name = "p", .size = octal(2U << 20, 11)}).done()),
        "1 MiB"));
}

TEST(tar, extended_headers_without_an_entry_end_too_early) {
  const auto read = read_all(
      TarBuilder().add({.type = 'x', .name = "p", .content = pax_record("path", "x")}).done());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), EIO);
}

TEST(tar, a_row_of_extended_headers_is_bounded) {
  TarBuilder builder;
  for (int i = 0; i < 100; ++i)
    builder.add({.type = 'x', .name = "p", .content = pax_record("path", "x")});
  EXPECT_TRUE(contains(refusal(builder.file("x").done()), "too many headers"));
}

TEST(tar, unknown_types_and_a_single_zero_block_are_refused) {
  EXPECT_TRUE(
      contains(refusal(TarBuilder().add({.type = 'Z', .name = "x"}).done()), "unknown type"));
  EXPECT_TRUE(contains(refusal(std::string(512, '\0') + TarBuilder().file("x").done()), "zeros"));
}

TEST(tar, sparse_files_in_all_four_forms) {
  const std::string data = "aaaabbbb";
  const std::vector<std::string> archives{
      old_sparse({{2, 4}, {10, 4}, {20, 0}}, 20, 8) + padded(data),
      TarBuilder()
          .add({.name = "x",
                .content = data,
                .pax = {{"GNU.sparse.size", "20"},
                        {"GNU.sparse.numblocks", "2"},
                        {"GNU.sparse.offset", "2"},
                        {"GNU.sparse.numbytes", "4"},
                        {"GNU.sparse.offset", "10"},
                        {"GNU.sparse.numbytes", "4"}}})
          .open(),
      TarBuilder()
          .add({.name = "GNUSparseFile.1/x",
                .content = data,
                .pax = {{"GNU.sparse.size", "20"},
                        {"GNU.sparse.name", "sparse"},
                        {"GNU.sparse.map", "2,4,10,4"}}})
          .open(),
      TarBuilder()
          .add({.name = "GNUSparseFile.1/x",
                .content = padded("2\n2\n4\n10\n4\n") + data,
                .pax = {{"GNU.sparse.major", "1"},
                        {"GNU.sparse.minor", "0"},
                        {"GNU.sparse.name", "sparse"},
                        {"GNU.sparse.realsize", "20"}}})
          .open()};
  for (const std::string& archive : archives) {
    const auto all = read_all(archive + TarBuilder().file("next").done());
    ASSERT_TRUE(all) << all.error().message();
    ASSERT_EQ(all->size(), 2U);
    EXPECT_EQ((*all)[0].entry.size, 20U);
    EXPECT_TRUE((*all)[0].entry.sparse);
    EXPECT_EQ((*all)[0].content, std::string("\0\0aaaa\0\0\0\0bbbb", 14));
    EXPECT_EQ((*all)[1].entry.name, "next");
  }
}

TEST(tar, old_sparse_maps_go_on_in_further_blocks) {
  std::vector<std::pair<uint64_t, uint64_t>> first;
  std::string data;
  std::string block(512, '\0');
  for (uint64_t i = 0; i < 6; ++i) {
    data += static_cast<char>('a' + i);
    if (i < 4)
      first.push_back({i * 2, 1});
    else
      block.replace((i - 4) * 24, 24, octal(i * 2, 11) + '\0' + octal(1, 11) + '\0');
  }
  const auto all = read_all(old_sparse(first, 20, 6, true) + block + padded(data)).value();
  EXPECT_EQ(all[0].content, std::string("a\0b\0c\0d\0e\0f", 11));
}

TEST(tar, sparse_maps_that_cannot_be_are_refused) {
  const auto with_map = [](const std::string& map) {
    return TarBuilder()
        .add({.name = "x",
              .content = "12345678",
              .pax = {{"GNU.sparse.size", "20"}, {"GNU.sparse.map", map}}})
        .done();
  };
  for (const char* map : {"10,4,2,4", "0,4,2,4", "0,30", "16,8", "0,4", "0,4,8", "-1,8", "a,8",
                          "9223372036854775807,8", "0,8,9223372036854775807,0"})
    EXPECT_TRUE(contains(refusal(with_map(map)), "sparse")) << map;
  std::string many;
  for (int i = 0; i < 70'000; ++i)
    many += "0,0,";
  EXPECT_TRUE(contains(refusal(with_map(many)), "too many"));
  const auto in_content = [](const std::string& content) {
    return TarBuilder()
        .add({.name = "x",
              .content = content,
              .pax = {{"GNU.sparse.major", "1"},
                      {"GNU.sparse.minor", "0"},
                      {"GNU.sparse.realsize", "20"}}})
        .done();
  };
  for (const std::string& content : {padded("99999999\n"), padded("2\n0\n"), std::string("1\n"),
                                     std::string(2000, '1'), padded("x\n")})
    EXPECT_TRUE(contains(refusal(in_content(content)), "sparse map")) << content.substr(0, 20);
}

TEST(tar, content_is_read_up_to_a_limit) {
  const std::string archive = TarBuilder().file("a", std::string(5000, 'x')).done();
  image::MemorySource memory(std::as_bytes(std::span(archive)));
  image::BufferedPieces pieces(memory);
  TarReader reader(pieces);
  TarEntry entry;
  EXPECT_TRUE(reader.next(entry).value());
  EXPECT_EQ(reader.read_content(4999).error().code(), EFBIG);
}
