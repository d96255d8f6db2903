// The tables of packages/imports, the lock, and what dependencies of the distribution become.
#include <gmock/gmock.h>

#include "devenv/core/fd.hpp"
#include "packages/forge/import/import_recipe.hpp"
#include "packages/forge/import/lock.hpp"
#include "packages/forge/import/relations.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Tables : testing::Test {
  void put(const std::string& file, const std::string& text) {
    ASSERT_TRUE(write_file(folder.path + "/" + file, text, 0644));
  }
  Result<ImportTables> read() { return read_import_tables(folder.path); }
  Error refused(const std::string& text) {
    put("some.toml", text);
    auto tables = read();
    EXPECT_FALSE(tables) << text;
    return tables ? Error{} : tables.error();
  }
  fixtures::TempFolder folder;
};

TEST_F(Tables, AreReadByNameFromAllFiles) {
  put("b.toml",
      "group = \"build\"\ngcc = { deb = \"gcc-14\", arch = [\"x86_64\"], requires = [\"glibc-devel\"] }\n");
  put("a.toml",
      "zlib = { deb = \"zlib1g\" }\n\"libstdc++\" = { deb = \"libstdc++6\" }\n[krb5-libs]\ndeb = "
      "[\"libkrb5-3\", \"libk5crypto3\"]\n"
      "group = \"build\"\ndrop = [\"/usr/share/x/**\"]\nattr = { \"/usr/bin/a\" = \"2755 root _ssh\" "
      "}\nlinks = { \"/usr/bin/b\" = \"a\" }\n");
  put("ignored.toml", "[ignored]\ndebconf = \"never run\"\n");
  put("lock.toml", "this is no table of recipes");
  auto tables = read();
  ASSERT_TRUE(tables) << sentence(tables.error());
  ASSERT_EQ(tables->recipes.size(), 4U);
  EXPECT_EQ(tables->recipes[0].name, "gcc");
  EXPECT_EQ(tables->recipes[0].group, "build");
  EXPECT_TRUE(tables->recipes[0].has("x86_64"));
  EXPECT_FALSE(tables->recipes[0].has("aarch64"));
  EXPECT_THAT(tables->recipes[1].debs, ElementsAre("libkrb5-3", "libk5crypto3"));
  EXPECT_EQ(tables->recipes[1].attr.at("/usr/bin/a"), "2755 root _ssh");
  EXPECT_EQ(tables->recipes[2].name, "libstdc++");
  EXPECT_EQ(tables->recipes[3].group, "runtime");
  EXPECT_EQ(tables->ignored.at("debconf"), "never run");
}

TEST_F(Tables, ANameMayHaveARowForEachProcessor) {
  put("a.toml", "bash = { deb = \"bash\", arch = [\"x86_64\"] }\n");
  put("b.toml", "bash = { deb = \"bash\", arch = [\"aarch64\"], drop = [\"/etc/skel/**\"] }\n");
  auto tables = read();
  ASSERT_TRUE(tables) << sentence(tables.error());
  ASSERT_EQ(tables->recipes.size(), 2U);
  EXPECT_NE(tables->recipes[0].has("x86_64"), tables->recipes[1].has("x86_64"));
  put("b.toml", "bash = { deb = \"bash\" }\n");
  auto both = read();
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().message, HasSubstr("bash is there twice"));
}

TEST_F(Tables, APartLeavesTheWhole) {
  put("a.toml",
      "rpm = { deb = \"rpm\", drop = [\"/x\"] }\nrpm-build = { deb = \"rpm\", only = [\"/usr/bin/rpmbuild\", "
      "\"/usr/lib/rpm/brp-*\"] }\nthing = { deb = \"thing\" }\n");
  auto tables = read();
  ASSERT_TRUE(tables) << sentence(tables.error());
  ASSERT_EQ(tables->recipes.size(), 3U);
  EXPECT_THAT(tables->recipes[0].drop, ElementsAre("/x", "/usr/bin/rpmbuild", "/usr/lib/rpm/brp-*"));
  EXPECT_THAT(tables->recipes[1].drop, ElementsAre());
  auto needs = relations_of(tables->recipes[2], "rpm (>= 4)", Carried(*tables, "x86_64"), *tables).needs;
  EXPECT_THAT(needs, ElementsAre("rpm")) << "who needs the package needs the whole";
  EXPECT_THAT(refused("part = { deb = \"other\", only = [\"/a\"] }\n").message,
              HasSubstr("whose rest nothing imports"));
  EXPECT_THAT(refused("part = { deb = \"rpm\", arch = [\"aarch64\"], only = [\"/a\"] }\n").hint,
              HasSubstr("same processors"));
  EXPECT_THAT(refused("part = { deb = [\"rpm\", \"thing\"], only = [\"/a\"] }\n").message,
              HasSubstr("more than one \"deb\""));
}

TEST_F(Tables, AnUnknownWordIsNamedWithItsPlaceAndTheNearest) {
  auto error = refused("[zlib]\ndeb = \"zlib1g\"\n  dorp = [\"/x\"]\n");
  EXPECT_EQ(error.kind, Kind::usage);
  EXPECT_EQ(error.code, "forge.import");
  ASSERT_TRUE(error.where);
  EXPECT_EQ(error.where->line, 3U);
  EXPECT_THAT(error.hint, HasSubstr("drop"));
}

TEST_F(Tables, WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(refused("zlib = { group = \"runtime\" }\n").message, HasSubstr("no \"deb\""));
  EXPECT_THAT(refused("zlib = { deb = \"zlib1g\", arch = [\"vax\"] }\n").message, HasSubstr("vax"));
  EXPECT_THAT(refused("zlib = { deb = \"../etc\" }\n").message, HasSubstr("no package's name"));
  EXPECT_THAT(refused("\"a b\" = { deb = \"x\" }\n").message, HasSubstr("no package's name"));
  EXPECT_THAT(refused("group = \"other\"\n").message, HasSubstr("runtime"));
  EXPECT_THAT(refused("a = { deb = \"x\" }\nb = { deb = \"x\" }\n").message, HasSubstr("imported twice"));
  EXPECT_THAT(refused("a = { deb = \"x\", attr = { \"bin\" = \"0755 root root\" } }\n").message,
              HasSubstr("absolute"));
  EXPECT_THAT(refused("a = { deb = \"x\", without = [\"cobol\"] }\n").message, HasSubstr("cobol"));
  put("ignored.toml", "[ignored]\nucf = \"\"\n");
  put("some.toml", "");
  EXPECT_FALSE(read()) << "a reason is missing";
}

TEST_F(Tables, TheLockComesBackAsItWasWritten) {
  Lock lock;
  lock["x86_64"]["libstdc++6"] = {"14.2.0-19",         std::string(64, 'a'), 714584,
                                  "pool/main/g/x.deb", "libc6 (>= 2.38)",    ""};
  lock["aarch64"]["zlib1g"] = {"1:1.3.dfsg+really1.3.1-1", std::string(64, '0'), 1, "p", "", "libz1 (= 1)"};
  ASSERT_TRUE(write_lock(folder.path, lock));
  auto again = read_lock(folder.path);
  ASSERT_TRUE(again) << sentence(again.error());
  EXPECT_EQ(*again, lock);
  put("lock.toml", "[x86_64]\nzlib1g = { version = \"1\", sha256 = \"12\" }\n");
  auto error = read_lock(folder.path).error();
  EXPECT_EQ(error.code, "forge.lock");
  EXPECT_EQ(error.where->line, 2U);
  EXPECT_THAT(error.hint, HasSubstr("forge import --update"));
}

TEST(Paths, OneStarStaysBetweenSlashes) {
  EXPECT_TRUE(matches_path("/usr/lib/*/gconv/**", "/usr/lib/x86_64-linux-gnu/gconv/a/b.so"));
  EXPECT_FALSE(matches_path("/usr/lib/*/gconv/**", "/usr/lib/a/b/gconv/c"));
  EXPECT_TRUE(matches_path("/etc/rc?.d/**", "/etc/rc5.d/S01x"));
  EXPECT_FALSE(matches_path("/etc", "/etc/x"));
  EXPECT_FALSE(matches_path("/usr/bin/a*", "/usr/bin/a/b"));
}

TEST(Relations, NamesAloneOfEachAlternative) {
  EXPECT_THAT(read_relations("libc6 (>= 2.38), perl:any | perl-base [amd64],\n dpkg (>= 1)"),
              ElementsAre(ElementsAre("libc6"), ElementsAre("perl", "perl-base"), ElementsAre("dpkg")));
  EXPECT_TRUE(read_relations(" , ").empty());
}

TEST(Relations, LibrariesAreLeftToGeneratorsAndTheRestIsCarried) {
  ImportTables tables;
  tables.recipes = {{.name = "glibc", .debs = {"libc6"}},
                    {.name = "pam-tools", .debs = {"libpam-modules-bin"}},
                    {.name = "systemd", .debs = {"systemd"}},
                    {.name = "zlib", .debs = {"zlib1g"}},
                    {.name = "zlib-devel", .debs = {"zlib1g-dev"}}};
  tables.ignored = {{"debconf", "never run"}};
  Carried carried(tables, "x86_64");
  carried.also_provides("systemd", "systemd-sysv-impl (= 257)");
  ImportRecipe program{.name = "program", .debs = {"program"}};
  auto found = relations_of(
      program, "libc6 (>= 2), libpam-modules-bin, systemd-sysv-impl, debconf | cdebconf, nothing | none",
      carried, tables);
  EXPECT_THAT(found.needs, ElementsAre("pam-tools", "systemd"));
  EXPECT_THAT(found.missing, ElementsAre("nothing | none"));
  ImportRecipe headers{.name = "zlib-devel", .debs = {"zlib1g-dev"}};
  EXPECT_THAT(relations_of(headers, "libc6, zlib1g", carried, tables).needs, ElementsAre("glibc", "zlib"))
      << "headers need their library, whatever its name";
  program.ignore = {"nothing"};
  EXPECT_TRUE(relations_of(program, "nothing", carried, tables).missing.empty());
}

}  // namespace
}  // namespace photon::forge
