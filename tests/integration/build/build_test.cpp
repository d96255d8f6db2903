// A repository with a Dockerfile becomes an environment: built once, rebuilt from the step that changed, with
// what the image says of itself, and with features on top.
#include <fcntl.h>

#include "tests/integration/build/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Builds : public BuildTest {};

/// Tells two runs apart.
constexpr const char* stamp = "cat /proc/sys/kernel/random/uuid > /stamp";

TEST_F(Builds, ADockerfileBecomesAnEnvironment) {
  auto folder = with_dockerfile("web",
                                fmt::format(R"(ARG BASE={}
FROM ${{BASE}}
ARG GREETING=none
ENV SAID=$GREETING
LABEL devcontainer.metadata='[{{"remoteUser": "dev", "containerEnv": {{"OF_LABEL": "yes"}}}}]'
COPY hello /hello
SHELL ["/bin/busybox", "sh", "-c"]
RUN cat /proc/$$/cmdline > /shell; true
RUN id -u > /by && echo "$GREETING" > /greeting
WORKDIR /work
)",
                                            base()),
                                R"("args": {"GREETING": "${localEnv:NONE:hi there}"})");
  write(folder + "/.devcontainer/hello", "from the context\n");
  auto said = up(folder);
  EXPECT_THAT(said, AllOf(HasSubstr("build    .devcontainer/Dockerfile"), HasSubstr("STEP 1/"),
                          HasSubstr("RUN id -u")));
  EXPECT_EQ(inside("web", "cat /hello /by /greeting; echo $SAID $OF_LABEL"),
            "from the context\n0\nhi there\nhi there yes\n");
  EXPECT_EQ(inside("web", "echo $HOME"), "/home/dev\n");
  EXPECT_THAT(inside("web", "cat /shell"), HasSubstr("busybox"));
  ASSERT_THAT(built(), SizeIs(1));
  EXPECT_EQ(text_or(home->environment("web"), "image"), built()[0]);
  // The log has what was printed.
  EXPECT_THAT(home->devenv({"logs", "web"}).out, AllOf(HasSubstr("--- build"), HasSubstr("STEP 1/")));
}

TEST_F(Builds, UnchangedNothingIsBuiltAndAChangeTakesFinishedSteps) {
  const std::string text =
      fmt::format("FROM {}\nRUN {}\nCOPY . /files\nRUN cat /files/file > /copied\n", base(), stamp);
  const std::string ignored = "Dockerfile\n*.json\n.dockerignore\n*.log\n";
  std::vector<std::string> folders;
  for (const char* name : {"one", "two"}) {
    folders.push_back(with_dockerfile(name, text));
    write(folders.back() + "/.devcontainer/.dockerignore", ignored);
    write(folders.back() + "/.devcontainer/file", "first\n");
  }
  EXPECT_THAT(up(folders[0]), HasSubstr("STEP 2/4"));
  auto mark = inside("one", "cat /stamp /copied");
  EXPECT_EQ(inside("one", "ls /files"), "file\n");
  // Another repository with the same, and what is left out: not even buildah runs.
  write(folders[1] + "/.devcontainer/today.log", "1\n");
  EXPECT_THAT(up(folders[1]), AllOf(HasSubstr("cached"), Not(HasSubstr("STEP"))));
  EXPECT_EQ(inside("two", "cat /stamp /copied"), mark);
  EXPECT_THAT(built(), SizeIs(1));
  // A file that counts: the steps before it are there.
  write(folders[1] + "/.devcontainer/file", "second\n");
  EXPECT_THAT(up(folders[1], {"--recreate"}), AllOf(HasSubstr("STEP 3/4"), HasSubstr("Using cache")));
  auto changed = inside("two", "cat /stamp /copied");
  EXPECT_EQ(changed.substr(0, 37), mark.substr(0, 37));
  EXPECT_EQ(changed.substr(37), "second\n");
  EXPECT_EQ(inside("one", "cat /stamp /copied"), mark);
  EXPECT_THAT(built(), SizeIs(2));
  // What an environment stands on stays; the rest goes, and is built again.
  ASSERT_EQ(home->devenv({"rm", "--yes", "one"}).status, 0);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  EXPECT_THAT(built(), ElementsAre(text_or(home->environment("two"), "image")));
  EXPECT_EQ(inside("two", "cat /copied"), "second\n");
  EXPECT_THAT(up(folders[0]), HasSubstr("STEP 4/4"));
  EXPECT_EQ(inside("one", "cat /copied"), "first\n");
}

TEST_F(Builds, TheListSaysWhatStepsTakeAndTheCollectionFreesThem) {
  auto folder =
      with_dockerfile("web", fmt::format("FROM {}\nRUN head -c 3000000 /dev/urandom > /bytes\n", base()));
  EXPECT_THAT(home->devenv({"image", "ls"}).err, Not(HasSubstr("steps")));
  up(folder);
  EXPECT_THAT(home->devenv({"image", "ls"}).err,
              ContainsRegex("beside them: .*steps of Dockerfiles [0-9.]+ MB\n"));
  std::int64_t steps = 0;
  auto rows = parse_json(home->devenv({"image", "ls", "--all", "--json"}).out, "the list").value();
  for (const auto& row : rows.get_array())
    if (text_or(row, "kind") == "steps") steps += number_or(row, "size");
  EXPECT_GE(steps, 3000000);
  ASSERT_EQ(home->devenv({"rm", "--yes", "web"}).status, 0);
  auto freed = parse_json(home->devenv({"image", "gc", "--json"}).out, "the answer").value();
  EXPECT_GE(number_or(freed, "freed"), steps);
  EXPECT_THAT(home->devenv({"image", "ls"}).err, Not(HasSubstr("steps")));
}

TEST_F(Builds, AnEnvironmentThatExistsKeepsItsImage) {
  auto folder = with_dockerfile("web", fmt::format("FROM {}\nRUN echo 1 > /made\n", base()));
  up(folder);
  ASSERT_EQ(home->devenv({"stop", "web"}).status, 0);
  write(folder + "/.devcontainer/Dockerfile", fmt::format("FROM {}\nRUN echo 2 > /made\n", base()));
  EXPECT_THAT(up(folder), AllOf(HasSubstr("or its Dockerfile has changed"), Not(HasSubstr("STEP"))));
  EXPECT_EQ(inside("web", "cat /made"), "1\n");
  ASSERT_EQ(home->devenv({"rebuild", "web"}, folder).status, 0);
  EXPECT_EQ(inside("web", "cat /made"), "2\n");
}

TEST_F(Builds, StagesAndTheirTarget) {
  const std::string text = fmt::format(R"(FROM {0} AS tools
RUN echo tool > /tool
FROM {0} AS lean
COPY --from=tools /tool /of-tools
RUN rm -r /home/dev && mkdir /home/dev && echo lean > /kind
FROM lean
RUN echo full > /kind
)",
                                       base());
  up(with_dockerfile("lean", text, R"("target": "lean")"));
  EXPECT_EQ(inside("lean", "cat /of-tools /kind; ls -A /home/dev; ls / | grep -x tool; true"),
            "tool\nlean\n");
  EXPECT_THAT(up(with_dockerfile("full", text)), HasSubstr("Using cache"));
  EXPECT_EQ(inside("full", "cat /of-tools /kind"), "tool\nfull\n");
}

TEST_F(Builds, OlderFormsAndAContextAbove) {
  auto folder = *home / "old";
  put(folder + "/docker/dev.Dockerfile", fmt::format("FROM {}\nCOPY src/a /a\nUSER dev\n", base()));
  put(folder + "/src/a", "of the repository\n");
  project("old", R"({"dockerFile": "../docker/dev.Dockerfile", "context": ".."})");
  up(folder);
  EXPECT_EQ(inside("old", "cat /a; echo $HOME"), "of the repository\n/home/dev\n");
}

TEST_F(Builds, ARepositoryThatIsCloned) {
  const std::string repository = *home / "served/web.git";
  put(repository + "/.devcontainer/Dockerfile",
      fmt::format("FROM {}\nCOPY initialized /\nRUN {}\n", base(), stamp));
  make_project_repository(repository, R"({"build": {"dockerfile": "Dockerfile"},
    "initializeCommand": "echo before > .devcontainer/initialized"})");
  GitHttpServer server(*home / "served");
  auto asked = home->devenv({"up", server.url("web.git")});
  EXPECT_EQ(asked.status, 4) << asked.err;
  EXPECT_THAT(built(), IsEmpty());
  auto agreed = home->devenv({"up", "--trust", server.url("web.git")});
  ASSERT_EQ(agreed.status, 0) << agreed.err;
  EXPECT_EQ(inside("web", "cat /initialized; wc -c < /stamp"), "before\n37\n") << "it runs before the build";
  auto again = home->devenv({"up", server.url("web.git"), "--recreate"});
  EXPECT_EQ(again.status, 0) << "what was agreed to stays so: " << again.err;
}

TEST_F(Builds, FeaturesOnTop) {
  auto folder =
      with_dockerfile("web", fmt::format("FROM {}\nENV OF_IMAGE=yes\nRUN echo built > /order\n", base()), "",
                      R"("features": {"./tools": {}}, "remoteUser": "root")");
  put(folder + "/.devcontainer/tools/devcontainer-feature.json", R"({"id": "tools"})");
  write(folder + "/.devcontainer/tools/install.sh", "#!/bin/sh\necho \"feature $OF_IMAGE\" >> /order\n");
  up(folder);
  EXPECT_EQ(inside("web", "cat /order"), "built\nfeature yes\n");
}

TEST_F(Builds, TwoAtOnceBuildOnce) {
  std::vector<Child> running;
  for (const char* name : {"one", "two", "three"}) {
    auto folder = with_dockerfile(name, fmt::format("FROM {}\nRUN sleep 1; {}\n", base(), stamp));
    running.push_back(home->begin({"up"}, -1, folder));
  }
  for (auto& child : running) EXPECT_EQ(child.wait().value_or(-1), 0) << home->log();
  EXPECT_EQ(inside("one", "cat /stamp"), inside("two", "cat /stamp"));
  EXPECT_EQ(inside("one", "cat /stamp"), inside("three", "cat /stamp"));
  EXPECT_THAT(built(), SizeIs(1));
}

TEST_F(Builds, SeveralDifferentOnesAtOnce) {
  std::vector<Child> running;
  for (const char* name : {"one", "two", "three"}) {
    auto folder = with_dockerfile(name, fmt::format("FROM {}\nRUN sleep 1; echo {} > /name\n", base(), name));
    running.push_back(home->begin({"up"}, -1, folder));
  }
  for (auto& child : running) EXPECT_EQ(child.wait().value_or(-1), 0) << home->log();
  for (const char* name : {"one", "two", "three"})
    EXPECT_EQ(inside(name, "cat /name"), std::string(name) + "\n");
}

TEST_F(Builds, WhatChangesMeanwhileIsBuiltAgain) {
  const std::string text = fmt::format("FROM {}\nCOPY file /file\nRUN echo begun; sleep 2\n", base());
  auto folder = with_dockerfile("web", text);
  write(folder + "/.devcontainer/file", "first\n");
  auto cli = home->begin({"up"}, -1, folder);
  ASSERT_TRUE(
      eventually([] { return home->devenv({"logs", "web"}).out.find("\nbegun") != std::string::npos; },
                 std::chrono::seconds(30)));
  write(folder + "/.devcontainer/file", "second\n");
  EXPECT_EQ(cli.wait().value_or(-1), 0) << home->log();
  EXPECT_EQ(inside("web", "cat /file"), "second\n");
  auto same = with_dockerfile("same", text);
  write(same + "/.devcontainer/file", "second\n");
  EXPECT_THAT(up(same), HasSubstr("cached"));
  EXPECT_THAT(built(), SizeIs(1));
}

TEST_F(Builds, AnImageThatThisMachineAloneHas) {
  auto imported = home->devenv({"image", "import", *home / "image.tar", "--name", "alone/base:1"});
  ASSERT_EQ(imported.status, 0) << imported.err;
  up(with_dockerfile("web", fmt::format("FROM {} AS tools\nRUN echo tool > /tool\nFROM alone/base:1\n"
                                        "COPY --from=tools /tool /of-tools\n",
                                        base())));
  EXPECT_EQ(inside("web", "cat /of-tools"), "tool\n");
  // Of the same name by now, but another one.
  put(*home / "more/added", "of the second\n");
  must_run({"tar", "-C", *home / "more", "--append", "-f", *home / "image.tar", "./added"});
  ASSERT_EQ(home->devenv({"image", "import", *home / "image.tar", "--name", "alone/base:1"}).status, 0);
  up(with_dockerfile("new", "FROM alone/base:1\nRUN cp /added /copied\n"));
  EXPECT_EQ(inside("new", "cat /copied"), "of the second\n");
}

TEST_F(Builds, ABaseThatIsHereIsNotFetchedAgain) {
  const std::string onbuild = R"("OnBuild":["RUN echo triggered > /onbuild"],)";
  std::string host, digest;
  {
    TemporaryFolder folder;
    fixtures::DockerRegistry closing(folder.path());
    host = closing.host();
    digest = push_small_image(closing, *home / "image.tar", "acme/base", "1", onbuild);
    up(project("before", fmt::format(R"({{"image": "{}/acme/base:1"}})", host)));
    up(project("pinned", fmt::format(R"({{"image": "{}/acme/base@{}"}})", host, digest)));
  }
  up(with_dockerfile("tag", fmt::format("FROM {}/acme/base:1\nRUN echo tag > /own\n", host)));
  EXPECT_EQ(inside("tag", "cat /onbuild /own"), "triggered\ntag\n");
  up(with_dockerfile("digest", fmt::format("FROM {}/acme/base@{}\nRUN echo digest > /own\n", host, digest)));
  EXPECT_EQ(inside("digest", "cat /onbuild /own"), "triggered\ndigest\n");
  // Who asks for it gets the newest, or is told.
  auto folder = with_dockerfile("newest", fmt::format("FROM {}/acme/base:1\nRUN true\n", host),
                                R"("options": ["--pull"])");
  EXPECT_THAT(home->devenv({"up"}, folder).err, HasSubstr("the build failed at STEP 1/2: FROM"));
}

TEST_F(Builds, ARegistryThatWantsALogin) {
  TemporaryFolder folder;
  fixtures::DockerRegistry closed(folder.path(), "ada", "secret-of-ada");
  push_small_image(closed, *home / "image.tar", "acme/base", "1");
  auto web = with_dockerfile("web", fmt::format("FROM {}/acme/base:1\nRUN env > /env\n", closed.host()));
  auto refused = home->devenv({"up"}, web);
  EXPECT_EQ(refused.status, 5);
  EXPECT_THAT(refused.err, HasSubstr(fmt::format("Dockerfile:1:1: FROM {}/acme/base:1: ", closed.host())));
  write(*home / "user/.docker/config.json",
        fmt::format(R"({{"auths": {{"{}": {{"auth": "YWRhOnNlY3JldC1vZi1hZGE="}}}}}})", closed.host()));
  up(web);
  EXPECT_THAT(inside("web", "cat /env"), Not(HasSubstr("secret")));
  auto left = run({.argv = {"grep", "-rlE", "secret-of-ada|YWRhOnNlY3JldC1vZi1hZGE", kept(),
                            home->paths().runtime + "/builds"}});
  EXPECT_EQ(left->out, "");
  std::filesystem::remove_all(*home / "user/.docker");
}

TEST_F(Builds, OptionsOfDockerBuild) {
  up(with_dockerfile(
      "web", fmt::format("FROM {}\nARG X\nRUN cat /etc/hosts > /told; echo $X >> /told\n", base()),
      R"("options": ["--add-host=db.test:10.9.8.7", "--build-arg", "X=y", "--shm-size=32mb"])"));
  EXPECT_THAT(inside("web", "cat /told"), AllOf(HasSubstr("10.9.8.7\tdb.test"), HasSubstr("\ny\n")));
  up(with_dockerfile("alone", fmt::format("FROM {}\nRUN grep -c : /proc/net/dev > /told\n", base()),
                     R"("options": ["--network=none", "--no-cache"])"));
  EXPECT_EQ(inside("alone", "cat /told"), "1\n");
}

// A Dockerfile is another person's program.
TEST_F(Builds, WhatRunMayDo) {
  up(with_dockerfile("web", fmt::format(R"(FROM {}
RUN grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status > /told; cat /proc/net/dev >> /told
RUN ! (echo x > /proc/sys/kernel/hostname) 2>/dev/null && ! (echo x > /sys/kernel/uevent_helper) 2>/dev/null
RUN ! nc 127.0.0.1 {} </dev/null 2>/dev/null
RUN test ! -e {} && test ! -e /scratch && test ! -e /context
)",
                                        base(), registry->port(), home->folder())));
  auto told = inside("web", "cat /told");
  EXPECT_THAT(told,
              AllOf(HasSubstr("Seccomp:\t2"), HasSubstr("CapEff:\t00000000a00425fb"), HasSubstr("eth0")));
}

/// A layer may bring nodes of devices. One that this machine's root could open is taken: of loop-control,
/// fuse or tun, which runc 1.1 gives to all its containers.
TEST_F(Builds, NodesOfDevicesInALayerAreDead) {
  TemporaryFolder folder;
  must_run({"mkdir", folder / "layer"});
  bool opens = false;
  for (const char* minor : {"237", "229", "200"}) {
    must_run({"rm", "-f", folder / "layer/node"});
    must_run({"mknod", "-m", "0666", folder / "layer/node", "c", "10", minor});
    opens = open_fd(folder / "layer/node", O_RDWR).has_value();
    if (opens) break;
  }
  ASSERT_TRUE(opens) << "outside of a build one of them can be opened";
  must_run({"tar", "-C", folder / "layer", "--append", "-f", *home / "image.tar", "./node"});
  push_small_image(*registry, *home / "image.tar", "acme/nodes", "1");
  up(with_dockerfile(
      "web", fmt::format("FROM {}/acme/nodes:1\nRUN ! (: </node) && echo dead > /told\n", registry->host())));
  EXPECT_EQ(inside("web", "cat /told"), "dead\n");
}

}  // namespace
}  // namespace photon::tests
