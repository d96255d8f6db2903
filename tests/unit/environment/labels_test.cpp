#include "devenv/environment/labels.hpp"

#include <gtest/gtest.h>

namespace photon::environment {
namespace {

using Labels = std::vector<std::string>;

TEST(Labels, ThoseThatWereGivenAreAllThatCount) {
  Record record;
  record.local = true;
  record.folder = "/home/ada/web";
  record.labels = {"a=b", "c=d"};
  EXPECT_TRUE(has_labels(record, {"a=b"}));
  EXPECT_TRUE(has_labels(record, {"c=d", "a=b"}));
  EXPECT_FALSE(has_labels(record, {"a=b", "e=f"}));
  EXPECT_FALSE(has_labels(record, {"devcontainer.local_folder=/home/ada/web"}));
}

TEST(Labels, WithoutThemFolderAndFileDo) {
  Record record;
  record.local = true;
  record.folder = "/home/ada/web";
  record.inputs = {{"/home/ada/web/.devcontainer/devcontainer.json", "digest"},
                   {"/home/ada/web/.devcontainer.json", ""}};
  const std::string folder = "devcontainer.local_folder=/home/ada/web";
  const std::string file = "devcontainer.config_file=/home/ada/web/.devcontainer";
  EXPECT_TRUE(has_labels(record, {folder}));
  EXPECT_TRUE(has_labels(record, {folder, file + "/devcontainer.json"}));
  EXPECT_FALSE(has_labels(record, {folder, file + ".json"}));  // looked for in vain
  EXPECT_FALSE(has_labels(record, {"devcontainer.local_folder=/home/ada"}));
}

TEST(Labels, AClonesFolderIsNobodysWorkspace) {
  Record record;
  record.folder = "/data/workspace/web";
  EXPECT_FALSE(has_labels(record, {"devcontainer.local_folder=/data/workspace/web"}));
}

}  // namespace
}  // namespace photon::environment
