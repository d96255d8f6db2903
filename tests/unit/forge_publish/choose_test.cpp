#include "packages/forge/publish/select.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::forge {
namespace {

Built built(const std::string& recipe, const std::string& file, Origin origin = Origin::source,
            const std::string& arch = "x86_64") {
  Built made{.key = recipe, .recipe = recipe, .arch = arch, .origin = origin};
  made.outputs = {{file, recipe + file + arch, 1}};
  return made;
}

std::vector<std::string> chosen(const std::vector<Built>& all, const std::string& arch = "x86_64") {
  auto found = choose(all, arch);
  std::vector<std::string> names;
  if (!found) return {sentence(found.error())};
  for (const auto& each : *found) names.push_back(each.file.name);
  return names;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Choose, ReadsNamesWithDashes) {
  auto name = parse_file_name("openssl-libs-3.5.2-1.pw1.x86_64.rpm");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->name, "openssl-libs");
  EXPECT_EQ(name->version, "3.5.2");
  EXPECT_EQ(name->release, "1.pw1");
  EXPECT_EQ(name->arch, "x86_64");
  for (const char* bad : {"", ".rpm", "a.rpm", "a-1.x86_64.rpm", "-1-1.x86_64.rpm", "a-1-1.rpm",
                          "../a-1-1.noarch.rpm", "a-1-1.noarch"})
    EXPECT_FALSE(parse_file_name(bad)) << bad;
}

TEST(Choose, LeavesOutSourcesAndOtherArchitectures) {
  EXPECT_THAT(chosen({built("a", "a-1-1.src.rpm"), built("b", "b-1-1.aarch64.rpm"),
                      built("c", "c-1-1.noarch.rpm"), built("d", "d-1-1.x86_64.rpm")}),
              ElementsAre("c-1-1.noarch.rpm", "d-1-1.x86_64.rpm"));
}

TEST(Choose, PrefersTheSourceBuildWhateverComesFirst) {
  auto import = built("glibc", "glibc-9-1.x86_64.rpm", Origin::import),
       source = built("glibc", "glibc-1-1.x86_64.rpm");
  EXPECT_THAT(chosen({import, source}), ElementsAre("glibc-1-1.x86_64.rpm"));
  EXPECT_THAT(chosen({source, import}), ElementsAre("glibc-1-1.x86_64.rpm"));
}

TEST(Choose, AnImportGoesWithItsManuals) {
  auto import = built("zstd", "zstd-1-1.x86_64.rpm", Origin::import);
  import.outputs.push_back({"zstd-doc-1-1.noarch.rpm", "doc", 1});
  EXPECT_THAT(chosen({import}), ElementsAre("zstd-1-1.x86_64.rpm", "zstd-doc-1-1.noarch.rpm"));
  EXPECT_THAT(chosen({import, built("zstd", "zstd-2-1.x86_64.rpm")}), ElementsAre("zstd-2-1.x86_64.rpm"));
  EXPECT_THAT(chosen({import, built("zstd", "zstd-2-1.aarch64.rpm")}),
              ElementsAre("zstd-1-1.x86_64.rpm", "zstd-doc-1-1.noarch.rpm"))
      << "built for another processor";
}

TEST(Choose, PrefersTheNoarchOfItsOwnArchitecturesBuild) {
  auto here = built("a", "a-doc-1-1.noarch.rpm", Origin::source, "aarch64"),
       there = built("a", "a-doc-1-1.noarch.rpm");
  auto found = choose({there, here}, "aarch64");
  ASSERT_TRUE(found && found->size() == 1);
  EXPECT_EQ(found->front().built->arch, "aarch64");
}

TEST(Choose, RefusesTwoRecipesOfOneName) {
  EXPECT_THAT(chosen({built("a", "x-1-1.noarch.rpm"), built("b", "x-2-1.noarch.rpm")}),
              ElementsAre("both a and b make a package x"));
  EXPECT_THAT(chosen({built("a", "x-1-1.noarch.rpm", Origin::import),
                      built("b", "x-2-1.noarch.rpm", Origin::import)}),
              ElementsAre("both a and b make a package x"));
  EXPECT_THAT(chosen({}), IsEmpty());
}

}  // namespace
}  // namespace photon::forge
