#include "packages/rpm/framing.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "packages/rpm/package.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::rpm {
namespace {

std::string big(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

std::string lead() {
  std::string bytes(96, '\0');
  return bytes.replace(0, 4, "\xed\xab\xee\xdb");
}

struct Section {
  std::uint32_t entries = 1, data = 16;
  std::string magic = "\x8e\xad\xe8\x01";
};

std::string section(const Section& wanted, std::uint32_t tag = 1, std::uint32_t offset = 0,
                    std::uint32_t value = 0) {
  auto bytes = wanted.magic + std::string(4, '\0') + big(wanted.entries) + big(wanted.data) + big(tag) +
               big(4) + big(offset) + big(1) + big(value) + std::string(12, '\0');
  return bytes;
}

struct File {
  fixtures::TempFolder folder;
  std::string path = folder.path + "/a.rpm";
  explicit File(std::string_view bytes) { EXPECT_TRUE(write_file(path, bytes)); }
  Result<Framing> framing() { return read_framing(open_fd(path, O_RDONLY)->get(), path); }
};

std::string code(const Result<Framing>& result) { return result ? "read" : result.error().code; }

TEST(Framing, OfAWholeFileIsRead) {
  auto framing = File(lead() + section({}) + section({}) + "payload").framing();
  ASSERT_TRUE(framing);
  EXPECT_EQ(framing->header, 96U + 48);
  EXPECT_EQ(framing->payload, 96U + 48 + 48);
}

TEST(Framing, OfATruncatedFileIsRefusedWhereverItEnds) {
  auto whole = lead() + section({}, 1000, 0, 48 + 7) + section({}) + "payload";
  File file(whole);
  EXPECT_EQ(code(file.framing()), "read");
  for (std::size_t length = whole.size(); length-- > 0;) {
    std::filesystem::resize_file(file.path, length);
    ASSERT_EQ(code(file.framing()), "rpm.truncated") << length;
  }
  EXPECT_EQ(code(File(whole + "more").framing()), "rpm.format");
}

TEST(Framing, WithForgedLengthsIsRefusedBeforeAnythingIsHeld) {
  EXPECT_EQ(code(File(lead() + section({.entries = 0xffffffff}) + section({})).framing()), "rpm.format");
  EXPECT_EQ(code(File(lead() + section({.data = 0xfffffff0}) + section({})).framing()), "rpm.format");
  EXPECT_EQ(code(File(lead() + section({}) + section({.data = 60 << 20})).framing()), "rpm.truncated");
  EXPECT_EQ(code(File(lead() + section({}) + section({.magic = "abcd"})).framing()), "rpm.format");
  EXPECT_EQ(code(File(lead() + section({}, 1000, 15, 1) + section({})).framing()), "rpm.format");
  EXPECT_EQ(code(File("#!/bin/sh\n" + lead()).framing()), "rpm.format");
}

TEST(Package, ThatIsMissingIsNotFoundAndADamagedHeaderIsCorrupt) {
  EXPECT_EQ(read_package("/nowhere/a.rpm").error().kind, Kind::not_found);
  File forged(lead() + section({}) + section({}) + "payload");
  auto package = read_package(forged.path);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().kind, Kind::corrupt);
  EXPECT_EQ(package.error().where->file, forged.path);
}

}  // namespace
}  // namespace photon::rpm
