// Definitions as people write them, and what they are told when they err.
#include "images/imager/definition/definition.hpp"

#include <gtest/gtest.h>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::images {
namespace {

constexpr const char* base = R"(summary = "small"
packages = ["a", "b"]
formats = ["qcow2"]
[disk]
size = "8 GiB"
esp = "64 MiB"
[boot]
command_line = ["rw"]
)";

class Definitions : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(folder_.path + "/" + name + ".toml", text));
  }
  Error error_of(const std::string& text) {
    write("wrong", text);
    auto read = read_definition(folder_.path, "wrong");
    EXPECT_FALSE(read) << text;
    return read ? Error{} : read.error();
  }
  fixtures::TempFolder folder_;
};

TEST_F(Definitions, AChildAppendsListsAndReplacesTheRest) {
  write("base", base);
  write("child",
        "extends = \"base\"\npackages = [\"b\", \"c\"]\nrecommends = true\n[disk]\nsize = \"1 TiB\"\n"
        "[boot]\ncommand_line = [\"quiet\"]\n");
  auto child = read_definition(folder_.path, "child");
  ASSERT_TRUE(child) << sentence(child.error());
  ASSERT_EQ(child->packages.size(), 3U);
  EXPECT_EQ(child->packages[2].text, "c");
  EXPECT_EQ(child->packages[2].place.line, 2U);
  EXPECT_EQ(child->packages[2].place.column, 18U);
  EXPECT_TRUE(child->recommends);
  EXPECT_EQ(child->summary, "small");
  EXPECT_EQ(child->disk_size.bytes, std::uint64_t{1} << 40);
  EXPECT_EQ(child->esp_size.bytes, std::uint64_t{64} << 20);
  EXPECT_EQ(child->command_line, (std::vector<std::string>{"rw", "quiet"}));
  EXPECT_EQ(child->formats, std::vector{Format::qcow2});
}

TEST_F(Definitions, AnUnknownKeyIsNamedWithItsLineAndTheNearest) {
  auto error = error_of(std::string(base) + "[disks]\n[container]\nusr = \"me\"\n");
  EXPECT_EQ(error.kind, Kind::usage);
  EXPECT_EQ(error.where->line, 11U);
  EXPECT_NE(error.hint.find("container.user"), std::string::npos) << error.hint;
}

TEST_F(Definitions, WrongValuesAreNamed) {
  EXPECT_NE(error_of("packages = \"a\"\n").message.find("a list"), std::string::npos);
  EXPECT_NE(error_of("recommends = \"yes\"\n").message.find("true or false"), std::string::npos);
  EXPECT_NE(error_of("[disk]\nsize = \"8 GB\"\n").message.find("not a size"), std::string::npos);
  EXPECT_EQ(error_of("formats = [\"qcow\"]\n").hint, "did you mean qcow2?");
  EXPECT_NE(error_of("packages = [\"a\"]\n").message.find("no formats"), std::string::npos);
  EXPECT_NE(error_of("formats = [\"oci\"]\n").message.find("no packages"), std::string::npos);
  EXPECT_NE(error_of("packages = [\"a\"]\nformats = [\"raw\"]\n").message.find("size"), std::string::npos);
  EXPECT_EQ(error_of("packages = [\n").where->line, 1U);
}

TEST_F(Definitions, WhatExtendsItselfOrNothingIsNamed) {
  write("one", "extends = \"two\"\n");
  write("two", "extends = \"one\"\n");
  auto circle = read_definition(folder_.path, "one");
  ASSERT_FALSE(circle);
  EXPECT_NE(circle.error().message.find("extends itself"), std::string::npos);
  EXPECT_TRUE(circle.error().where);
  write("three", "extends = \"tow\"\n");
  auto missing = read_definition(folder_.path, "three");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, Kind::usage);
  EXPECT_EQ(missing.error().hint, "did you mean two?");
  auto unknown = read_definition(folder_.path, "../one");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "image.unknown");
}

TEST_F(Definitions, OursCanBeRead) {
  auto names = definitions(PHOTON_SOURCE_DIR "/images/definitions");
  ASSERT_TRUE(names);
  EXPECT_GE(names->size(), 2U);
  for (const auto& name : *names) {
    auto one = read_definition(PHOTON_SOURCE_DIR "/images/definitions", name);
    ASSERT_TRUE(one) << sentence(one.error());
    EXPECT_FALSE(one->summary.empty()) << name;
  }
}

TEST_F(Definitions, ADiskIsAskedForOnlyWhereOneIsMade) {
  write("container", "packages = [\"a\"]\nformats = [\"oci\"]\n");
  auto one = read_definition(folder_.path, "container");
  ASSERT_TRUE(one) << sentence(one.error());
  EXPECT_TRUE(check_formats(*one, {Format::oci}));
  auto disk = check_formats(*one, {Format::oci, Format::qcow2});
  ASSERT_FALSE(disk);
  EXPECT_NE(disk.error().message.find("a disk needs a size"), std::string::npos);
}

TEST_F(Definitions, SizesThatNoDiskHasAreNamedWhereTheyStand) {
  auto with = [&](const std::string& size, const std::string& esp) {
    return error_of("packages = [\"a\"]\nformats = [\"raw\"]\n[disk]\nsize = \"" + size + "\"\nesp = \"" +
                    esp + "\"\n");
  };
  auto small = with("1 MiB", "64 MiB");
  EXPECT_EQ(small.where->line, 4U);
  EXPECT_NE(small.message.find("size is 1 MiB, and can be from 512 MiB to 64 TiB"), std::string::npos)
      << small.message;
  EXPECT_NE(with("1000 TiB", "64 MiB").message.find("and can be from"), std::string::npos);
  EXPECT_EQ(with("8 GiB", "1 TiB").where->line, 5U);
  auto esp = with("512 MiB", "512 MiB");
  EXPECT_EQ(esp.where->line, 5U);
  EXPECT_NE(esp.message.find("leaves less than 256 MiB of a disk of 512 MiB"), std::string::npos)
      << esp.message;
  EXPECT_NE(with("99999999999999999999 GiB", "64 MiB").message.find("is not a size"), std::string::npos);
}

TEST_F(Definitions, AChainOfExtendsEnds) {
  write("d0", base);
  for (int i = 1; i < 12; ++i)
    write("d" + std::to_string(i), "extends = \"d" + std::to_string(i - 1) + "\"\n");
  EXPECT_TRUE(read_definition(folder_.path, "d7"));
  auto deep = read_definition(folder_.path, "d11");
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("more than 8 definitions"), std::string::npos) << deep.error().message;
  write("own", "extends = \"own\"\n");
  auto own = read_definition(folder_.path, "own");
  ASSERT_FALSE(own);
  EXPECT_NE(own.error().message.find("own -> own"), std::string::npos) << own.error().message;
}

TEST_F(Definitions, AnUnknownImageSaysWhatThereIs) {
  write("base", base);
  write("other", base);
  EXPECT_EQ(read_definition(folder_.path, "bsae").error().hint, "did you mean base?");
  EXPECT_EQ(read_definition(folder_.path, "zzz").error().hint, "there are base, other");
  EXPECT_EQ(read_definition(folder_.path + "/none", "zzz").error().kind, Kind::not_found);
}

TEST_F(Definitions, WhatIsNoSettingOrNoNameIsNamed) {
  auto setting =
      error_of("packages = [\"a\"]\nformats = [\"oci\"]\n[container]\nenvironment = [\"A=1\", \"B\"]\n");
  EXPECT_EQ(setting.where->line, 4U);
  EXPECT_EQ(setting.where->column, 23U);
  EXPECT_NE(error_of("packages = [\" \"]\n").message.find("without a name"), std::string::npos);
}

TEST(Sizes, AreNumbersWithAUnit) {
  EXPECT_EQ(size_from("64 MiB"), std::uint64_t{64} << 20);
  for (const auto* wrong : {"", "64", "64MiB", "0 MiB", "-1 GiB", "1.5 GiB", "9999999999 TiB", "64 MiB "})
    EXPECT_FALSE(size_from(wrong)) << wrong;
}

}  // namespace
}  // namespace photon::images
