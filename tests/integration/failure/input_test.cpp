// Names, configurations, images and ports, as people get them wrong.
#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/integration/failure/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Input = FailureTest;

TEST_F(Input, ABrokenConfigurationIsNamedByLineAndColumn) {
  auto folder = project("broken", "{\n  \"image\": \"devenv/base:latest\"\n  \"remoteUser\": \"dev\"\n}\n");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 2) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(".devcontainer/devcontainer.json:3:3: "), IsAWellFormedError()));
  EXPECT_EQ(home->names().size(), 0U);
}

TEST_F(Input, AnUnknownPropertyIsNamedWithItsNearest) {
  auto folder =
      project("misspelt", "{\n  \"image\": \"devenv/base:latest\",\n  \"postCreatCommand\": \"true\"\n}\n");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 2) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(".devcontainer/devcontainer.json:3:3: "), HasSubstr("postCreatCommand"),
                            HasSubstr("did you mean \"postCreateCommand\"?"), IsAWellFormedError()));
  EXPECT_EQ(home->names().size(), 0U);
  auto anyway = home->devenv({"up", "--allow-unknown"}, folder);
  EXPECT_EQ(anyway.status, 0) << anyway.err;
}

TEST_F(Input, APropertyOfAnotherTypeIsNamedByItsPlace) {
  auto folder =
      project("typed", "{\n  \"image\": \"devenv/base:latest\",\n  \"forwardPorts\": \"3000\"\n}\n");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 2) << up.err;
  EXPECT_THAT(up.err,
              AllOf(HasSubstr("devcontainer.json:3:19: "), HasSubstr("forwardPorts"), IsAWellFormedError()));
}

TEST_F(Input, ABrokenConfigurationOfARunningEnvironmentLeavesItRunning) {
  auto folder = project("later", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, folder).status, 0);
  project("later", "{ \"image\": ");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 2) << up.err;
  EXPECT_EQ(home->devenv({"exec", "later", "--", "true"}).status, 0);
  project("later", R"({"image": "devenv/base:latest"})");
  EXPECT_EQ(home->devenv({"up"}, folder).status, 0);
}

TEST_F(Input, AMissingConfigurationFileIsNamed) {
  auto folder = project("elsewhere", R"({"image": "devenv/base:latest"})");
  auto up = home->devenv({"up", "--config", ".devcontainer/none.json"}, folder);
  EXPECT_EQ(up.status, 3) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(".devcontainer/none.json"), IsAWellFormedError()));
}

TEST_F(Input, NamesThatAreNoNamesAreRefusedAndShownSafely) {
  auto folder = project("named", R"({"image": "devenv/base:latest"})");
  const std::string long_name(300, 'a');
  for (const std::string& name :
       {std::string("a/b"), std::string(".."), std::string("../../etc"), std::string("a\x1b[31mb"),
        std::string("a\nb"), std::string("-a"), std::string("Web"), long_name}) {
    SCOPED_TRACE(name);
    auto up = home->devenv({"up", "--name=" + name}, folder);
    EXPECT_EQ(up.status, 2) << up.err;
    EXPECT_THAT(up.err, IsAWellFormedError());
    EXPECT_THAT(up.err, Not(HasSubstr("\x1b")));
    EXPECT_LT(up.err.size(), 400U);
    for (const char* command : {"rm", "exec", "logs", "stop", "start", "rebuild", "ports"}) {
      SCOPED_TRACE(command);
      std::vector<std::string> words{command};
      if (!name.starts_with('-')) words.push_back(name);
      if (name.starts_with('-')) continue;
      if (std::string(command) == "exec") words.insert(words.end(), {"--", "true"});
      auto done = home->devenv(words);
      EXPECT_EQ(done.status, std::string(command) == "exec" ? 125 : 2) << done.err;
      EXPECT_THAT(done.err, AllOf(IsAWellFormedError(), Not(HasSubstr("\x1b"))));
    }
  }
  EXPECT_EQ(home->names().size(), 0U);
  EXPECT_EQ(home->devenv({"up", "--name", std::string(40, 'a')}, folder).status, 0);
}

TEST_F(Input, AFolderWithAStrangeNameGetsAGoodOne) {
  auto up = home->devenv({"up"}, project("My Pro jec\xc3\xa9#1@2", R"({"image": "devenv/base:latest"})"));
  EXPECT_EQ(up.status, 0) << up.err;
  EXPECT_THAT(home->names(), testing::ElementsAre(testing::MatchesRegex("[a-z0-9][a-z0-9-]{0,39}")));
  auto refused = home->devenv({"up"}, project("a\x1b[31mb", R"({"image": "devenv/base:latest"})"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("\\x1b"), Not(HasSubstr("\x1b")), IsAWellFormedError()));
}

TEST_F(Input, AnEnvironmentThatDoesNotExistIsNotFoundWithTheNearest) {
  auto folder = project("website", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, folder).status, 0);
  auto stop = home->devenv({"stop", "websiet"});
  EXPECT_EQ(stop.status, 3);
  EXPECT_THAT(stop.err, AllOf(HasSubstr("did you mean website?"), IsAWellFormedError()));
}

TEST_F(Input, ANameThatIsTakenIsAConflict) {
  auto one = project("one", R"({"image": "devenv/base:latest"})");
  auto two = project("two", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, one).status, 0);
  auto up = home->devenv({"up", "--name", "one"}, two);
  EXPECT_EQ(up.status, 4);
  EXPECT_THAT(up.err, AllOf(HasSubstr("--name"), IsAWellFormedError()));
}

/// Somebody else's listener on 127.0.0.1.
struct Taken {
  Taken() : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket.get(), raw, size), 0);
    EXPECT_EQ(::listen(socket.get(), 4), 0);
    EXPECT_EQ(::getsockname(socket.get(), raw, &size), 0);
    port = ntohs(address.sin_port);
  }
  Fd socket;
  int port = 0;
};

TEST_F(Input, ATakenPortOfTheConfigurationGetsAnotherNumber) {
  Taken taken;
  auto folder =
      project("ports", fmt::format(R"({{"image": "devenv/base:latest", "forwardPorts": [{}]}})", taken.port));
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 0) << up.err;
  auto listed = home->devenv({"ports", "ports", "--json"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  auto ports = parse_json(listed.out, "ports");
  ASSERT_TRUE(ports && ports->is_array() && ports->get_array().size() == 1) << listed.out;
  EXPECT_EQ(number_or(ports->get_array()[0], "port"), taken.port);
  EXPECT_NE(number_or(ports->get_array()[0], "local"), taken.port);
  EXPECT_NE(number_or(ports->get_array()[0], "local"), 0);
}

TEST_F(Input, ATakenPortAskedForByNumberIsAConflict) {
  Taken taken;
  auto folder = project("published", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, folder).status, 0);
  auto published = home->devenv({"ports", "published", "--publish", fmt::format("8080:{}", taken.port)});
  EXPECT_EQ(published.status, 4) << published.err;
  EXPECT_THAT(published.err, AllOf(HasSubstr(fmt::format("port {} of this machine is taken", taken.port)),
                                   IsAWellFormedError()));
  EXPECT_EQ(home->devenv({"ports", "published", "--publish", "8080:0"}).status, 2);
  EXPECT_EQ(home->devenv({"ports", "published", "--publish", "99999"}).status, 2);
}

}  // namespace
}  // namespace photon::tests
