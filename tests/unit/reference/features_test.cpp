// Features: which are taken, in which order, what is printed of them.
#include "devenv/spec/reference/features.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string short_id(const std::string& id) { return id.starts_with("./") ? id.substr(2) : id; }

struct Folder {
  std::map<std::string, std::string> features;  ///< by name
  std::string additional{};
  Shelf shelf{};
  Value lock{};

  FeatureInputs inputs() {
    return {"/w/.devcontainer/devcontainer.json",
            "/w",
            "/tmp/store",
            [this](const std::string& path) -> Result<std::string> {
              constexpr std::string_view base = "/w/.devcontainer/", end = "/devcontainer-feature.json";
              auto name = path.substr(base.size(), path.size() - base.size() - end.size());
              auto found = features.find(name);
              if (found == features.end()) return fail(Kind::failed, "test", "there is no " + path);
              return found->second;
            },
            shelf.packages(),
            lock,
            [](std::string_view) {}};
  }

  Result<Value> read(std::string_view config) {
    auto inputs = this->inputs();
    return features_configuration(json(config), additional.empty() ? Value() : json(additional), inputs);
  }

  std::string order(std::string_view config) {
    auto read_all = read(config);
    if (!read_all) return "error: " + read_all.error().message;
    if (read_all->undefined()) return "none";
    std::vector<std::string> names;
    for (const auto& set : *read_all->at("featureSets").list())
      names.push_back(short_id(set.at("sourceInformation").at("userFeatureId").to_text()) + "=" +
                      write(set.at("features").at("0").at("value")));
    return fmt::format("{}", fmt::join(names, " "));
  }
};

TEST(Features, AreSortedWithinARound) {
  Folder folder{{{"f1", R"({"id":"f1"})"}, {"f2", R"({"id":"f2"})"}, {"f3", R"({"id":"f3"})"}}, {}};
  EXPECT_EQ(folder.order(R"({"features":{"./f2":{},"./f1":"x","./f3":true}})"), R"(f1="x" f2={} f3=true)");
  EXPECT_EQ(
      folder.order(
          R"({"features":{"./f2":{},"./f1":{},"./f3":{}},"overrideFeatureInstallOrder":["./f3","./f9","./f2"]})"),
      "f3={} f2={} f1={}");
}

TEST(Features, ComeAfterWhatTheyNeed) {
  Folder folder{{{"a", R"({"id":"a","dependsOn":{"./z":{"o":"1"}}})"},
                 {"b", R"({"id":"b","installsAfter":["./c","./missing-is-fine","registry.example/x/y"]})"},
                 {"c", R"({"id":"c"})"},
                 {"z", R"({"id":"z"})"}},
                {}};
  EXPECT_EQ(folder.order(R"({"features":{"./a":{},"./b":{},"./c":{}}})"), R"(c={} z={"o":"1"} a={} b={})");
}

TEST(Features, TheSameWithOtherOptionsComesTwice) {
  Folder folder{{{"a", R"({"id":"a","dependsOn":{"./z":{"o":"1"}}})"}, {"z", R"({"id":"z"})"}}, {}};
  EXPECT_EQ(folder.order(R"({"features":{"./z":{"o":"2"},"./a":{}}})"), R"(z={"o":"1"} z={"o":"2"} a={})");
  EXPECT_EQ(folder.order(R"({"features":{"./z":{"o":"1"},"./a":{}}})"), R"(z={"o":"1"} a={})");
}

TEST(Features, ACircleIsAnError) {
  Folder folder{
      {{"a", R"({"id":"a","dependsOn":{"./b":{}}})"}, {"b", R"({"id":"b","dependsOn":{"./a":{}}})"}}, {}};
  EXPECT_EQ(folder.order(R"({"features":{"./a":{}}})"), "error: Circular dependency of features: ./a, ./b");
}

TEST(Features, AdditionalOnesDoNotReplace) {
  Folder folder{{{"a", R"({"id":"a"})"}, {"b", R"({"id":"b"})"}}, R"({"./a":{"x":"2"},"./b":{}})"};
  EXPECT_EQ(folder.order(R"({"features":{"./a":{"x":"1"}}})"), R"(a={"x":"1"} b={})");
}

TEST(Features, WhatIsNoneSaysWhy) {
  Folder folder;
  EXPECT_EQ(folder.order(R"({"features":{}})"), "none");
  EXPECT_EQ(folder.order(R"({"features":{"nonsense":{}}})"),
            "error: Legacy feature 'nonsense' not supported.");
  EXPECT_EQ(
      folder.order(R"({"features":{"/abs":{}}})"),
      "error: Feature '/abs' could not be processed: an absolute path to a local feature is not allowed");
  EXPECT_EQ(folder.order(R"({"features":{"../out":{}}})"),
            "error: Feature '../out' could not be processed: /w/out is not below /w/.devcontainer");
}

TEST(Features, ArePrintedAsTheReferenceDoes) {
  Folder folder{{{"a", R"({"version":"1","id":"aa","settings":{"s":1}})"}}, {}};
  auto read = folder.read(R"({"features":{"./a":{"o":1}}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(
      write(*read),
      R"({"featureSets":[{"sourceInformation":{"type":"file-path","resolvedFilePath":"/w/.devcontainer/a",)"
      R"("userFeatureId":"./a"},"features":[{"version":"1","id":"aa","name":"./a","value":{"o":1},"included":true,)"
      R"("cachePath":"/tmp/store/aa_0","consecutiveId":"aa_0","customizations":{"vscode":{"settings":{"s":1}}}}],)"
      R"("internalVersion":"2"}],"dstFolder":"/tmp/store"})");
}

}  // namespace
}  // namespace photon::spec::reference
