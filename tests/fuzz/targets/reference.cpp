// What the reference view reads: broken files, labels of images, Dockerfiles, command lines.
#include "devenv/devcontainer/words.hpp"
#include "devenv/spec/reference/dockerfile.hpp"
#include "devenv/spec/reference/merge.hpp"
#include "devenv/spec/reference/read.hpp"
#include "devenv/spec/reference/text.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

using namespace spec::reference;

void expect_read_back(const Value& value) {
  auto written = write(value);
  auto again = parse_strict(written);
  expect(again && write(*again) == written, "what was written is JSON, and is read back the same");
}

World world_of(std::string_view input) {
  World world;
  world.working_folder = "/home/ada";
  world.store_folder = "/tmp/store";
  world.architecture = "amd64";
  world.read = [input](const std::string&) -> Result<std::optional<std::string>> {
    return std::string(input);
  };
  world.is_file = [](const std::string& path) { return path.ends_with("/devcontainer.json"); };
  world.env = [](const std::string& name) { return std::optional("<" + name + ">"); };
  world.way_to_git_root = [](const std::string&) { return std::optional<std::string>(".."); };
  world.engine.find = [](const auto&) -> Result<std::optional<Value>> { return std::optional<Value>(); };
  world.engine.container = [](const std::string& id) -> Result<Value> { return type_error(id); };
  world.engine.image = [input](const std::string&) -> Result<std::optional<Value>> {
    Object labels, config, image;
    labels.set("devcontainer.metadata", decoded(input));
    config.set("Labels", std::move(labels));
    image.set("Config", std::move(config));
    return std::optional<Value>(std::move(image));
  };
  world.packages.manifest = [input](const PackageName&,
                                    const std::string&) -> Result<std::optional<PackageManifest>> {
    return std::optional(PackageManifest{std::string(input), "sha256:00"});
  };
  world.packages.layer = [](const PackageName&, const std::string& digest) -> Result<PackageContent> {
    return type_error(digest);
  };
  world.packages.archive = [input](const std::string&) -> Result<PackageContent> {
    return PackageContent{"sha256:00", {{std::string(feature_document), std::string(input)}}};
  };
  world.packages.diagnostics = no_login_findings;
  world.diagnose = [](const std::string&, const Diagnostic& found) {
    expect(found.line > 0 && found.column > 0 && !found.message.empty(),
           "a fault has a place and a sentence");
  };
  world.tell = [](std::string_view text) { expect(!text.empty(), "what is told is not empty"); };
  return world;
}

}  // namespace

/// One input is the file, each feature's file, the label of the image and the Dockerfile.
void reference_view(std::string_view input) {
  ReadOptions options{.workspace_folder = "web", .include_features = true, .include_merged = true};
  auto answer = read_configuration(options, world_of(input));
  if (!answer) {
    expect(!answer.error().message.empty(), "a fault has a sentence");
    return;
  }
  expect_read_back(*answer);
  const auto& merged = answer->at("mergedConfiguration");
  expect(merged.at("init").flag() && merged.at("privileged").flag(), "init and privileged are flags");
  expect(merged.at("postCreateCommands").list(), "hooks are lists");
}

void tolerant(std::string_view input) {
  auto parsed = parse_tolerant(decoded(input));
  if (!parsed) {
    expect(parsed.error().code == "reference.depth", "nothing but depth is refused");
    return;
  }
  if (!parsed->value.undefined()) expect_read_back(parsed->value);
  auto strict = parse_strict(decoded(input));
  if (strict) expect(write(*strict) == write(parsed->value), "JSON is read as JSON");
  if (parsed->value.undefined()) expect(!parsed->diagnostics.empty(), "who reads nothing says why");
}

void reference_variables(std::string_view input) {
  Lookup env = [](const std::string& name) { return std::optional("<" + name + ">"); };
  auto pass = local_pass({env, "/home/ada/web", Value(input), "devcontainer.json"});
  if (!pass) return;
  auto done = substitute_text(input, *pass);
  if (input.find("${") == input.npos) expect(done && *done == input, "plain text stays as it is");
  auto inside = substitute_text(input, container_pass({{"PATH", "/bin"}}, ""));
  if (input.find("${containerEnv") == input.npos)
    expect(inside && *inside == input, "what is not of the container stays");
}

void dockerfile(std::string_view input) {
  auto file = read_dockerfile(input);
  for (const auto& instruction : file.preamble)
    expect(!instruction.name.empty(), "an instruction has a name");
  auto image = base_image(file, Value(Object()), Value(), {{"TARGETARCH", "amd64"}});
  expect(image.has_value(), "a Dockerfile is never refused");
  if (file.stages.empty()) expect(!*image, "without a stage there is no image");
}

/// Words are the lines of the input.
void command_words(std::string_view input) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= input.size();) {
    auto end = std::min(input.find('\n', at), input.size());
    words.emplace_back(input.substr(at, end - at));
    at = end + 1;
  }
  using devcontainer::Takes;
  constexpr std::string_view choices[] = {"a", "b"};
  const devcontainer::Option options[] = {
      {"text", Takes::text, ""}, {"some-flag", Takes::flag, ""}, {"choice", Takes::choice, "", choices}};
  auto taken = devcontainer::take_apart(words, options);
  for (const auto& [name, values] : taken.texts)
    expect(!values.empty() && (name == "text" || name == "choice"),
           "only options that there are have values");
  auto checked = devcontainer::check(taken, options);
  if (!taken.unknown.empty()) expect(!checked, "unknown words are refused");
}

}  // namespace photon::fuzz
