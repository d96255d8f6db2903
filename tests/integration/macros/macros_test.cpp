// packages/macros as the machine's rpm reads it, and its look at what leaves a build.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string capture(std::vector<std::string> argv) {
  auto output = run({.argv = std::move(argv)});
  if (!output) return output.error().message;
  return output->status == 0 ? output->out : output->out + output->err;
}

/// rpm's own macro files, then ours, as a build root has them.
std::string macro_path() {
  auto listing = capture({"rpm", "--showrc"});
  auto begin = listing.find("Macro path: ");
  if (begin == std::string::npos) return "";
  begin += std::string_view("Macro path: ").size();
  return listing.substr(begin, listing.find('\n', begin) - begin) + ":" PHOTON_SOURCE_DIR "/packages/macros";
}

std::string expand(const std::string& text, const std::string& target,
                   const std::vector<std::string>& defines = {}) {
  std::vector<std::string> argv{"rpm", "--macros=" + macro_path(), "--target=" + target};
  for (const auto& define : defines) argv.insert(argv.end(), {"--define", define});
  argv.insert(argv.end(), {"--eval", text});
  return capture(std::move(argv));
}

TEST(Macros, both_processors_have_the_distributions_library_folder) {
  EXPECT_EQ(expand("%_libdir", "x86_64"), "/usr/lib/x86_64-linux-gnu\n");
  EXPECT_EQ(expand("%_libdir", "aarch64"), "/usr/lib/aarch64-linux-gnu\n");
}

TEST(Macros, every_build_system_gets_the_hardening) {
  for (const auto* way : {"%configure", "%cmake", "%meson"})
    EXPECT_THAT(expand(way, "x86_64"),
                AllOf(HasSubstr("-fstack-protector-strong"), HasSubstr("-fstack-clash-protection"),
                      HasSubstr("-D_FORTIFY_SOURCE=3"), HasSubstr("-fcf-protection=full"),
                      HasSubstr("-Wl,-z,relro -Wl,-z,now"), HasSubstr("-ffile-prefix-map=")))
        << way;
  EXPECT_THAT(expand("%build_cflags", "aarch64"),
              AllOf(HasSubstr("-mbranch-protection=standard"), Not(HasSubstr("-fcf-protection"))));
}

TEST(Macros, another_processor_is_built_for_with_its_own_compiler_and_libraries) {
  auto arch = capture({"uname", "-m"});
  bool here = arch == "x86_64\n";
  auto foreign = expand("%cmake", here ? "aarch64" : "x86_64");
  EXPECT_THAT(foreign,
              AllOf(HasSubstr(here ? "aarch64-linux-gnu-g++" : "x86_64-linux-gnu-g++"),
                    HasSubstr("CMAKE_SYSROOT=/sysroot"), HasSubstr("PKG_CONFIG_SYSROOT_DIR=/sysroot")));
  auto own = expand("%cmake", here ? "x86_64" : "aarch64");
  EXPECT_THAT(own, Not(HasSubstr("/sysroot")));
  EXPECT_EQ(expand("%photon_cross", "noarch"), "0\n");
}

TEST(Macros, what_is_built_says_nothing_of_when_and_where) {
  EXPECT_EQ(
      expand("%_buildhost %source_date_epoch_from_changelog %use_source_date_epoch_as_buildtime", "x86_64"),
      "photon 1 1\n");
  EXPECT_EQ(expand("%build_mtime_policy", "x86_64"), "clamp_to_source_date_epoch\n");
}

/// A build's result with one program of ours, looked at by %photon_check_elf.
class Checked : public testing::Test {
 protected:
  void compile(const std::vector<std::string>& flags) {
    ASSERT_TRUE(write_file(folder_.path + "/a.cpp", "int main() { return 0; }\n", 0644));
    std::filesystem::create_directories(folder_.path + "/root/usr/bin");
    std::vector<std::string> argv{"g++", folder_.path + "/a.cpp", "-o", folder_.path + "/root/usr/bin/a"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    ASSERT_EQ(capture(argv), "");
  }
  /// What it says; empty if all is well.
  std::string look(std::vector<std::string> defines = {}) {
    defines.insert(defines.end(), {"buildroot " + folder_.path + "/root", "name checked"});
    auto script = expand("%photon_check_elf", "x86_64", defines);
    auto output = run({.argv = {"bash", "-e"}}, script);
    if (!output) return output.error().message;
    return output->status == 0 ? "" : output->out + output->err;
  }
  fixtures::TempFolder folder_;
  const std::vector<std::string> hardened_{"-fPIE", "-pie", "-Wl,-z,relro", "-Wl,-z,now"};
};

TEST_F(Checked, a_hardened_program_and_files_that_are_none_pass) {
  compile(hardened_);
  ASSERT_TRUE(write_file(folder_.path + "/root/usr/bin/b", "#!/bin/sh\n", 0755));
  ASSERT_TRUE(write_file(folder_.path + "/root/usr/bin/a name with blanks", "text", 0644));
  EXPECT_EQ(look(), "");
}

TEST_F(Checked, each_thing_that_is_missing_is_said) {
  compile({"-no-pie", "-fno-pie", "-Wl,-z,relro", "-Wl,-z,now"});
  EXPECT_THAT(look(), AllOf(HasSubstr("not position-independent: "), HasSubstr("checked: not hardened")));
  compile({"-fPIE", "-pie", "-Wl,-z,relro", "-Wl,-z,lazy"});
  EXPECT_THAT(look(), HasSubstr("bound lazily: "));
  compile({"-fPIE", "-pie", "-Wl,-z,norelro", "-Wl,-z,now"});
  EXPECT_THAT(look(), HasSubstr("no RELRO: "));
  auto flags = hardened_;
  flags.emplace_back("-Wl,-z,execstack");
  compile(flags);
  EXPECT_THAT(look(), HasSubstr("executable stack: "));
  flags.back() = "-Wl,-rpath,/opt/lib";
  compile(flags);
  EXPECT_THAT(look(), HasSubstr("run path: "));
}

TEST_F(Checked, a_file_that_the_spec_names_may_be_plain) {
  compile({"-static", "-no-pie", "-fno-pie"});
  EXPECT_NE(look(), "");
  EXPECT_EQ(look({"photon_plain_elf /usr/bin/other /usr/bin/a"}), "");
}

}  // namespace
}  // namespace photon
