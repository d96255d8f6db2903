// Sections are appended to a PE program; what is none is refused, and nothing of it is read beyond its end.
#include <gtest/gtest.h>

#include <cstring>

#include "devenv/core/fd.hpp"
#include "images/imager/disk/disk.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::images {
namespace {

constexpr std::size_t signature = 0x80, optional = signature + 24, table = optional + 112;

template <class T>
void put(std::string& bytes, std::size_t at, T value) {
  std::memcpy(&bytes[at], &value, sizeof value);
}
std::uint32_t get(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// A program of one section, as a linker makes it.
std::string stub() {
  std::string out(0x600, '\0');
  out.replace(0, 2, "MZ");
  put<std::uint32_t>(out, 0x3c, signature);
  out.replace(signature, 4, std::string("PE\0\0", 4));
  put<std::uint16_t>(out, signature + 6, 1);     // sections
  put<std::uint16_t>(out, signature + 20, 112);  // size of the optional header
  put<std::uint16_t>(out, optional, 0x20b);
  put<std::uint32_t>(out, optional + 32, 0x1000);
  put<std::uint32_t>(out, optional + 36, 0x200);
  put<std::uint32_t>(out, optional + 60, 0x400);
  std::memcpy(&out[table], ".text", 5);
  put<std::uint32_t>(out, table + 8, 0x123);
  put<std::uint32_t>(out, table + 12, 0x1000);
  put<std::uint32_t>(out, table + 16, 0x200);
  put<std::uint32_t>(out, table + 20, 0x400);
  return out;
}

class UnifiedImage : public testing::Test {
 protected:
  Result<std::string> made_of(const std::string& program) {
    auto path = [&](const char* name) { return folder_.path + "/" + name; };
    EXPECT_TRUE(write_file(path("stub"), program));
    EXPECT_TRUE(write_file(path("kernel"), std::string(5000, 'K')));
    EXPECT_TRUE(write_file(path("os-release"), "ID=photon\n"));
    auto done = write_unified({.stub = path("stub"),
                               .kernel = path("kernel"),
                               .os_release = path("os-release"),
                               .command_line = "rw",
                               .release = "6.12"},
                              path("out"));
    if (!done) return tl::unexpected(done.error());
    return read_file(path("out"));
  }
  fixtures::TempFolder folder_;
};

TEST_F(UnifiedImage, HasTheSectionsBehindTheStubs) {
  auto made = made_of(stub());
  ASSERT_TRUE(made) << sentence(made.error());
  EXPECT_EQ(get(*made, signature + 6) & 0xffff, 5U);
  std::uint32_t end = 0;
  const char* names[] = {".text", ".osrel", ".cmdline", ".uname", ".linux"};
  for (std::size_t i = 0; i < 5; ++i) {
    auto at = table + i * 40;
    EXPECT_STREQ(std::string(&(*made)[at], 8).c_str(), std::string(names[i]).substr(0, 8).c_str());
    EXPECT_GE(get(*made, at + 12), end) << "sections overlap";
    EXPECT_EQ(get(*made, at + 12) % 0x1000, 0U);
    EXPECT_EQ(get(*made, at + 20) % 0x200, 0U);
    end = get(*made, at + 12) + get(*made, at + 8);
    EXPECT_LE(get(*made, at + 20) + get(*made, at + 16), made->size());
  }
  auto kernel = table + 4 * 40;
  EXPECT_EQ(made->substr(get(*made, kernel + 20), get(*made, kernel + 8)), std::string(5000, 'K'));
  EXPECT_GE(get(*made, optional + 56), end);
}

TEST_F(UnifiedImage, WhatIsNoProgramIsRefused) {
  auto good = stub();
  auto broken = [&](auto change) {
    auto bytes = good;
    change(bytes);
    auto made = made_of(bytes);
    return !made && made.error().code == "image.stub";
  };
  EXPECT_TRUE(broken([](std::string& b) { b.clear(); }));
  EXPECT_TRUE(broken([](std::string& b) { b.resize(100); }));
  EXPECT_TRUE(broken([](std::string& b) { b[0] = 'X'; }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint32_t>(b, 0x3c, 0xfffffff0); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint16_t>(b, signature + 20, 0xffff); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint16_t>(b, signature + 6, 0xffff); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint32_t>(b, optional + 32, 0); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint32_t>(b, optional + 36, 3); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint16_t>(b, optional, 0x10b); }));
  EXPECT_TRUE(broken([](std::string& b) { put<std::uint32_t>(b, optional + 60, table + 40); }));
}

TEST(Identities, AreOfTheKeyAlone) {
  auto one = ids_from("a"), same = ids_from("a"), other = ids_from("b");
  EXPECT_EQ(one.root, same.root);
  EXPECT_NE(one.root, other.root);
  EXPECT_NE(one.root, one.esp);
  EXPECT_EQ(one.root.size(), 36U);
  EXPECT_EQ(one.root[14], '8');
}

}  // namespace
}  // namespace photon::images
