#include "tests/integration/build/suite.hpp"

#include <boost/json/array.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/image/document.hpp"

namespace photon::tests {
namespace {

const std::string docker = "application/vnd.docker.";

}  // namespace

std::string push_small_image(fixtures::DockerRegistry& registry, const std::string& image_tar,
                             const std::string& repository, const std::string& tag, const std::string& more) {
  auto tar = read_file(image_tar, 256 << 20).value();
  auto layer = sha256_digest(tar);
  auto config = fmt::format(
      R"({{"os":"linux","architecture":"{}","config":{{{}"Env":["PATH=/usr/bin:/bin"],"Cmd":["/bin/sh"]}},)"
      R"("rootfs":{{"type":"layers","diff_ids":["{}"]}},"history":[{{"created":"2020-01-01T00:00:00Z","created_by":"a test"}}]}})",
      image::this_platform().architecture, more, layer);
  registry.put_blob(repository, tar);
  registry.put_blob(repository, config);
  std::string type(more.empty() ? image::media::oci_manifest : image::media::docker_manifest);
  json::object manifest{
      {"schemaVersion", 2},
      {"mediaType", type},
      {"config", image::to_json({more.empty() ? std::string(image::media::oci_config)
                                              : docker + "container.image.v1+json",
                                 sha256_digest(config),
                                 config.size(),
                                 {}})},
      {"layers", json::array{image::to_json(
                     {more.empty() ? std::string(image::media::oci_layer) : docker + "image.rootfs.diff.tar",
                      layer,
                      tar.size(),
                      {}})}}};
  return registry.put_manifest(repository, tag, type, write_json(manifest));
}

void BuildTest::SetUpTestSuite() {
  EnvironmentTest::SetUpTestSuite();
  registry_folder = std::make_unique<TemporaryFolder>();
  registry = std::make_unique<fixtures::DockerRegistry>(registry_folder->path());
  push_small_image(*registry, *home / "image.tar", "acme/base", "1");
}

void BuildTest::TearDownTestSuite() {
  registry.reset();
  registry_folder.reset();
  EnvironmentTest::TearDownTestSuite();
}

void BuildTest::TearDown() {
  EnvironmentTest::TearDown();
  auto collected = home->devenv({"image", "gc"});
  EXPECT_EQ(collected.status, 0) << collected.err;
  EXPECT_THAT(built(), testing::IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(kept()));
  EXPECT_THAT(names_in(home->paths().runtime + "/builds"), testing::IsEmpty());
}

std::string BuildTest::with_dockerfile(const std::string& name, const std::string& text,
                                       const std::string& more_of_build, const std::string& more) {
  auto join = [](const std::string& members) { return members.empty() ? "" : ", " + members; };
  auto folder = *home / name;
  std::filesystem::remove_all(folder);  // of another test
  put(folder + "/.devcontainer/Dockerfile", text);
  return project(name, fmt::format(R"({{"build": {{"dockerfile": "Dockerfile"{}}}{}}})", join(more_of_build),
                                   join(more)));
}

void BuildTest::write(const std::string& path, std::string_view text) {
  put(path, text);
  auto folder = std::filesystem::path(path).parent_path().string();
  if (user) must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), folder});
}

std::vector<std::string> BuildTest::built() {
  auto listed = home->devenv({"image", "ls", "--json"});
  auto all = parse_json(listed.out, "devenv image ls --json");
  std::vector<std::string> names;
  if (!all || !all->is_array()) return {"devenv image ls: " + listed.err};
  for (const auto& one : all->get_array())
    if (auto name = text_or(one, "name"); name.starts_with("localhost/devenv-build:")) names.push_back(name);
  return names;
}

std::vector<std::string> BuildTest::names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    names.push_back(entry.path().filename());
  return names;
}

}  // namespace photon::tests
