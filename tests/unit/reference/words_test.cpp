// The command line of read-configuration: what is taken, and in which words a fault is told.
#include <gtest/gtest.h>

#include "devenv/devcontainer/options.hpp"

namespace photon::devcontainer {
namespace {

using Words = std::vector<std::string>;

std::string fault_of(const Words& words) {
  auto parsed = parse_read_configuration(words);
  return parsed ? "" : parsed.error().message;
}

TEST(Words, TakeValuesInEachForm) {
  auto parsed = parse_read_configuration(
      {"--workspaceFolder", "/w", "--config='/c d'", "--log-format=json", "--id-label", "a=b",
       "--id-label=c=d=e", "--mount-workspace-git-root", "false", "--include-merged-configuration",
       "--terminal-rows", "24", "--terminal-columns=80"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->read.workspace_folder, "/w");
  EXPECT_EQ(parsed->read.config, "/c d");
  EXPECT_EQ(parsed->log.format, LogFormat::json);
  EXPECT_EQ(parsed->read.id_labels, (Words{"a=b", "c=d=e"}));
  EXPECT_FALSE(parsed->read.mount_git_root);
  EXPECT_TRUE(parsed->read.include_merged);
  EXPECT_FALSE(parsed->read.include_features);
}

TEST(Words, WithoutAFolderItIsTheCurrentOne) {
  EXPECT_EQ(parse_read_configuration({})->read.workspace_folder, ".");
  EXPECT_EQ(parse_read_configuration({"--id-label", "a=b"})->read.workspace_folder, std::nullopt);
  EXPECT_EQ(parse_read_configuration({"--container-id", "c"})->read.workspace_folder, std::nullopt);
}

TEST(Words, FaultsAreToldInTheReferencesWords) {
  EXPECT_EQ(fault_of({"--nonsense"}), "Unknown argument: nonsense");
  EXPECT_EQ(fault_of({"--no-mount-workspace-git-root", "x"}),
            "Unknown argument: no-mount-workspace-git-root");
  EXPECT_EQ(fault_of({"word", "--other", "--", "--nonsense"}), "Unknown arguments: word, other");
  EXPECT_EQ(fault_of({"-x"}), "Unknown argument: x");
  EXPECT_EQ(
      fault_of({"--log-level", "loud"}),
      "Invalid values:\n  Argument: log-level, Given: \"loud\", Choices: \"info\", \"debug\", \"trace\"");
  EXPECT_EQ(fault_of({"--terminal-rows", "1"}),
            "Missing dependent arguments:\n terminal-rows -> terminal-columns");
  EXPECT_EQ(fault_of({"--id-label", "novalue="}),
            "Unmatched argument format: id-label must match <name>=<value>");
  EXPECT_EQ(fault_of({"--config", "a", "--config", "b"}), "--config is given 2 times");
}

TEST(Words, AMissingValueIsEmptyAndTheNextOptionIsNone) {
  auto parsed = parse_read_configuration({"--config", "--workspace-folder", "/w"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->read.config, "");
  EXPECT_EQ(parsed->read.workspace_folder, "/w");
  EXPECT_EQ(parse_read_configuration({"--config", "-5"})->read.config, "-5");
}

TEST(Words, HelpBeatsFaults) { EXPECT_TRUE(parse_read_configuration({"--nonsense", "--help"})->help); }

}  // namespace
}  // namespace photon::devcontainer
