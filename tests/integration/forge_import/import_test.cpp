// Packages of a small archive of the test's own, through the real apt and the real rpmbuild.
#include "packages/forge/import/deb.hpp"
#include "tests/integration/forge_import/archive.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Import, MakesRpmsOfWhatTheLockPins) {
  usual();
  auto changes = update_lock(options(), {});
  ASSERT_TRUE(changes) << sentence(changes.error());
  EXPECT_EQ(changes->size(), 4U) << "two packages, two processors";
  auto made = run_imports(options(), *store, {});
  ASSERT_TRUE(made) << sentence(made.error());
  auto file = rpm_of(*made, "thing-2.0");
  auto listing = shell(
      "rpm -qp --nosignature --qf '[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} "
      "%{FILEFLAGS:fflags}\\n]' " +
      file);
  EXPECT_THAT(listing, HasSubstr("/usr/bin/thing -rwxr-sr-x root:_ssh"));
  EXPECT_THAT(listing, HasSubstr("/etc/thing.conf -rw-r--r-- root:root cn"));
  EXPECT_THAT(listing, HasSubstr("/usr/share/doc/thing/copyright -rw-r--r-- root:root l"));
  EXPECT_THAT(listing, HasSubstr("/usr/bin/odd [name]"));
  EXPECT_THAT(listing, HasSubstr("/usr/bin/t lrwxrwxrwx"));
  for (const char* gone : {"init.d", "thing-helper", "thing.1", "thing.mo", "postinst"})
    EXPECT_THAT(listing, Not(HasSubstr(gone)));
  EXPECT_THAT(shell("rpm -qp --nosignature --qf '%{EPOCH}|%{VERSION}|%{RELEASE}|%{VENDOR}|%{ARCH}' " + file),
              "1|2.0|3|Debian|x86_64");
  auto provides = shell("rpm -qp --nosignature --provides " + file),
       needs = shell("rpm -qp --nosignature --requires " + file);
  EXPECT_THAT(provides, HasSubstr("a-thing\n"));
  EXPECT_THAT(provides, HasSubstr("origin(import)\n"));
  EXPECT_THAT(needs, HasSubstr("help\n"));
  EXPECT_THAT(needs, HasSubstr("/bin/sh\n"));
  EXPECT_THAT(needs, Not(HasSubstr("perl")));
  auto help = rpm_of(*made, "help-1");
  EXPECT_THAT(shell("rpm -qpl --nosignature " + help), HasSubstr("/usr/share/helper/x"));
  EXPECT_THAT(shell("rpm -qp --nosignature --requires " + help), Not(HasSubstr("perl")))
      << "a system without perl";
  EXPECT_EQ(shell("rpm -qp --nosignature --scripts " + file), "") << "nothing of the maintainer's is run";
  EXPECT_THAT(shell("rpm -qpl --nosignature " + rpm_of(*made, "thing-doc")), HasSubstr("thing.1"));
  EXPECT_THAT(shell("rpm -qpl --nosignature " + rpm_of(*made, "thing-lang")), HasSubstr("thing.mo"));
  EXPECT_EQ(run_imports(options(), *store, {}).value().size(), 0U) << "all is there";
  auto plans = plan_imports(options(), *store).value();
  for (const auto& plan : plans) EXPECT_TRUE(plan.stored) << plan.name;
}

TEST_F(Import, APartHasItsFilesAndItsLicenceAndTheWholeHasTheRest) {
  usual();
  auto file = at("packages/imports/all.toml");
  put("packages/imports/all.toml",
      read_file(file).value() +
          "odd = { deb = \"thing\", ignore = [\"libnone1\", \"helper\"], only = [\"/usr/bin/odd*\"] }\n");
  ASSERT_TRUE(update_lock(options(), {}));
  auto made = run_imports(options(), *store, {});
  ASSERT_TRUE(made) << sentence(made.error());
  EXPECT_EQ(shell("rpm -qpl --nosignature " + rpm_of(*made, "odd-2.0")),
            "/usr/bin/odd [name]\n/usr/share/doc/thing\n/usr/share/doc/thing/copyright\n");
  EXPECT_THAT(shell("rpm -qp --nosignature --requires " + rpm_of(*made, "odd-2.0")), Not(HasSubstr("help")));
  auto whole = shell("rpm -qpl --nosignature " + rpm_of(*made, "thing-2.0"));
  EXPECT_THAT(whole, HasSubstr("/usr/bin/thing\n"));
  EXPECT_THAT(whole, HasSubstr("/usr/share/doc/thing/copyright\n"));
  EXPECT_THAT(whole, Not(HasSubstr("odd")));
  // Both name the licence: no conflict, for it is the same file.
  shell("rpm --dbpath $PWD/db --nosignature --nodeps -i --test " + rpm_of(*made, "odd-2.0") + " " +
        rpm_of(*made, "thing-2.0"));
}

TEST_F(Import, TheSameBytesAgainAndForTheOtherProcessorToo) {
  usual();
  ASSERT_TRUE(update_lock(options(), {}));
  auto first = run_imports(options(), *store, {});
  ASSERT_TRUE(first) << sentence(first.error());
  auto elsewhere = Store::open(at("elsewhere")).value();
  auto second = run_imports(options(), *elsewhere, {});
  ASSERT_TRUE(second) << sentence(second.error());
  ASSERT_EQ(first->size(), second->size());
  for (std::size_t i = 0; i < first->size(); ++i)
    for (std::size_t j = 0; j < (*first)[i].outputs.size(); ++j)
      EXPECT_EQ((*first)[i].outputs[j].sha256, (*second)[i].outputs[j].sha256) << (*first)[i].outputs[j].name;
  auto arm = run_imports(options("aarch64"), *store, {});
  ASSERT_TRUE(arm) << sentence(arm.error());
  EXPECT_EQ(shell("rpm -qp --nosignature --qf '%{ARCH}' " + rpm_of(*arm, "thing-2.0")), "aarch64");
}

TEST_F(Import, ALockThatTheArchiveHasLeftMakesNothingAndSaysHowToMendIt) {
  usual();
  ASSERT_TRUE(update_lock(options(), {}));
  deb("thing", "1:2.1-1", "Depends: helper, libnone1\n");
  deb("thing", "1:2.1-1", "Depends: helper, libnone1\n", "arm64");
  archive();
  auto made = run_imports(options(), *store, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "forge.lock");
  EXPECT_EQ(made.error().kind, Kind::unavailable);
  EXPECT_EQ(made.error().hint, "forge import --update");
  auto plans = plan_imports(options(), *store).value();
  for (const auto& plan : plans) EXPECT_FALSE(plan.stored) << plan.name;
  auto changes = update_lock(options(), {});
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 2U);
  EXPECT_EQ(changes->front().before + " " + changes->front().after, "1:2.0-3 1:2.1-1");
  EXPECT_TRUE(run_imports(options(), *store, {}));
}

TEST_F(Import, BytesOfAnotherDigestAreRefused) {
  usual();
  ASSERT_TRUE(update_lock(options(), {}));
  auto lock = read_file(at("packages/imports/lock.toml")).value();
  auto digits = lock.find("sha256 = \"", lock.find("[x86_64]")) + 10;
  lock.replace(digits, 4, lock.substr(digits, 4) == "0000" ? "1111" : "0000");
  put("packages/imports/lock.toml", lock);
  auto made = run_imports(options(), *store, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Kind::corrupt) << sentence(made.error());
}

TEST_F(Import, AnArchiveThatNobodySignedIsRefused) {
  usual();
  shell("rm -r archive/dists/test/InRelease");
  auto changes = update_lock(options(), {});
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, Kind::unavailable) << sentence(changes.error());
  EXPECT_FALSE(fs::exists(at("packages/imports/lock.toml")));
}

TEST_F(Import, EveryDependencyThatNothingBringsIsNamedAtOnce) {
  usual();
  put("packages/imports/all.toml", "thing = { deb = \"thing\" }\n");
  auto changes = update_lock(options(), {});
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, Kind::usage);
  EXPECT_THAT(changes.error().message, HasSubstr("thing needs helper; thing needs libnone1"));
  EXPECT_THAT(changes.error().message, Not(HasSubstr("debconf")));
  put("packages/imports/all.toml", "thing = { deb = \"thing\" }\nghost = { deb = \"no-such\" }\n");
  changes = update_lock(options(), {});
  ASSERT_FALSE(changes);
  EXPECT_THAT(sentence(changes.error()), HasSubstr("all.toml:2:"));
  EXPECT_THAT(changes.error().message, HasSubstr("no-such"));
}

struct Unpack : Import {
  Error refused(const std::string& file) {
    fs::remove_all(at("root"));
    fs::create_directories(at("root"));
    auto deb = unpack_deb(at(file), at("root"), {});
    EXPECT_FALSE(deb) << file;
    return deb ? Error{} : deb.error();
  }
  /// A deb whose data is that tar.
  void pack(const std::string& python) const {
    put("control", "Package: x\nVersion: 1\nArchitecture: all\n");
    put("make.py",
        "import tarfile, io\ndef add(t, name, data=b'', **more):\n  i = tarfile.TarInfo(name); i.size = "
        "len(data)\n"
        "  for k, v in more.items(): setattr(i, k, v)\n  t.addfile(i, io.BytesIO(data))\n"
        "c = tarfile.open('control.tar', 'w'); add(c, './control', open('control', 'rb').read()); c.close()\n"
        "t = tarfile.open('data.tar', 'w')\n" +
            python + "\nt.close()\n");
    shell(
        "python3 make.py; echo 2.0 >debian-binary; rm -f x.deb; ar rc x.deb debian-binary control.tar "
        "data.tar");
  }
};

TEST_F(Unpack, NothingLeavesItsFolder) {
  pack("add(t, './a/../../../escape', b'x')");
  EXPECT_EQ(refused("x.deb").code, "deb.path");
  EXPECT_FALSE(fs::exists(fs::path(folder).parent_path() / "escape"));
  pack("add(t, './link', type=tarfile.SYMTYPE, linkname='" + folder + "')\nadd(t, './link/out', b'x')");
  fs::create_directories(at("root"));
  (void)unpack_deb(at("x.deb"), at("root"), {});
  EXPECT_FALSE(fs::exists(at("out"))) << "a link is followed as if the folder were the root of all";
  pack("add(t, './hard', type=tarfile.LNKTYPE, linkname='../../../../etc/passwd')");
  EXPECT_EQ(refused("x.deb").code, "deb.path");
  pack("add(t, './a\\n%build', b'x')");
  EXPECT_EQ(refused("x.deb").code, "deb.path") << "a name that would be a section of the spec";
  pack("add(t, './a\"b', b'x')");
  EXPECT_EQ(refused("x.deb").code, "deb.path");
}

TEST_F(Unpack, DevicesAndTruncatedPackagesAreRefused) {
  pack("add(t, './dev/sda', type=tarfile.BLKTYPE, devmajor=8)");
  EXPECT_EQ(refused("x.deb").code, "deb.device");
  pack("add(t, './usr/bin/x', b'x' * 100000)");
  shell("head -c 60000 x.deb >short.deb; head -c 30 x.deb >shorter.deb; echo no >none.deb");
  for (const char* file : {"short.deb", "shorter.deb", "none.deb"})
    EXPECT_EQ(refused(file).code, "deb.format") << file;
  put("control", "Package: x\n");
  pack("add(t, './usr/bin/x', b'x')");
  shell("ar d x.deb control.tar");
  EXPECT_EQ(refused("x.deb").code, "deb.format") << "no control part";
}

TEST_F(Unpack, ABombIsRefusedLongBeforeItsEnd) {
  pack("add(t, './zeros', bytes(300 << 20))");
  shell("xz -0 data.tar; ar d x.deb data.tar; ar rc x.deb data.tar.xz");
  auto error = refused("x.deb");
  EXPECT_EQ(error.code, "deb.bomb");
  EXPECT_LT(fs::file_size(at("root/zeros")), 100U << 20);
}

TEST_F(Unpack, WhatIsBelowBinIsBelowUsr) {
  pack(
      "add(t, './bin/x', b'x', mode=0o4755)\nadd(t, './usr/bin/y', type=tarfile.LNKTYPE, "
      "linkname='./bin/x')");
  fs::create_directories(at("root"));
  auto deb = unpack_deb(at("x.deb"), at("root"), {});
  ASSERT_TRUE(deb) << sentence(deb.error());
  ASSERT_EQ(deb->files.size(), 2U);
  EXPECT_EQ(deb->files[0].path, "/usr/bin/x");
  EXPECT_EQ(deb->files[0].mode, 04755U);
  EXPECT_EQ(deb->files[1].mode, 04755U) << "one file with two names";
  EXPECT_TRUE(fs::equivalent(at("root/usr/bin/x"), at("root/usr/bin/y")));
}

}  // namespace
}  // namespace photon::forge
