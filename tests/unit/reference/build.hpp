// Values from JSON text, and a machine that is made of a few files.
#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "devenv/core/digest.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::spec::reference {

inline Value json(std::string_view text) {
  auto value = parse_strict(text);
  EXPECT_TRUE(value) << text << ": " << value.error().message;
  return value ? *value : Value();
}

/// Packages that somebody published, and what was asked for.
struct Shelf {
  std::map<std::string, std::string> manifests{};  ///< by RESOURCE@VERSION
  std::map<std::string, PackageContent> layers{};  ///< by digest, and archives by address
  std::map<std::string, std::vector<std::string>> published{};
  std::vector<std::string> asked{};

  /// A feature with its tags; `said` is its document, and in the annotation unless that is to be left out.
  std::string publish(const std::string& resource, const std::string& said,
                      const std::vector<std::string>& tags, bool annotated = true) {
    auto layer = sha256_digest(said);
    layers[layer] = {layer, {{std::string(feature_document), said}}};
    Object manifest, config, first, annotations;
    config.set("mediaType", "application/vnd.devcontainers");
    first.set("digest", layer);
    manifest.set("config", std::move(config));
    manifest.set("layers", List{std::move(first)});
    if (annotated) {
      annotations.set("dev.containers.metadata", said);
      manifest.set("annotations", std::move(annotations));
    }
    auto bytes = write(manifest);
    for (const auto& tag : tags) manifests[resource + "@" + tag] = bytes;
    manifests[resource + "@" + sha256_digest(bytes)] = bytes;
    auto& all = published[resource];
    all.insert(all.end(), tags.begin(), tags.end());
    return sha256_digest(bytes);
  }

  /// *this outlives it.
  Packages packages() {
    Packages made;
    made.manifest = [this](const PackageName& name,
                           const std::string& version) -> Result<std::optional<PackageManifest>> {
      asked.push_back(name.resource + "@" + version);
      auto found = manifests.find(asked.back());
      if (found == manifests.end()) return std::optional<PackageManifest>();
      return std::optional(PackageManifest{found->second, sha256_digest(found->second)});
    };
    made.tags = [this](const PackageName& name) {
      auto found = published.find(name.resource);
      return found == published.end() ? std::nullopt : std::optional(found->second);
    };
    auto content = [this](const std::string& key) -> Result<PackageContent> {
      auto found = layers.find(key);
      if (found == layers.end()) return fail(Kind::unavailable, "test", "there is no " + key);
      return found->second;
    };
    made.layer = [=](const PackageName&, const std::string& digest) { return content(digest); };
    made.archive = [=](const std::string& url) { return content(url); };
    made.diagnostics = no_login_findings;
    return made;
  }
};

/// What the reader asks for; files by their path.
struct Machine {
  std::map<std::string, std::string> files{};
  std::map<std::string, std::string> env{};
  std::map<std::string, Value> images{};      ///< as `inspect` shows them
  std::map<std::string, Value> containers{};  ///< by the labels that find them, joined by ';'
  std::optional<std::string> way_to_root{};
  std::vector<std::string> told{};
  Shelf shelf{};

  World world() {
    World made;
    made.working_folder = "/home/ada";
    made.store_folder = "/tmp/store";
    made.architecture = "amd64";
    made.read = [this](const std::string& path) -> Result<std::optional<std::string>> {
      auto found = files.find(path);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    made.is_file = [this](const std::string& path) { return files.contains(path); };
    made.env = [this](const std::string& name) {
      auto found = env.find(name);
      return found == env.end() ? std::nullopt : std::optional(found->second);
    };
    made.way_to_git_root = [this](const std::string&) { return way_to_root; };
    made.engine.find = [this](const std::vector<std::string>& labels) -> Result<std::optional<Value>> {
      auto found = containers.find(fmt::format("{}", fmt::join(labels, ";")));
      return found == containers.end() ? std::nullopt : std::optional(found->second);
    };
    made.engine.container = [](const std::string& id) -> Result<Value> {
      return fail(Kind::failed, "test", "no container " + id);
    };
    made.engine.image = [this](const std::string& name) -> Result<std::optional<Value>> {
      auto found = images.find(name);
      return found == images.end() ? std::nullopt : std::optional(found->second);
    };
    made.packages = shelf.packages();
    made.diagnose = [this](const std::string& file, const Diagnostic& found) {
      told.push_back(fmt::format("{}:{}:{}: {}", file, found.line, found.column, found.message));
    };
    made.tell = [this](std::string_view text) { told.emplace_back(text); };
    return made;
  }
};

inline constexpr const char* config_file = "/home/ada/web/.devcontainer/devcontainer.json";

/// What is printed, or "error: " and why not.
inline std::string read(Machine& machine, ReadOptions options) {
  if (!options.workspace_folder) options.workspace_folder = "web";
  auto answer = read_configuration(options, machine.world());
  return answer ? write(*answer) : "error: " + answer.error().message;
}

}  // namespace photon::spec::reference
