// A small archive of a test's own, signed by a key of its own, and the tables that name its packages.
#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "packages/forge/import/import.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {

namespace fs = std::filesystem;

/// Everything below one folder, so that another process can go on with it.
struct Archive {
  explicit Archive(std::string path) : folder(std::move(path)) {}

  /// The folders that an import reads; the archive itself is made by `usual` or `archive`.
  void prepare() const {
    for (const char* below : {"debs", "packages/imports", "packages/specs/filesystem"})
      fs::create_directories(at(below));
    fs::copy(PHOTON_SOURCE_DIR "/packages/macros", at("packages/macros"));
    put("packages/specs/filesystem/passwd", "root:x:0:0::/root:/bin/bash\n");
    put("packages/specs/filesystem/group", "root:x:0:\n_ssh:x:110:\n");
  }
  [[nodiscard]] std::string at(const std::string& name) const { return folder + "/" + name; }
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(at(name)).parent_path());
    ASSERT_TRUE(write_file(at(name), text, 0644));
  }
  std::string shell(const std::string& script) const {
    auto done = photon::run({.argv = {"bash", "-ec", "export HOME=$PWD\n" + script}, .directory = folder});
    EXPECT_TRUE(done && done->status == 0) << script << "\n" << (done ? done->err : done.error().message);
    return done ? done->out : "";
  }
  /// A package of the files below tree/NAME; `control` are more lines of its control file.
  void deb(const std::string& name, const std::string& version, const std::string& control = {},
           const std::string& arch = "amd64") const {
    fs::create_directories(at("tree/" + name));
    put("tree/" + name + "/DEBIAN/control",
        fmt::format("Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: T <t@localhost>\nDescription: "
                    "thing of a test\n{}",
                    name, version, arch, control));
    // Named by its version, as every archive does.
    shell(
        fmt::format("find tree/{0} -exec touch -h -d @1700000000 {{}} +; rm -f debs/{0}_*_{1}.deb; v='{2}'; "
                    "dpkg-deb --root-owner-group --build tree/{0} debs/{0}_${{v#*:}}_{1}.deb >/dev/null",
                    name, arch, version));
  }
  void archive() const {
    shell(std::string(PHOTON_SOURCE_DIR "/tests/integration/forge_import/make_archive ") + folder);
  }
  [[nodiscard]] ImportOptions options(const std::string& arch = "x86_64") const {
    return {
        .folder = at("packages/imports"), .arch = arch, .sources = at("sources.list"), .state = at("store")};
  }
  /// A program, its headers and a configuration, for both processors.
  void usual() const {
    put("tree/thing/usr/bin/thing", "#!/bin/sh\necho thing\n");
    put("tree/thing/usr/bin/thing-helper", "#!/usr/bin/perl\n1;\n");
    put("tree/thing/usr/bin/odd [name]", "odd\n");
    put("tree/thing/etc/thing.conf", "a = 1\n");
    put("tree/thing/etc/init.d/thing", "#!/bin/sh\n");
    put("tree/thing/usr/share/doc/thing/copyright", "free\n");
    put("tree/thing/usr/share/man/man1/thing.1", "manual\n");
    put("tree/thing/usr/share/locale/de/LC_MESSAGES/thing.mo", "deutsch\n");
    put("tree/thing/DEBIAN/conffiles", "/etc/thing.conf\n");
    put("tree/thing/DEBIAN/postinst", "#!/bin/sh\ntouch /ran\n");
    shell("chmod 0755 tree/thing/usr/bin/* tree/thing/DEBIAN/postinst; chmod 2755 tree/thing/usr/bin/thing");
    deb("thing", "1:2.0-3", "Depends: helper (>= 1), libnone1, debconf | cdebconf\n");
    deb("thing", "1:2.0-3", "Depends: helper (>= 1), libnone1, debconf | cdebconf\n", "arm64");
    put("tree/helper/usr/share/helper/x", "#!/usr/bin/perl\nuse Carp;\n");
    shell("chmod 0755 tree/helper/usr/share/helper/x");
    deb("helper", "1", "", "all");
    put("packages/imports/all.toml",
        "thing = { deb = \"thing\", ignore = [\"libnone1\"], without = [\"perl\"], attr = { "
        "\"/usr/bin/thing\" = \"2755 root _ssh\" }, "
        "links = { \"/usr/bin/t\" = \"thing\" }, provides = [\"a-thing\"] }\nhelp = { deb = \"helper\" }\n");
    put("packages/imports/ignored.toml", "[ignored]\ndebconf = \"scripts are never run\"\n");
    archive();
  }

  std::string folder;
};

struct Import : testing::Test, private fixtures::TempFolder, Archive {
  Import() : Archive(path) {}
  void SetUp() override {
    prepare();
    store = Store::open(at("store")).value();
  }
  std::string rpm_of(const std::vector<Built>& made, const std::string& name) {
    for (const auto& built : made)
      for (const auto& file : built.outputs)
        if (file.name.starts_with(name)) return store->path_of(file);
    ADD_FAILURE() << name << " was not made";
    return {};
  }

  std::unique_ptr<Store> store;
};

/// What the program does as `integration_forge_import import FOLDER`: the lock's packages, once.
int import_once(const std::string& folder);

}  // namespace photon::forge
