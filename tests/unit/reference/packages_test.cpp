// Features of registries and archives: their names, what is looked up, in which order they come.
#include "devenv/spec/reference/features.hpp"
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

Tell silent() {
  return [](std::string_view) {};
}

std::string name(std::string_view text) {
  auto read = parse_package_name(text, silent());
  return read ? write(read->value()) : "none";
}

TEST(PackageName, IsTakenApartAsTheReferenceDoes) {
  EXPECT_EQ(
      name("R.example:5000/Some/Deep/go:1.2"),
      R"({"scheme":"https","id":"go","owner":"some","namespace":"some/deep","registry":"r.example:5000",)"
      R"("resource":"r.example:5000/some/deep/go","path":"some/deep/go","version":"1.2","tag":"1.2"})");
  EXPECT_EQ(name("localhost:1/a/b@sha256:0a"),
            R"({"scheme":"http","id":"b","owner":"a","namespace":"a","registry":"localhost:1",)"
            R"("resource":"localhost:1/a/b","path":"a/b","version":"sha256:0a","digest":"sha256:0a"})");
  EXPECT_EQ(parse_package_name("r.example/a/b", silent())->version, "latest");
  EXPECT_EQ(parse_package_name("r.example/devcontainers-contrib/f/x", silent())->path,
            "devcontainers-extra/f/x");
  EXPECT_EQ(parse_package_name("localhost.example/a/b", silent())->scheme, "https");
}

TEST(PackageName, WhatIsNoneIsTold) {
  for (const char* text :
       {"", "a", "r.example/a", "./a/b/c", "r.example/a//b", "r.example/-a/b",
        "r.example/a/b:", "r.example/a/b:x y", "r.example/a/b@md5:00", "r.example/a/b@sha256:../x",
        "r.example/a/b@sha256", "r example/a/b", "r.example/a/b..c", "r.example/a/b/"}) {
    std::string told;
    auto read = parse_package_name(text, [&](std::string_view why) { told = why; });
    if (std::string_view(text).ends_with("b:")) {
      EXPECT_EQ(read->version, "latest");
      continue;
    }
    EXPECT_FALSE(read) << text;
    EXPECT_FALSE(told.empty()) << text;
  }
}

TEST(PackageName, VersionsAreCutOff) {
  EXPECT_EQ(without_version("r.example:1/a/b:1"), "r.example:1/a/b");
  EXPECT_EQ(without_version("r.example/a/b@sha256:00"), "r.example/a/b");
  EXPECT_EQ(without_version("r.example:1/a/b"), "r.example:1/a/b");
  EXPECT_EQ(without_version("b:1"), "b");
}

struct Kitchen {
  Shelf shelf{};
  Value lock{};
  std::vector<std::string> told{};

  FeatureInputs inputs() {
    return {"/w/.devcontainer/devcontainer.json",
            "/w",
            "/s",
            [](const std::string& path) -> Result<std::string> {
              return fail(Kind::failed, "test", "no " + path);
            },
            shelf.packages(),
            lock,
            [this](std::string_view text) { told.emplace_back(text); }};
  }
  Result<Value> read(std::string_view config) {
    auto given = inputs();
    return features_configuration(json(config), {}, given);
  }
  /// Ids with their options, or "error: …".
  std::string order(std::string_view features, std::string_view more = "") {
    auto answer = read(fmt::format(R"({{"features":{}{}}})", features, more));
    if (!answer) return "error: " + answer.error().message;
    std::vector<std::string> all;
    for (const auto& set : *answer->at("featureSets").list())
      all.push_back(set.at("features").at("0").at("id").to_text() +
                    write(set.at("features").at("0").at("value")));
    return fmt::format("{}", fmt::join(all, " "));
  }
};

TEST(RegistryFeatures, ArePrintedAsTheReferenceDoes) {
  Kitchen kitchen;
  auto digest = kitchen.shelf.publish("r.example/n/f", R"({"id":"f","version":"1.0.0","init":true})", {"1"});
  auto answer = kitchen.read(R"({"features":{"r.example/n/f:1":{"o":"x"}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  const Value set = answer->at("featureSets").at("0");
  EXPECT_EQ(
      write(set.at("features")),
      R"([{"id":"f","version":"1.0.0","init":true,"included":true,"value":{"o":"x"},"cachePath":"/s/f_0","consecutiveId":"f_0"}])");
  EXPECT_EQ(set.at("computedDigest").to_text(), digest);
  EXPECT_EQ(set.at("internalVersion").to_text(), "2");
  const Value source = set.at("sourceInformation");
  EXPECT_EQ(source.object()->names(),
            (std::vector<std::string>{"type", "manifest", "manifestDigest", "featureRef", "userFeatureId",
                                      "userFeatureIdWithoutVersion"}));
  EXPECT_EQ(source.at("userFeatureIdWithoutVersion").to_text(), "r.example/n/f");
}

TEST(RegistryFeatures, TheManifestIsAskedForOnceInALine) {
  Kitchen kitchen;
  kitchen.shelf.publish("r.example/n/f",
                        R"({"id":"f","installsAfter":["r.example/other/x","gone.example/n/y"]})", {"1"});
  EXPECT_EQ(kitchen.order(R"({"r.example/n/f:1":{}})"), "f{}");
  EXPECT_EQ(kitchen.shelf.asked, (std::vector<std::string>{"r.example/n/f@1"}));
}

TEST(RegistryFeatures, AFormerNameCounts) {
  Kitchen kitchen;
  kitchen.shelf.publish("r.example/n/old", R"({"id":"old","currentId":"new","legacyIds":["old"]})", {"1"});
  kitchen.shelf.publish("r.example/n/new", R"({"id":"new","currentId":"new","legacyIds":["old"]})",
                        {"latest"});
  kitchen.shelf.publish("r.example/n/a", R"({"id":"a","installsAfter":["r.example/n/new"]})", {"1"});
  EXPECT_EQ(kitchen.order(R"({"r.example/n/a:1":{},"r.example/n/old:1":{}})"), "old{} a{}");
}

TEST(RegistryFeatures, NeedsGoAcrossKinds) {
  Kitchen kitchen;
  kitchen.shelf.publish(
      "r.example/n/f", R"({"id":"f","dependsOn":{"https://h.example/devcontainer-feature-t.tgz":{"v":"1"}}})",
      {"1"});
  kitchen.shelf.layers["https://h.example/devcontainer-feature-t.tgz"] = {
      "sha256:tt", {{std::string(feature_document), R"({"id":"t","dependsOn":{"r.example/n/g:2":"x"}})"}}};
  kitchen.shelf.publish("r.example/n/g", R"({"id":"g"})", {"2"}, false);
  EXPECT_EQ(kitchen.order(R"({"r.example/n/f:1":{}})"), R"(g"x" t{"v":"1"} f{})");
}

TEST(RegistryFeatures, TagsAreSortedAsText) {
  Kitchen kitchen;
  for (const char* tag : {"2", "10", "9"})
    kitchen.shelf.publish("r.example/n/f", fmt::format(R"({{"id":"f","version":"{}"}})", tag), {tag});
  EXPECT_EQ(kitchen.order(
                R"({"r.example/n/f:9":{"t":"9"},"r.example/n/f:2":{"t":"2"},"r.example/n/f:10":{"t":"10"}})"),
            R"(f{"t":"10"} f{"t":"2"} f{"t":"9"})");
}

TEST(RegistryFeatures, EqualDigestAndOptionsAreOne) {
  Kitchen kitchen;
  kitchen.shelf.publish("r.example/n/f", R"({"id":"f"})", {"1", "latest"});
  EXPECT_EQ(kitchen.order(R"({"r.example/n/f:1":{},"r.example/n/f":{}})"), "f{}");
  EXPECT_EQ(kitchen.order(R"({"r.example/n/f:1":{},"r.example/n/f":"x"})"), R"(f{} f"x")");
}

TEST(RegistryFeatures, TheLockNamesTheManifest) {
  Kitchen kitchen;
  auto first = kitchen.shelf.publish("r.example/n/f", R"({"id":"f","version":"1.0.0"})", {"1"});
  kitchen.shelf.publish("r.example/n/f", R"({"id":"f","version":"1.0.1"})", {"1"});
  kitchen.lock = json(fmt::format(R"({{"features":{{"r.example/n/f:1":{{"integrity":"{}"}}}}}})", first));
  auto answer = kitchen.read(R"({"features":{"r.example/n/f:1":{}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("featureSets").at("0").at("features").at("0").at("version").to_text(), "1.0.0");
  kitchen.lock = json(R"({"features":{"r.example/n/f:1":{"integrity":"sha256:gone"}}})");
  EXPECT_THAT(kitchen.order(R"({"r.example/n/f:1":{}})"), testing::HasSubstr("could not be processed"));
  kitchen.lock = json("{}");
  EXPECT_THAT(kitchen.order(R"({"r.example/n/f:1":{}})"), testing::HasSubstr("TypeError"));
}

TEST(RegistryFeatures, WhatIsNotThereSaysSo) {
  Kitchen kitchen;
  EXPECT_THAT(kitchen.order(R"({"r.example/n/m/f:1":{}})"), testing::HasSubstr("no registry has it"));
  EXPECT_THAT(kitchen.order(R"({"owner/repository/f":{}})"), testing::HasSubstr("releases of repositories"));
  EXPECT_EQ(kitchen.shelf.asked, (std::vector<std::string>{"r.example/n/m/f@1"}));
  kitchen.shelf.manifests["r.example/n/i@1"] =
      R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json"}})";
  EXPECT_THAT(kitchen.order(R"({"r.example/n/i:1":{}})"), testing::HasSubstr("could not be processed"));
  for (const char* broken :
       {"no JSON", "null", "{}", "[]", R"({"config":{"mediaType":"application/vnd.devcontainers"}})"}) {
    kitchen.shelf.manifests["r.example/n/i@1"] = broken;
    EXPECT_THAT(kitchen.order(R"({"r.example/n/i:1":{}})"), testing::StartsWith("error: ")) << broken;
  }
}

TEST(RegistryFeatures, AddressesOfArchivesAreChecked) {
  Kitchen kitchen;
  for (const char* id :
       {"https://h.example/x.tgz", "https://h.example/devcontainer-feature-.tgz",
        "https://h.example/devcontainer-feature-a b.tgz", "https:///devcontainer-feature-a.tgz",
        "https://h.example/devcontainer-feature-a.b.tgz"})
    EXPECT_THAT(kitchen.order(fmt::format(R"({{"{}":{{}}}})", id)), testing::StartsWith("error: Feature '"))
        << id;
  kitchen.shelf.layers["https://h.example/devcontainer-feature-a.tgz"] = {
      "sha256:aa",
      {{std::string(old_feature_document), R"({"features":[{"id":"b"},{"id":"a","init":true}]})"}}};
  auto answer = kitchen.read(R"({"features":{"https://H.example:443/./devcontainer-feature-a.tgz":{}}})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("featureSets").at("0").at("internalVersion").to_text(), "1");
  EXPECT_TRUE(answer->at("featureSets").at("0").at("features").at("0").at("init").truthy());
}

TEST(RegistryFeatures, NamesOfBeforeMeanTheOfficialOnes) {
  Kitchen kitchen;
  kitchen.shelf.publish(official_features() + "/java", R"({"id":"java"})", {"1"});
  EXPECT_EQ(kitchen.order(R"({"java":"17"})"), R"(java"17")");
  EXPECT_EQ(kitchen.order(R"({"maven":{},"gradle":{}})"),
            R"(java{"installMaven":true,"installGradle":true})");
  EXPECT_EQ(kitchen.order(R"({"java":"17","gradle":{}})"), R"(java{"version":"17","installGradle":true})");
}

TEST(RegistryFeatures, ThereAreNotTooMany) {
  Kitchen kitchen;
  for (int i = 0; i < 1100; ++i)
    kitchen.shelf.publish(fmt::format("r.example/n/f{}", i),
                          fmt::format(R"({{"id":"f","dependsOn":{{"r.example/n/f{}:1":{{}}}}}})", i + 1),
                          {"1"});
  EXPECT_THAT(kitchen.order(R"({"r.example/n/f0:1":{}})"), testing::HasSubstr("too many"));
}

TEST(FlowChart, HasEachNeed) {
  Kitchen kitchen;
  kitchen.shelf.publish("r.example/n/a", R"({"id":"a","dependsOn":{"r.example/n/b:1":{}}})", {"1"});
  kitchen.shelf.publish("r.example/n/b", R"({"id":"b"})", {"1"});
  auto inputs = kitchen.inputs();
  auto graph = feature_graph(*json(R"({"r.example/n/a:1":{}})").object(), {}, Soft::all, inputs);
  ASSERT_TRUE(graph) << graph.error().message;
  auto chart = flow_chart(*graph);
  ASSERT_TRUE(chart);
  EXPECT_THAT(*chart,
              testing::MatchesRegex("flowchart\n[0-9a-f]+\\[r.example/n/a:1<br/><0><br>aliases: a\\]\n"
                                    "[0-9a-f]+\\[.*\\] --> [0-9a-f]+\\[r.example/n/b:1.*\\]\n"));
}

}  // namespace
}  // namespace photon::spec::reference
