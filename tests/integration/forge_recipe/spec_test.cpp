// What forge makes of each construct of a spec, through the real librpm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/forge_recipe/a_spec.hpp"

namespace photon::forge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Recipe read(const std::string& spec, const ReadOptions& options = {}) {
  auto recipe = read_recipe(spec, options);
  EXPECT_TRUE(recipe) << sentence(recipe.error());
  return recipe ? *recipe : Recipe{};
}

TEST(ForgeSpec, SaysWhatItsHeadSays) {
  Specs specs;
  auto recipe = read(specs.spec("head", "Epoch: 2\nURL: https://example.org/\n"));
  EXPECT_EQ(recipe.name, "head");
  EXPECT_EQ(recipe.epoch, "2");
  EXPECT_EQ(recipe.version, "1.2");
  EXPECT_EQ(recipe.release, "3");
  EXPECT_EQ(recipe.license, "MIT");
  EXPECT_EQ(recipe.url, "https://example.org/");
  EXPECT_EQ(recipe.summary, "a test");
  EXPECT_EQ(recipe.arch, "x86_64");
  EXPECT_EQ(recipe.digest.size(), 64U);
  ASSERT_EQ(recipe.packages.size(), 1U);
  EXPECT_THAT(recipe.packages[0].provides, Contains("head = 2:1.2-3"));
}

TEST(ForgeSpec, MacrosAndConditionsAreResolvedForTheTarget) {
  Specs specs;
  auto spec = specs.spec("conditions", R"(%global ours 1
%define greet() BuildRequires: greeting-%1
%if 0%{?ours} && "%{_arch}" == "aarch64"
BuildRequires: only-arm
%else
%ifarch x86_64
BuildRequires: only-intel
%endif
%endif
%{?mine:BuildRequires: mine-%{mine}}
%greet hello
BuildRequires: %(echo from-a-shell)
BuildRequires: %{lua:print("from-" .. "lua")}
)");
  EXPECT_THAT(read(spec).build_requires,
              UnorderedElementsAre("only-intel", "greeting-hello", "from-a-shell", "from-lua"));
  ReadOptions arm{.arch = "aarch64", .defines = {"mine 7"}};
  auto recipe = read(spec, arm);
  EXPECT_THAT(recipe.build_requires,
              UnorderedElementsAre("only-arm", "mine-7", "greeting-hello", "from-a-shell", "from-lua"));
  EXPECT_EQ(recipe.arch, "aarch64");
}

TEST(ForgeSpec, OnlySubpackagesWithFilesAreMade) {
  Specs specs;
  auto recipe = read(specs.spec("parts", R"(
%package devel
Summary: headers
Requires: %{name} = %{version}-%{release}
Provides: pkgconfig(parts) = %{version}
%description devel
x
%package -n other-name
Summary: data
BuildArch: noarch
%description -n other-name
x
%package never
Summary: nothing
%description never
x
)",
                                R"(%files
/usr/lib/libparts.so.1
%license COPYING
%files devel
%defattr(-,root,root)
%dir /usr/include/parts
%attr(0644,root,root) /usr/include/parts/*.h
%exclude /usr/include/parts/private.h
%files -n other-name
)"));
  ASSERT_EQ(recipe.packages.size(), 3U);
  EXPECT_EQ(recipe.packages[0].name, "parts");
  EXPECT_THAT(recipe.packages[0].files, ElementsAre("/usr/lib/libparts.so.1"));
  EXPECT_EQ(recipe.packages[1].name, "parts-devel");
  EXPECT_THAT(recipe.packages[1].needs, Contains("parts = 1.2-3"));
  EXPECT_THAT(recipe.packages[1].provides, Contains("pkgconfig(parts) = 1.2"));
  EXPECT_THAT(recipe.packages[1].files, ElementsAre("/usr/include/parts", "/usr/include/parts/*.h"));
  EXPECT_EQ(recipe.packages[2].name, "other-name");
  EXPECT_EQ(recipe.packages[2].arch, "noarch");
}

TEST(ForgeSpec, BuildRequiresOfEachKind) {
  Specs specs;
  auto recipe = read(specs.spec("needs", R"(BuildRequires: gcc >= 12, /usr/bin/cmake
BuildRequires: (clang or gcc-c++)
BuildRequires: ((a and b) if c)
BuildRequires: pkgconfig(zlib) >= 1.3
)"));
  EXPECT_THAT(recipe.build_requires, UnorderedElementsAre("gcc >= 12", "/usr/bin/cmake", "(clang or gcc-c++)",
                                                          "((a and b) if c)", "pkgconfig(zlib) >= 1.3"));
  EXPECT_FALSE(recipe.dynamic_build_requires);
}

TEST(ForgeSpec, DynamicBuildRequiresAreNoted) {
  Specs specs;
  EXPECT_TRUE(
      read(specs.spec("dynamic", "", "%generate_buildrequires\necho x\n%files\n")).dynamic_build_requires);
}

TEST(ForgeSpec, AnotherProcessorsIsReadAndSaysForWhom) {
  Specs specs;
  EXPECT_THAT(read(specs.spec("board", "ExclusiveArch: aarch64 riscv64\n")).exclusive_arch,
              ElementsAre("aarch64", "riscv64"));
  EXPECT_EQ(read(specs.spec("data", "BuildArch: noarch\n")).arch, "noarch");
}

TEST(ForgeSpec, ForOneOtherProcessorAloneIsReadForThatOne) {
  Specs specs;
  auto recipe =
      read(specs.spec("board", "BuildArch: aarch64\n%ifarch aarch64\nBuildRequires: device-tree\n%endif\n"));
  EXPECT_THAT(recipe.exclusive_arch, ElementsAre("aarch64"));
  EXPECT_THAT(recipe.build_requires, ElementsAre("device-tree"));
}

TEST(ForgeSpec, MacrosOfAStrangersBuilderCountAsZeroWhereThatIsAskedFor) {
  Specs specs;
  auto spec = specs.spec("foreign",
                         "%if %{with_check}\nBuildRequires: checker\n%endif\n%if 0%{?other} || %{flavour} > "
                         "1\nBuildRequires: x\n%endif\n");
  auto strict = read_recipe(spec, {});
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().where->line, 6U);
  auto recipe = read(spec, {.lenient = true});
  EXPECT_THAT(recipe.assumed, ElementsAre("with_check 0", "flavour 0"));
  EXPECT_THAT(recipe.build_requires, IsEmpty());
  EXPECT_THAT(read(spec, {.defines = {"with_check 1", "flavour 2"}, .lenient = true}).build_requires,
              UnorderedElementsAre("checker", "x"));
}

TEST(ForgeSpec, SourcesAreLocalPinnedOrMissing) {
  Specs specs;
  specs.file("sources/fix.patch", "x");
  specs.file("sources/sources.toml",
             "[[source]]\nfile = \"a-1.2.tar.gz\"\nsha256 = \"" + std::string(64, 'a') + "\"\n");
  auto spec = specs.spec(
      "sources", "Source0: https://example.org/a-%{version}.tar.gz\nSource1: b.tar.gz\nPatch0: fix.patch\n");
  auto recipe = read(spec);
  EXPECT_THAT(recipe.files, ElementsAre("fix.patch"));
  ASSERT_EQ(recipe.sources.size(), 1U);
  EXPECT_EQ(recipe.sources[0].file, "a-1.2.tar.gz");
  EXPECT_THAT(recipe.missing, ElementsAre("b.tar.gz"));
  auto checked = check_sources(recipe);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, "forge.source");
  EXPECT_EQ(checked.error().kind, Kind::not_found);
  EXPECT_THAT(sentence(checked.error()), HasSubstr("sources.spec: b.tar.gz is neither beside the spec nor"));
  EXPECT_THAT(checked.error().hint, HasSubstr("sources.toml"));
}

TEST(ForgeSpec, WhatASourceHoldsIsIncluded) {
  Specs specs;
  specs.file("includes/more.inc", "BuildRequires: included\n");
  EXPECT_THAT(read(specs.spec("includes", "Source1: more.inc\n%include %{SOURCE1}\n")).build_requires,
              ElementsAre("included"));
}

TEST(ForgeSpec, MacroFilesAreReadAndPartOfTheDigest) {
  Specs specs;
  auto macros = specs.file("macros", "%flavour vanilla\n");
  auto spec = specs.spec("flavours", "BuildRequires: %{flavour}\n");
  auto vanilla = read(spec, {.macros = macros});
  EXPECT_THAT(vanilla.build_requires, ElementsAre("vanilla"));
  specs.file("macros", "%flavour mint\n");
  auto mint = read(spec, {.macros = macros});
  EXPECT_THAT(mint.build_requires, ElementsAre("mint"));
  EXPECT_NE(vanilla.digest, mint.digest);
}

struct Wrong {
  const char* name;
  const char* more;
  unsigned line;
  const char* says;
};
class ForgeWrongSpec : public testing::TestWithParam<Wrong> {};

TEST_P(ForgeWrongSpec, IsAnErrorWithItsLine) {
  Specs specs;
  auto spec = specs.spec("wrong", GetParam().more);
  auto recipe = read_recipe(spec, {});
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, "forge.spec");
  EXPECT_EQ(recipe.error().kind, Kind::usage);
  ASSERT_TRUE(recipe.error().where);
  EXPECT_EQ(recipe.error().where->file, spec);
  EXPECT_EQ(recipe.error().where->line, GetParam().line) << sentence(recipe.error());
  EXPECT_THAT(sentence(recipe.error()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(Each, ForgeWrongSpec,
                         testing::Values(Wrong{"tag", "Bogus: 1\n", 6, "Unknown tag: Bogus: 1"},
                                         Wrong{"condition", "%if 1\n", 6, "Unclosed %if"},
                                         Wrong{"expression", "\n%if (1 +\n%endif\n", 7,
                                               "unexpected end of expression"},
                                         Wrong{"macro", "BuildRequires: %{open\n", 6, "unclosed macro"},
                                         Wrong{"twice", "%prep\n%prep\n", 7, "second "},
                                         Wrong{"own", "%{error:we refuse}\n", 0, "we refuse"},
                                         Wrong{"include", "%include /nonexistent/x\n", 0, "/nonexistent/x"}),
                         [](const auto& one) { return one.param.name; });

TEST(ForgeSpecs, OneThatIsWrongHindersNoOther) {
  Specs specs;
  specs.spec("b", "");
  specs.spec("a", "");
  specs.spec("wrong", "Bogus: 1\n");
  specs.file("c/c.spec.in", "not a spec");
  specs.file("a/second.spec",
             "Name: second\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\n%description\nx\n%files\n");
  auto all = read_recipes(specs.folder.path, {}, {});
  ASSERT_TRUE(all) << sentence(all.error());
  std::vector<std::string> names;
  for (const auto& recipe : all->recipes) names.push_back(recipe.name);
  EXPECT_THAT(names, ElementsAre("a", "b", "second"));
  ASSERT_EQ(all->unread.size(), 1U);
  EXPECT_THAT(all->unread[0].spec, HasSubstr("wrong.spec"));
  EXPECT_EQ(all->unread[0].error.where->line, 6U);
}

TEST(ForgeSpecs, AFolderThatIsNotThereIsSaid) {
  EXPECT_EQ(read_recipes(Specs{}.folder.path + "/none", {}, {}).error().kind, Kind::not_found);
  EXPECT_EQ(read_recipe("/nonexistent/a.spec", {}).error().kind, Kind::not_found);
}

TEST(ForgeSpecs, MacrosOfOneDoNotReachTheNext) {
  Specs specs;
  specs.spec("a", "%global leak yes\n");
  specs.spec("b", "%{?leak:BuildRequires: leaked}\n");
  auto all = read_recipes(specs.folder.path, {.jobs = 1}, {});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->recipes.size(), 2U);
  EXPECT_THAT(all->recipes[1].build_requires, IsEmpty());
}

}  // namespace
}  // namespace photon::forge
