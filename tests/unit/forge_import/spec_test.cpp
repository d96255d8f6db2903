// The spec that an unpacked package of the distribution becomes.
#include <gmock/gmock.h>

#include "packages/forge/import/import_spec.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;
using testing::Not;

Deb deb_of(const std::string& version, const std::string& architecture = "amd64") {
  Deb deb;
  deb.control = {{"Package", "x"},
                 {"Version", version},
                 {"Architecture", architecture},
                 {"Description", "100% of it\n more"}};
  return deb;
}

std::string spec_of(const std::vector<DebFile>& files, Deb deb = deb_of("1-1")) {
  ImportRecipe recipe{.name = "thing", .debs = {"x"}};
  auto text = write_spec({.recipe = recipe,
                          .debs = {std::move(deb)},
                          .needs = {"other"},
                          .files = files,
                          .arch = "x86_64",
                          .payload = "/p"},
                         {"sshd"}, {"_ssh"});
  return text ? *text : text.error().code + ": " + text.error().message;
}

TEST(SpecVersion, WhatRpmRefusesIsMapped) {
  auto version = version_of("1:2.36-9+deb12u14");
  EXPECT_EQ(version.epoch + "|" + version.version + "|" + version.release, "1|2.36|9+deb12u14");
  version = version_of("4.16.0-2+really2.41.5");
  EXPECT_EQ(version.version + "|" + version.release, "4.16.0|2+really2.41.5");
  version = version_of("3.1-20250104-1");
  EXPECT_EQ(version.version + "|" + version.release, "3.1+20250104|1");
  version = version_of("1.7.24~ds1");
  EXPECT_EQ(version.epoch + "|" + version.version + "|" + version.release, "|1.7.24~ds1|0");
  version = version_of("x\n%build\n:1 2-3");
  EXPECT_EQ(version.epoch + "|" + version.version, "|1+2") << "an epoch is a number";
}

TEST(Spec, ModesOwnersConfigurationAndLicence) {
  auto deb = deb_of("1-1");
  deb.conffiles = {"/etc/x.conf"};
  auto text = spec_of({{.path = "/etc/x.conf", .mode = 0640, .user = "root", .group = "_ssh"},
                       {.path = "/usr/bin", .mode = 0755, .folder = true, .user = "root", .group = "root"},
                       {.path = "/usr/bin/x", .mode = 04755, .user = "root", .group = "root"},
                       {.path = "/usr/lib/x", .mode = 0755, .folder = true, .user = "root", .group = "root"},
                       {.path = "/usr/share/doc/x/copyright", .mode = 0644, .user = "root", .group = "root"}},
                      std::move(deb));
  EXPECT_THAT(text, HasSubstr("%config(noreplace) %attr(0640,root,_ssh) \"/etc/x.conf\"\n"));
  EXPECT_THAT(text, HasSubstr("%attr(4755,root,root) \"/usr/bin/x\"\n"));
  EXPECT_THAT(text, HasSubstr("%dir %attr(0755,root,root) \"/usr/lib/x\"\n"));
  EXPECT_THAT(text, HasSubstr("%license %attr(0644,root,root) \"/usr/share/doc/x/copyright\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("\"/usr/bin\"\n"))) << "filesystem's folder";
  EXPECT_THAT(text, HasSubstr("Requires: other\n"));
  EXPECT_THAT(text, HasSubstr("Provides: origin(import)\n"));
  EXPECT_THAT(text, HasSubstr("Summary: 100%% of it\n")) << "no macro of others";
}

TEST(Spec, DocumentsAndLanguagesAreApart) {
  auto text = spec_of(
      {{.path = "/usr/bin/x", .mode = 0755, .user = "root", .group = "root"},
       {.path = "/usr/share/locale/de/LC_MESSAGES/x.mo", .mode = 0644, .user = "root", .group = "root"},
       {.path = "/usr/share/man/man1/x.1.gz", .mode = 0644, .user = "root", .group = "root"}});
  auto main = text.find("\n%files\n"), documents = text.find("%files doc\n"),
       languages = text.find("%files lang\n");
  ASSERT_LT(main, documents);
  ASSERT_LT(documents, languages);
  EXPECT_GT(text.find("x.mo"), languages);
  EXPECT_GT(text.find("x.1.gz"), documents);
}

TEST(Spec, NamesAreNeitherPatternsNorMacros) {
  EXPECT_EQ(file_name("/usr/bin/[", "4.18.0"), "\"/usr/bin/[[]\"");
  EXPECT_EQ(file_name("/usr/share/a b%{x}", "4.18.0"), "\"/usr/share/a?b%%[{]x[}]\"");
  EXPECT_EQ(file_name("/usr/bin/[", "4.20.1"), "\"/usr/bin/[\"");
  EXPECT_EQ(file_name("/usr/share/a b%{x}\\", "4.20.1"), "\"/usr/share/a b%%{x}\\\\\"");
  EXPECT_EQ(file_name("/usr/bin/[", "5.0"), "\"/usr/bin/[\"");
  auto text = spec_of({{.path = "/usr/share/a b", .mode = 0644, .user = "root", .group = "root"}});
  EXPECT_THAT(text, HasSubstr(" \"/usr/share/a b\"\n"));
}

TEST(Spec, AnOwnerThatSetupDoesNotKnowIsAnError) {
  EXPECT_THAT(spec_of({{.path = "/usr/bin/x", .mode = 0755, .user = "root", .group = "games"}}),
              HasSubstr("forge.owner: "));
  EXPECT_THAT(spec_of({{.path = "/usr/bin/x", .mode = 0755, .user = "mallory", .group = "root"}}),
              HasSubstr("forge.owner: "));
}

TEST(Spec, OnlyWhatIsForAllProcessorsIsNoarch) {
  EXPECT_TRUE(spec_of({}, deb_of("1", "all")).find("BuildArch: noarch") <
              spec_of({}, deb_of("1", "all")).find("%description"));
  auto text = spec_of({});
  EXPECT_GT(text.find("BuildArch: noarch"), text.find("%description"));
}

}  // namespace
}  // namespace photon::forge
