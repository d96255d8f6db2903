// `--json` of every command: one document, or one object a line for what streams; nothing else on stdout.
#include <fcntl.h>

#include <csignal>

#include "tests/integration/cli/person.hpp"

namespace photon::tests {
namespace {

using testing::Contains;

class Json : public Person {
 protected:
  static void SetUpTestSuite() {
    Person::SetUpTestSuite();
    auto up = home().devenv({"up"}, project("web", R"({ "image": "devenv/base:latest", "forwardPorts": [3000],
      "postStartCommand": "echo started" })"));
    ASSERT_EQ(up.status, 0) << up.err;
  }
  static json::value answer(const std::vector<std::string>& words, int status = 0) {
    auto output = home().devenv(words);
    EXPECT_EQ(output.status, status) << testing::PrintToString(words) << output.err;
    auto parsed = parse_json(output.out, "stdout");
    EXPECT_TRUE(parsed) << testing::PrintToString(words) << output.out;
    return parsed.value_or(nullptr);
  }
};

TEST_F(Json, EveryCommandPrintsOneDocument) {
  const std::vector<std::vector<std::string>> objects{{"status"},
                                                      {"stop", "web"},
                                                      {"start", "web"},
                                                      {"rebuild", "web"},
                                                      {"exec", "web", "--json", "--", "true"},
                                                      {"ssh", "--json", "web"},
                                                      {"ssh-config"},
                                                      {"image", "gc"},
                                                      {"config"},
                                                      {"version"},
                                                      {"completion", "bash"},
                                                      {"open", "web", "--with", "browser", "--dry-run"},
                                                      {"ports", "web", "--publish", "8000"},
                                                      {"up", home() / "web"},
                                                      {"logout", "registry.example.org"}};
  for (auto words : objects) {
    if (std::find(words.begin(), words.end(), "--json") == words.end()) words.emplace_back("--json");
    EXPECT_TRUE(answer(words).is_object()) << testing::PrintToString(words);
  }
  for (std::vector<std::string> words :
       {std::vector<std::string>{"ls"}, {"ports", "web"}, {"image", "ls"}, {"help"}, {"doctor"}}) {
    words.emplace_back("--json");
    auto list = answer(words);
    EXPECT_TRUE(list.is_array() && !list.get_array().empty()) << testing::PrintToString(words);
  }
}

TEST_F(Json, FaultsAreDocumentsToo) {
  const std::pair<std::vector<std::string>, int> cases[] = {{{"stop", "none", "--json"}, 3},
                                                            {{"nosuch", "--json"}, 2},
                                                            {{"ls", "--jsno", "--json"}, 2},
                                                            {{"up", "/none", "--json"}, 3},
                                                            {{"exec", "none", "--json", "--", "true"}, 125}};
  for (const auto& [words, status] : cases) {
    auto said = answer(words, status);
    const auto* error = member(said, "error");
    ASSERT_NE(error, nullptr) << testing::PrintToString(words);
    EXPECT_FALSE(text_or(*error, "code").empty());
    EXPECT_FALSE(text_or(*error, "message").empty());
  }
}

TEST_F(Json, AnEnvironmentHasTheSameMembersWhateverWasAsked) {
  auto keys = [](const json::value& value) {
    std::vector<std::string> found;
    for (const auto& item : value.as_object()) found.emplace_back(item.key());
    return found;
  };
  auto listed = keys(answer({"ls", "--json"}).as_array().at(0));
  EXPECT_THAT(listed, Contains("state"));
  EXPECT_EQ(keys(answer({"up", home() / "web", "--json"})), listed);
  EXPECT_EQ(keys(answer({"start", "web", "--json"})), listed);
}

TEST_F(Json, EventsAndLogsAreOneObjectALine) {
  auto file = home() / "streams";
  auto out = open_fd(file, O_WRONLY | O_CREAT | O_TRUNC, 0600).value();
  auto events = home().begin({"events", "--json"}, out.get());
  auto objects = [&] {
    std::vector<json::value> all;
    for (const auto& line : lines_of(read_file(file).value_or("")))
      if (auto parsed = parse_json(line, "a line")) all.push_back(std::move(*parsed));
    return all;
  };
  // Events before the stream stood are not repeated: stop and start until one is seen.
  bool seen = eventually(
      [&] {
        (void)home().devenv({"stop", "web"});
        (void)home().devenv({"start", "web"});
        return !objects().empty();
      },
      std::chrono::seconds(30));
  EXPECT_TRUE(seen);
  for (const auto& one : objects()) EXPECT_EQ(text_or(one, "environment"), "web");
  EXPECT_TRUE(events.signal(SIGINT));
  EXPECT_EQ(events.wait().value_or(-1), 130);
  for (const auto& line : lines_of(home().devenv({"logs", "web", "--json"}).out)) {
    auto parsed = parse_json(line, "a line");
    ASSERT_TRUE(parsed) << line;
    EXPECT_NE(member(*parsed, "line"), nullptr);
  }
}

TEST_F(Json, FollowedLogsGoOnUntilCtrlC) {
  auto follow = terminal({"logs", "-f", "web"});
  ASSERT_TRUE(follow.shows("started")) << follow.screen();
  auto before = follow.bytes().size();
  ASSERT_EQ(home().devenv({"rebuild", "web"}).status, 0);
  EXPECT_TRUE(eventually([&] { return follow.bytes().find("started", before) != std::string::npos; }));
  follow.type("\x03");
  EXPECT_EQ(follow.status(), 130);
}

}  // namespace
}  // namespace photon::tests
