// forge graph as a user sees it, on specs of our own writing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "devenv/core/json.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;

struct ForgeGraphScreen : testing::Test {
  fixtures::TempFolder folder{};

  void spec(const std::string& name, const std::string& more) const {
    auto at = folder.path + "/specs/" + name;
    std::filesystem::create_directories(at);
    std::ofstream(at + "/" + name + ".spec")
        << "Name: " << name << "\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\n"
        << more << "%description\nx\n%files\n";
  }
  Output forge(std::vector<std::string> words) const {
    words.insert(words.begin(), PHOTON_BUILD_DIR "/bin/forge");
    Command command{.argv = std::move(words)};
    command.environment = std::map<std::string, std::string>{
        {"PATH", "/usr/bin:/bin"}, {"HOME", folder.path}, {"XDG_CACHE_HOME", folder.path + "/cache"}};
    auto output = run(std::move(command));
    EXPECT_TRUE(output) << sentence(output.error());
    return output ? *output : Output{};
  }
};

TEST_F(ForgeGraphScreen, PrintsTheOrderTheCyclesAndWhatCannotBeRead) {
  spec("app", "BuildRequires: library\n");
  spec("library", "");
  spec("hen", "BuildRequires: egg\n");
  spec("egg", "BuildRequires: hen\n");
  spec("wrong", "Bogus: 1\n");
  auto seen = forge({"graph", "--specs", folder.path + "/specs"});
  EXPECT_EQ(seen.status, 0);
  EXPECT_LT(seen.out.find(" library"), seen.out.find(" app"));
  EXPECT_THAT(seen.out, HasSubstr("egg → hen → egg"));
  EXPECT_THAT(seen.err, HasSubstr("wrong.spec:6: Unknown tag: Bogus: 1"));
  EXPECT_THAT(seen.err, HasSubstr("4 of 5 specs read"));
  EXPECT_EQ(forge({"graph", "--strict", "--specs", folder.path + "/specs"}).status, 1);
  EXPECT_EQ(forge({"graph", "--critical", "--specs", folder.path + "/specs"}).out, "library\napp\n");
}

TEST_F(ForgeGraphScreen, JsonAndDotSayTheSame) {
  spec("app", "BuildRequires: library\n");
  spec("library", "");
  auto seen = forge({"graph", "--json", "--specs", folder.path + "/specs"});
  auto value = parse_json(seen.out, "the answer");
  ASSERT_TRUE(value) << seen.out;
  EXPECT_EQ(write_json(*member(*value, "order")), R"(["library","app"])");
  EXPECT_THAT(forge({"graph", "--format", "dot", "--specs", folder.path + "/specs"}).out,
              HasSubstr("\"app\" -> \"library\";"));
}

TEST_F(ForgeGraphScreen, WrongWordsAreUsage) {
  EXPECT_EQ(forge({"graph", "--format", "svg"}).status, 2);
  EXPECT_THAT(forge({"grahp"}).err, HasSubstr("did you mean forge graph?"));
  EXPECT_EQ(forge({"graph", "--specs", folder.path + "/none"}).status, 3);
}

TEST_F(ForgeGraphScreen, LintNamesALackingPin) {
  std::filesystem::create_directories(folder.path + "/specs");
  spec("app", "Source0: app.tar.gz\n");
  auto seen = forge({"lint", "--packages", folder.path});
  EXPECT_EQ(seen.status, 1);
  EXPECT_THAT(seen.out, HasSubstr("app.tar.gz is neither beside the spec nor in its sources.toml"));
}

}  // namespace
}  // namespace photon::forge
