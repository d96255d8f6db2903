// config.toml: defaults, every setting, errors with places, changes that keep comments.
#include "devenv/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

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
  auto config = load(folder.file());
  ASSERT_TRUE(config) << sentence(config.error());
  EXPECT_EQ(*config, Config());
  EXPECT_EQ(config->default_image, "devenv/base:latest");
  EXPECT_EQ(config->ssh.listen, "");
}

TEST(Config, EverySettingIsRead) {
  auto config = parse(R"(
default_image = "acme/base:1"
ssh.listen = "127.0.0.1:2222"
[registries]
plain_http = ["registry.lan:5000"]
ca_file = "/etc/ssl/ours.pem"
[registries.mirrors]
"docker.example.org" = ["one.example.org", "two.example.org"]
"quay.example.org" = "one.example.org"
[containerd]
system_socket = ""
runtime = "runc"
[shell]
colour = "never"
editor = "vi"
[log]
level = "debug"
)",
                      "c");
  ASSERT_TRUE(config) << sentence(config.error());
  Config expected;
  expected.default_image = "acme/base:1";
  expected.ssh.listen = "127.0.0.1:2222";
  expected.registries.plain_http = {"registry.lan:5000"};
  expected.registries.ca_file = "/etc/ssl/ours.pem";
  expected.registries.mirrors = {{"docker.example.org", {"one.example.org", "two.example.org"}},
                                 {"quay.example.org", {"one.example.org"}}};
  expected.containerd = {"", "runc"};
  expected.shell = {"never", "vi"};
  expected.log.level = "debug";
  EXPECT_EQ(*config, expected);
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

TEST(Config, DescribeNamesEverySettingWithValueAndDefault) {
  Config config;
  config.registries.mirrors["h"] = {"m"};
  config.log.level = "debug";
  std::vector<std::string> lines;
  for (const auto& setting : describe(config)) {
    EXPECT_FALSE(setting.doc.empty()) << setting.key;
    lines.push_back(setting.key + " " + setting.value + " " + setting.otherwise);
  }
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          R"(default_image "devenv/base:latest" "devenv/base:latest")", R"(ssh.listen "" "")",
          "registries.plain_http [] []", "registries.mirrors.HOST [] []", R"(registries.mirrors.h ["m"] [])",
          R"(registries.ca_file "" "")",
          R"(containerd.system_socket "/run/containerd/containerd.sock" "/run/containerd/containerd.sock")",
          R"(containerd.runtime "" "")", R"(shell.colour "auto" "auto")", R"(shell.editor "code" "code")",
          R"(log.level "debug" "info")"}));
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
      {"", "registries.mirrors.docker.io", "m.example.org",
       "[registries.mirrors]\n\"docker.io\" = [\"m.example.org\"]\n"},
      {"[registries.mirrors]\n\"docker.io\" = \"old\"\n", "registries.mirrors.docker.io", "new",
       "[registries.mirrors]\n\"docker.io\" = [\"new\"]\n"},
  };
  for (const auto& row : rows) {
    Folder folder;
    ASSERT_TRUE(write_file(folder.file(), row.before));
    auto done = set(folder.file(), row.key, row.value);
    ASSERT_TRUE(done) << row.before << sentence(done.error());
    EXPECT_EQ(*read_file(folder.file()), row.after);
  }
}

TEST(ConfigSet, MakesTheFileForItsOwnerAlone) {
  Folder folder;
  ASSERT_TRUE(set(folder.file(), "log.level", "debug"));
  EXPECT_EQ(load(folder.file())->log.level, "debug");
  struct stat status {};
  ASSERT_EQ(stat(folder.file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
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
