// config.toml: defaults, every setting, errors with places, changes that keep comments.
#include "devenv/config/config.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "devenv/core/fd.hpp"

namespace photon::config {
namespace {

struct Folder {
  Folder() {
    std::string form = std::filesystem::temp_directory_path() / "photon-config-XXXXXX";
    path = mkdtemp(form.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file() const { return path + "/config.toml"; }
  std::string path;
};

TEST(Config, AMissingFileMeansDefaults) {
  Folder folder;
  auto loaded = load({folder.file()});
  ASSERT_TRUE(loaded) << sentence(loaded.error());
  EXPECT_EQ(loaded->config, Config());
  EXPECT_EQ(loaded->config.default_image, "devenv/base:latest");
  EXPECT_EQ(loaded->config.ssh.listen, "");
  EXPECT_TRUE(loaded->places.empty());
}

constexpr char everything[] = R"(
default_image = "acme/base:1"
ssh.listen = "127.0.0.1:2222"
ssh.authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@laptop"]
[registries]
plain_http = ["registry.lan:5000"]
ca_file = "/etc/ssl/ours.pem"
[registries.mirrors]
"docker.example.org" = ["one.example.org", "two.example.org"]
"quay.example.org" = "one.example.org"
[containerd]
system = "never"
socket = "/run/other.sock"
runtime = "runc"
[open]
with = "zed"
[log]
level = "debug"
)";

TEST(Config, EverySettingIsRead) {
  auto loaded = parse(everything, "c");
  ASSERT_TRUE(loaded) << sentence(loaded.error());
  Config expected;
  expected.default_image = "acme/base:1";
  expected.ssh = {"127.0.0.1:2222", {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@laptop"}};
  expected.registries.plain_http = {"registry.lan:5000"};
  expected.registries.ca_file = "/etc/ssl/ours.pem";
  expected.registries.mirrors = {{"docker.example.org", {"one.example.org", "two.example.org"}},
                                 {"quay.example.org", {"one.example.org"}}};
  expected.containerd = {"never", "/run/other.sock", "runc"};
  expected.open.with = "zed";
  expected.log.level = "debug";
  EXPECT_EQ(loaded->config, expected);
}

TEST(Config, EverySettingOfTheTableIsInTheTestAbove) {
  auto loaded = parse(everything, "c");
  ASSERT_TRUE(loaded);
  for (const auto& setting : describe(*loaded)) EXPECT_TRUE(setting.from) << setting.key;
}

TEST(Config, TheUsersFileWinsOverTheMachinesValueByValue) {
  Folder folder;
  auto machine = folder.path + "/machine.toml";
  ASSERT_TRUE(write_file(machine,
                         "[log]\nlevel = \"error\"\n[registries]\nca_file = \"/a\"\n"
                         "[registries.mirrors]\na = \"m\"\nb = \"m\"\n"));
  ASSERT_TRUE(write_file(folder.file(), "[log]\nlevel = \"debug\"\n[registries.mirrors]\nb = \"n\"\n"));
  auto loaded = load({machine, folder.file()});
  ASSERT_TRUE(loaded) << sentence(loaded.error());
  EXPECT_EQ(loaded->config.log.level, "debug");
  EXPECT_EQ(loaded->config.registries.ca_file, "/a");
  EXPECT_EQ(loaded->config.registries.mirrors,
            (std::map<std::string, std::vector<std::string>>{{"a", {"m"}}, {"b", {"n"}}}));
  EXPECT_EQ(loaded->places["log.level"], (Place{folder.file(), 2, 9}));
  EXPECT_EQ(loaded->places["registries.ca_file"], (Place{machine, 4, 11}));
  EXPECT_EQ(loaded->places["registries.mirrors.a"].file, machine);
}

struct Refusal {
  const char* text;
  const char* sentence;
  const char* hint;
};
TEST(Config, RefusesWithPlaceAndNearestName) {
  const Refusal rows[] = {
      {"[ssh]\nlisen = \"\"\n", "c:2:9: unknown setting \"ssh.lisen\"", "did you mean \"ssh.listen\"?"},
      {"zzzzzzzzzz = 1\n", "c:1:14: unknown setting \"zzzzzzzzzz\"", "devenv config shows them all"},
      {"[shh]\n", "c:1:1: unknown setting \"shh\"", ""},
      {"[ssh]\n  listen = 22\n", "c:2:12: \"ssh.listen\" must be a text in quotes", "devenv config"},
      {"ssh.listen = \"22\"\n", "c:1:14: \"ssh.listen\" must be ADDRESS:PORT", "devenv config"},
      {"ssh.listen = \"127.0.0.1:70000\"\n", "c:1:14: \"ssh.listen\" must be ADDRESS:PORT", ""},
      {"default_image = \"\"\n", "c:1:17: \"default_image\" must be not empty", ""},
      {"[registries]\nca_file = \"ours.pem\"\n", "c:2:11: \"registries.ca_file\" must be an absolute path",
       ""},
      {"[registries]\nplain_http = [1]\n", "c:2:14: \"registries.plain_http\" must be a list of texts", ""},
      {"[registries]\nmirrors = \"a\"\n", "c:2:11: \"registries.mirrors\" must be a table of hosts", ""},
      {"[registries.mirrors]\na = 1\n", "c:2:5: \"registries.mirrors\" must be a table of hosts", ""},
      {"ssh.authorized_keys = [\"me\"]\n", "c:1:23: \"ssh.authorized_keys\" must be public keys", ""},
      {"containerd.socket = \"a\"\n", "c:1:21: \"containerd.socket\" must be an absolute path", ""},
      {"containerd.system = true\n", "c:1:21: \"containerd.system\" must be a text", ""},
      {"[log]\nlevel = \"loud\"\n", "c:2:9: \"log.level\" must be one of \"debug\", \"info\"", ""},
  };
  for (const auto& row : rows) {
    auto config = parse(row.text, "c");
    ASSERT_FALSE(config) << row.text;
    EXPECT_THAT(sentence(config.error()), testing::StartsWith(row.sentence));
    EXPECT_THAT(config.error().hint, testing::HasSubstr(row.hint));
    EXPECT_EQ(config.error().kind, Kind::usage);
  }
}

TEST(Config, ASyntaxErrorHasItsPlace) {
  auto config = parse("[ssh]\nlisten = \n", "c");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, "config.syntax");
  EXPECT_EQ(config.error().where->line, 2u);
}

TEST(Config, EmptyTablesOfOursAreFine) {
  EXPECT_TRUE(parse("[ssh]\n[registries]\n[registries.mirrors]\n", "c"));
}

TEST(Config, DescribeNamesEverySettingWithValueDefaultAndPlace) {
  auto loaded = parse("log.level = \"debug\"\nregistries.mirrors.h = [\"m\", \"n\"]\n", "c");
  ASSERT_TRUE(loaded);
  std::vector<std::string> lines;
  for (const auto& setting : describe(*loaded)) {
    EXPECT_FALSE(setting.doc.empty()) << setting.key;
    lines.push_back(fmt::format("{} {} {}", setting.key, as_toml(setting),
                                setting.from ? fmt::format("line {}", setting.from->line) : "default"));
  }
  EXPECT_EQ(lines, (std::vector<std::string>{
                       R"(default_image "devenv/base:latest" default)", R"(ssh.listen "" default)",
                       "ssh.authorized_keys [] default", "registries.plain_http [] default",
                       R"(registries.mirrors.h ["m", "n"] line 2)", R"(registries.ca_file "" default)",
                       R"(containerd.system "auto" default)",
                       R"(containerd.socket "/run/containerd/containerd.sock" default)",
                       R"(containerd.runtime "" default)", R"(log.level "debug" line 1)",
                       R"(open.with "" default)"}));
  EXPECT_EQ(describe()[4].key, "registries.mirrors.HOST");
}

TEST(Config, OneSettingIsFoundByItsKey) {
  auto loaded = parse("registries.mirrors.\"h.example.org\" = \"m\"\n", "c");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(as_toml(*find(*loaded, "log.level")), "\"info\"");
  EXPECT_EQ(as_toml(*find(*loaded, "registries.mirrors.h.example.org")), "[\"m\"]");
  EXPECT_EQ(as_toml(*find(*loaded, "registries.mirrors.other.example.org")), "[]");
  EXPECT_EQ(find(*loaded, "log.levle").error().hint, "did you mean \"log.level\"?");
  EXPECT_FALSE(find(*loaded, "registries.mirrors"));
}

TEST(Config, EverySettingIsInTheManual) {
  auto page = read_file(PHOTON_SOURCE_DIR "/docs/man/devenv/devenv-config.toml.md");
  ASSERT_TRUE(page) << sentence(page.error());
  for (const auto& setting : describe()) {
    auto at = page->find("**" + setting.key + "**");
    ASSERT_NE(at, std::string::npos) << setting.key;
    auto text = page->substr(at, page->find("\n**", at) - at);
    EXPECT_THAT(text, testing::HasSubstr(setting.doc)) << setting.key;
  }
}

struct Change {
  const char* before;
  const char* key;
  const char* value;
  const char* after;
};
TEST(ConfigSet, ChangesOneValueAndKeepsTheRest) {
  const Change rows[] = {
      {"", "ssh.listen", "127.0.0.1:22", "[ssh]\nlisten = \"127.0.0.1:22\"\n"},
      {"# mine\n[ssh] # s\n  listen = \"a:1\" # why\n[log]\n", "ssh.listen", "b:2",
       "# mine\n[ssh] # s\n  listen = \"b:2\" # why\n[log]\n"},
      {"[ssh] # s\n[log]", "ssh.listen", "b:2", "[ssh] # s\nlisten = \"b:2\"\n[log]"},
      {"[log]", "log.level", "debug", "[log]\nlevel = \"debug\"\n"},
      {"[log]", "ssh.listen", "", "[log]\n\n[ssh]\nlisten = \"\"\n"},
      {"[log]\n", "default_image", "a\"b", "default_image = \"a\\\"b\"\n[log]\n"},
      {"ssh = {listen = \"ä:1\"} # ü\n", "ssh.listen", "b:2", "ssh = {listen = \"b:2\"} # ü\n"},
      {"[registries]\nplain_http = [\"a\",\n  \"b\"]\n", "registries.plain_http", "x, y ,",
       "[registries]\nplain_http = [\"x\", \"y\"]\n"},
      {"", "registries.mirrors.registry.example.org", "m.example.org",
       "[registries.mirrors]\n\"registry.example.org\" = [\"m.example.org\"]\n"},
      {"[registries.mirrors]\n\"registry.example.org\" = \"old\"\n",
       "registries.mirrors.registry.example.org", "new",
       "[registries.mirrors]\n\"registry.example.org\" = [\"new\"]\n"},
  };
  for (const auto& row : rows) {
    Folder folder;
    ASSERT_TRUE(write_file(folder.file(), row.before));
    auto done = set(folder.file(), row.key, row.value);
    ASSERT_TRUE(done) << row.before << sentence(done.error());
    EXPECT_EQ(*read_file(folder.file()), row.after);
  }
}

TEST(ConfigSet, MakesTheFileAndItsFolder) {
  Folder folder;
  auto file = folder.path + "/devenv/config.toml";
  ASSERT_TRUE(set(file, "log.level", "debug"));
  EXPECT_EQ(load({file})->config.log.level, "debug");
}

TEST(ConfigSet, AWrongValueHasNoPlaceInTheFile) {
  Folder folder;
  auto wrong = set(folder.file(), "log.level", "loud");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(sentence(wrong.error()),
            "\"log.level\" must be one of \"debug\", \"info\", \"warning\", \"error\"");
  ASSERT_TRUE(write_file(folder.file(), "[lgo]\n"));
  EXPECT_THAT(sentence(set(folder.file(), "log.level", "info").error()),
              testing::StartsWith(folder.file() + ":1:1: unknown setting"));
}

TEST(ConfigSet, WritesNothingThatWouldNotLoad) {
  Folder folder;
  ASSERT_TRUE(write_file(folder.file(), "[log]\nlevel = \"info\"\n"));
  for (auto [key, value] : {std::pair{"log.level", "loud"},
                            {"log.levle", "info"},
                            {"registries.mirrors", "a"},
                            {"ssh.listen", "22"},
                            {"", "a"}})
    EXPECT_FALSE(set(folder.file(), key, value)) << key;
  EXPECT_EQ(*read_file(folder.file()), "[log]\nlevel = \"info\"\n");
  auto misspelt = set(folder.file(), "log.levle", "info");
  EXPECT_EQ(misspelt.error().hint, "did you mean \"log.level\"?");
}

}  // namespace
}  // namespace photon::config
