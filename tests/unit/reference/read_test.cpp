// read-configuration as a whole: which file, which errors, containers and images.
#include "devenv/spec/reference/read.hpp"

#include "devenv/spec/variables.hpp"
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string configuration(Machine machine, ReadOptions options = {}) {
  if (!options.workspace_folder) options.workspace_folder = "web";
  auto answer = read_configuration(options, machine.world());
  return answer ? write(answer->at("configuration")) : "error: " + answer.error().message;
}

TEST(Read, FindsTheFileInTwoPlaces) {
  Machine machine;
  machine.files["/home/ada/web/.devcontainer.json"] = R"({"name":"second"})";
  machine.files["/home/ada/web/.devcontainer/sub/devcontainer.json"] = R"({"name":"sub"})";
  EXPECT_EQ(configuration(machine),
            R"({"name":"second","configFilePath":{"$mid":1,"fsPath":"/home/ada/web/.devcontainer.json",)"
            R"("path":"/home/ada/web/.devcontainer.json","scheme":"vscode-fileHost"}})");
  machine.files[config_file] = R"({"name":"first"})";
  EXPECT_TRUE(configuration(machine).starts_with(R"({"name":"first")"));
  auto named = configuration(machine, {.config = "web/.devcontainer/sub/devcontainer.json"});
  EXPECT_TRUE(named.starts_with(R"({"name":"sub")")) << named;
  EXPECT_TRUE(named.ends_with(R"("scheme":"file"}})")) << named;
}

TEST(Read, AnotherFileInsteadKeepsThePlace) {
  Machine machine;
  machine.files["/o.json"] = R"({"name":"other"})";
  auto read = configuration(machine, {.override_config = "/o.json"});
  EXPECT_TRUE(read.find(R"("path":"/home/ada/web/.devcontainer/devcontainer.json")") != read.npos) << read;
}

TEST(Read, WhatIsNoObjectIsAnError) {
  EXPECT_EQ(configuration({}),
            "error: Dev container config (/home/ada/web/.devcontainer/devcontainer.json) not found.");
  for (const char* text : {"[]", "null", "5", "\"x\"", "oops", "// c"})
    EXPECT_EQ(configuration({.files = {{config_file, text}}}),
              "error: Dev container config (/home/ada/web/.devcontainer/devcontainer.json) must contain a "
              "JSON object literal.")
        << text;
  EXPECT_EQ(configuration({.files = {{config_file, ""}}}),
            "error: Dev container config (/home/ada/web/.devcontainer/devcontainer.json) not found.");
}

TEST(Read, FaultsAreToldWithTheirPlace) {
  Machine machine{.files = {{config_file, "{\n  \"a\": 1\n  \"b\": 2 }"}}};
  EXPECT_TRUE(read(machine, {}).starts_with(R"({"configuration":{"a":1,"b":2,)"));
  ASSERT_EQ(machine.told.size(), 1u);
  EXPECT_EQ(machine.told[0], std::string(config_file) + ":3:3: a ',' is missing");
}

TEST(Read, TheMergeTakesTheLabelOfTheServicesImage) {
  Machine machine{.files = {{config_file, R"({"dockerComposeFile":["../c.yml","o.yml"],"service":"app"})"},
                            {"/home/ada/web/c.yml", "services:\n  app: {image: \"${IMAGE:-none}\"}\n"},
                            {"/home/ada/web/.devcontainer/o.yml", "services: {app: {command: x}}\n"}},
                  .env = {{"IMAGE", "i"}}};
  machine.images["i"] =
      json(R"({"Config":{"Labels":{"devcontainer.metadata":"[{\"remoteUser\":\"of-label\"}]"}}})");
  auto answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("mergedConfiguration").at("remoteUser").to_text(), "of-label");
  // What is built stands on the image of its Dockerfile.
  machine.files["/home/ada/web/c.yml"] =
      "services:\n  app: {build: {context: ., args: {FROM: i}, target: t}}\n";
  machine.files["/home/ada/web/Dockerfile"] = "ARG FROM\nFROM ${FROM} AS t\nFROM other\n";
  answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("mergedConfiguration").at("remoteUser").to_text(), "of-label");
  machine.files["/home/ada/web/c.yml"] = "services: {other: {image: i}}\n";
  machine.files["/home/ada/web/.devcontainer/o.yml"] = "";
  answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message,
            "Service 'app' configured in devcontainer.json not found in Docker Compose configuration.");
}

TEST(Read, TheMergeTakesTheLabelOfTheImage) {
  Machine machine{.files = {{config_file, R"({"image":"i","remoteEnv":{"B":"2"}})"}}, .env = {{"X", "mine"}}};
  machine.images["i"] = json(
      R"({"Config":{"Labels":{"devcontainer.metadata":"[{\"remoteUser\":\"${localEnv:X}\",\"remoteEnv\":{\"A\":\"1\"}}]"}}})");
  auto answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_TRUE(answer);
  EXPECT_EQ(write(answer->at("mergedConfiguration").at("remoteUser")), R"("mine")");
  EXPECT_EQ(write(answer->at("mergedConfiguration").at("remoteEnv")), R"({"A":"1","B":"2"})");
}

TEST(Read, AContainerFillsInItsVariables) {
  Machine machine{
      .files = {
          {config_file, R"({"a":"${containerEnv:P} ${devcontainerId}","remoteUser":"new","init":true})"}}};
  std::vector<std::string> labels{"devcontainer.local_folder=/home/ada/web",
                                  std::string("devcontainer.config_file=") + config_file};
  machine.containers[labels[0] + ";" + labels[1]] = json(fmt::format(
      R"({{"Config":{{"Env":["P=/bin"],"Labels":{{"devcontainer.local_folder":"/home/ada/web","devcontainer.config_file":"{}",)"
      R"("devcontainer.metadata":"[{{\"remoteEnv\":{{\"Q\":\"${{containerEnv:P}}\"}}}}]"}}}}}})",
      config_file));
  auto answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_TRUE(answer);
  auto id = devcontainer_id(
      {{"devcontainer.local_folder", "/home/ada/web"}, {"devcontainer.config_file", config_file}});
  EXPECT_EQ(*answer->at("configuration").at("a").text(), "/bin " + id);
  const auto& merged = answer->at("mergedConfiguration");
  EXPECT_EQ(write(merged.at("remoteEnv")), R"({"Q":"/bin"})");
  EXPECT_EQ(write(merged.at("remoteUser")), R"("new")");
  EXPECT_EQ(write(merged.at("init")), "false") << "what was there when it was made counts";
}

TEST(Read, AnOldContainerIsFoundByItsFolderAlone) {
  Machine machine{.files = {{config_file, R"({"a":"${devcontainerId}"})"}}};
  machine.containers["devcontainer.local_folder=/home/ada/web"] =
      json(R"({"Config":{"Labels":{"devcontainer.local_folder":"/home/ada/web"}}})");
  auto read = configuration(machine);
  EXPECT_NE(read.find(devcontainer_id({{"devcontainer.local_folder", "/home/ada/web"}})), read.npos) << read;
}

TEST(Read, BuildsStartFromTheImageOfTheDockerfile) {
  Machine machine{.files = {{config_file, R"({"build":{"dockerfile":"../Dockerfile","args":{"V":"2"}}})"},
                            {"/home/ada/web/Dockerfile", "ARG V=1\nFROM i:$V\n"}}};
  machine.images["i:2"] = json(R"({"Config":{"Labels":{"devcontainer.metadata":"{\"init\":true}"}}})");
  auto answer = read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(write(answer->at("mergedConfiguration").at("init")), "true");
  machine.files.erase("/home/ada/web/Dockerfile");
  EXPECT_FALSE(read_configuration({.workspace_folder = "web", .include_merged = true}, machine.world()));
}

TEST(Read, TheMergeNeedsAnImageToBeNamed) {
  Machine machine{.files = {{config_file, "{}"}}};
  EXPECT_EQ(read(machine, {.include_merged = true}),
            "error: No image information specified in devcontainer.json.");
}

}  // namespace
}  // namespace photon::spec::reference
