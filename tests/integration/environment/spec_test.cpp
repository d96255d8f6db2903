// devcontainer.json as it acts: each property through `devenv up`, seen from inside.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/integration/environment/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Spec : public EnvironmentTest {
 protected:
  /// Whether a folder's owner can be shown as the remote user; without privilege the user is root inside.
  static bool mapped() { return ::geteuid() == 0 && !user; }
};

TEST_F(Spec, VariablesAreThoseOfTheMachineTheFileAndTheContainer) {
  auto folder = project("vars", R"({
    "image": "devenv/base:latest",
    "remoteUser": "root",
    "containerEnv": {"MADE": "${localWorkspaceFolderBasename}", "FALLBACK": "${localEnv:NO_SUCH:plan b}",
                     "ID": "${devcontainerId}"},
    "remoteEnv": {"SEEN": "${containerEnv:MADE}-${containerEnv:NONE:none}", "FALLBACK": null},
    "workspaceFolder": "/src/${localWorkspaceFolderBasename}",
    "workspaceMount": "type=bind,source=${localWorkspaceFolder},target=/src/vars"})");
  up(folder);
  EXPECT_EQ(inside("vars", "echo $MADE $SEEN ${FALLBACK-unset} ${#ID}; pwd"),
            "vars vars-none unset 52\n/src/vars\n");
  EXPECT_EQ(inside("vars", "cat README.md"), "# Web\n");
}

TEST_F(Spec, MountsOfAllKinds) {
  std::filesystem::create_directories(*home / "shared");
  put(*home / "shared/file", "from the machine\n");
  auto text = fmt::format(R"({{
    "image": "devenv/base:latest",
    "mounts": ["source=cache,target=/cache,type=volume",
               {{"type": "bind", "source": "{}", "target": "/shared", "readonly": true}},
               "type=tmpfs,target=/fast,tmpfs-size=1m,tmpfs-mode=0700",
               "target=/own,type=volume"],
    "runArgs": ["--shm-size=2m", "--tmpfs", "/quick:size=3m"]}})",
                          *home / "shared");
  up(project("one", text));
  EXPECT_EQ(inside("one", "cat /shared/file"), "from the machine\n");
  EXPECT_NE(home->devenv({"exec", "one", "--", "touch", "/shared/more"}).status, 0);
  inside("one", "echo kept > /cache/file; echo mine > /own/file");
  auto mounts = inside("one", "cat /proc/mounts");
  EXPECT_THAT(mounts, AllOf(HasSubstr(" /fast tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=700"),
                            HasSubstr(" /dev/shm tmpfs rw,nosuid,nodev,relatime,size=2048k"),
                            HasSubstr(" /quick tmpfs rw,nosuid,nodev,relatime,size=3072k")));
  // A volume with a name is shared, one without is the environment's own and outlives its container.
  up(project("two", text));
  EXPECT_EQ(inside("two", "cat /cache/file; ls /own"), "kept\n");
  up(*home / "one", {"--recreate"});
  EXPECT_EQ(inside("one", "cat /own/file"), "mine\n");
}

TEST_F(Spec, RunArgsThatAct) {
  up(project("args", R"({
    "image": "devenv/base:latest",
    "runArgs": ["--hostname", "box", "--add-host=db.test:192.0.2.9", "--dns=192.0.2.53", "-e", "A=b",
                "--cap-add=SYS_PTRACE"]})"));
  EXPECT_EQ(inside("args", "cat /etc/hostname; echo $A"), "box\nb\n");
  auto hosts = inside("args", "cat /etc/hosts");
  EXPECT_THAT(hosts, AllOf(HasSubstr(" box args args.devenv\n"), HasSubstr("192.0.2.9 db.test\n")));
  EXPECT_EQ(inside("args", "cat /etc/resolv.conf"), "nameserver 192.0.2.53\n");
  up(project("alone", R"({"image": "devenv/base:latest", "runArgs": ["--network=none"]})"));
  EXPECT_EQ(inside("alone", "grep -c : /proc/net/dev"), "1\n") << "the loopback alone";
}

TEST_F(Spec, HooksInTheirOrderAndTheirForms) {
  auto folder = project("hooks", R"({
    "image": "devenv/base:latest",
    "initializeCommand": "echo machine > made-here",
    "postAttachCommand": "echo attach >> /tmp/order",
    "postStartCommand": ["sh", "-c", "echo start >> /tmp/order"],
    "postCreateCommand": {"one": "echo one > /tmp/one", "two": ["touch", "/tmp/two $HOME"]},
    "updateContentCommand": "echo update $PWD >> /tmp/order",
    "onCreateCommand": "echo create >> /tmp/order; cat made-here >> /tmp/order"})");
  up(folder);
  EXPECT_EQ(inside("hooks", "cat /tmp/order /tmp/one; cd /tmp; echo two*"),
            "create\nmachine\nupdate /workspaces/hooks\nstart\nattach\none\ntwo $HOME\n");
  // An attach is each `up`; a start is each start; the others were once.
  inside("hooks", "echo - > /tmp/order");
  up(folder);
  ASSERT_EQ(home->devenv({"stop", "hooks"}).status, 0);
  up(folder);
  EXPECT_EQ(inside("hooks", "cat /tmp/order"), "-\nattach\nstart\nattach\n");
}

TEST_F(Spec, OneOfSeveralConfigurationsIsChosen) {
  auto folder = *home / "many";
  put(folder + "/.devcontainer/api/devcontainer.json",
      R"({"image": "devenv/base:latest", "containerEnv": {"WHICH": "api"}})");
  put(folder + "/.devcontainer/web/devcontainer.json",
      R"({"image": "devenv/base:latest", "containerEnv": {"WHICH": "web"}})");
  auto asked = home->devenv({"up"}, folder);
  EXPECT_EQ(asked.status, 2);
  EXPECT_THAT(asked.err,
              AllOf(HasSubstr("the repository has 2 configurations: .devcontainer/api/devcontainer.json"),
                    HasSubstr("devenv up --config .devcontainer/api/devcontainer.json")));
  EXPECT_TRUE(home->names().empty());
  up(folder, {"--config", "web"});
  EXPECT_EQ(inside("many", "echo $WHICH"), "web\n");
}

TEST_F(Spec, WhatIsNotSupportedIsSaidInOneLine) {
  auto done = home->devenv(
      {"up"}, project("later", R"({"image": "devenv/base", "build": {"options": ["--ssh=default"]}})"));
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr("\"build.options\": --ssh is not supported"));
  EXPECT_TRUE(home->names().empty());
}

TEST_F(Spec, APortThatMustBeItselfIsAConflictWhenItIsTaken) {
  Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&name), &size);
  auto port = ntohs(name.sin_port);
  auto config = [&](bool exact) {
    return fmt::format(R"({{"image": "devenv/base:latest", "forwardPorts": [{0}],
                           "portsAttributes": {{"{0}": {{"requireLocalPort": {1}}}}}}})",
                       port, exact);
  };
  auto done = home->devenv({"up"}, project("exact", config(true)));
  EXPECT_EQ(done.status, 4) << done.err;
  EXPECT_THAT(done.err, HasSubstr(fmt::format("port {} of this machine is taken", port)));
  up(project("exact", config(false)));  // another number will do
}

/// A docker archive of the small image with that configuration.
std::string archive(const std::string& folder, const std::string& config) {
  std::filesystem::create_directories(folder + "/parts");
  make_small_image(folder + "/parts/layer.tar");
  auto sum = must_run({"sha256sum", folder + "/parts/layer.tar"}).substr(0, 64);
  put(folder + "/parts/config.json",
      fmt::format(R"({{"architecture": "{}", "os": "linux", "config": {},
                      "rootfs": {{"type": "layers", "diff_ids": ["sha256:{}"]}}}})",
                  must_run({"uname", "-m"}) == "aarch64\n" ? "arm64" : "amd64", config, sum));
  put(folder + "/parts/manifest.json",
      R"([{"Config": "config.json", "RepoTags": ["acme/tool:1"], "Layers": ["layer.tar"]}])");
  must_run({"tar", "-C", folder + "/parts", "-cf", folder + "/image.tar", "."});
  return folder + "/image.tar";
}

TEST_F(Spec, TheImagesOwnCommandAndMetadataAct) {
  auto file = archive(*home / "tool", R"({
    "User": "dev", "Env": ["PATH=/bin", "FROM_IMAGE=yes"],
    "Entrypoint": ["sh", "-c", "id -un > /tmp/entry; exec \"$@\"", "--"],
    "Cmd": ["sh", "-c", "echo $0 $FROM_IMAGE > /tmp/cmd; exec sleep 1000", "command"],
    "Labels": {"devcontainer.metadata":
      "[{\"entrypoint\": \"echo feature > /tmp/feature\", \"postCreateCommand\": \"echo image >> /tmp/order\", \"remoteEnv\": {\"OF_LABEL\": \"1\"}}]"}
  })");
  auto imported = home->devenv({"image", "import", file});
  ASSERT_EQ(imported.status, 0) << imported.err;
  up(project("own", R"({"image": "acme/tool:1", "overrideCommand": false,
                        "postCreateCommand": "echo file >> /tmp/order"})"));
  EXPECT_TRUE(eventually([&] { return inside("own", "cat /tmp/cmd; true") == "command yes\n"; }));
  EXPECT_EQ(inside("own", "cat /tmp/entry /tmp/feature /tmp/order; echo $OF_LABEL; id -un"),
            fmt::format("dev\nfeature\nimage\nfile\n1\n{}\n", mapped() ? "dev" : "root"));
  up(project("ours", R"({"image": "acme/tool:1"})"));
  EXPECT_NE(home->devenv({"exec", "ours", "--", "cat", "/tmp/cmd"}).status, 0) << "overrideCommand is true";
}

TEST_F(Spec, AFolderOfAnotherOwnerIsTheRemoteUsers) {
  auto folder = project("ids", R"({"image": "devenv/base:latest", "remoteUser": "dev"})");
  if (mapped()) must_run({"chown", "-R", "1234:1234", folder});
  up(folder);
  EXPECT_EQ(inside("ids", "stat -c %u:%g README.md; touch made; stat -c %u:%g made; id -u"),
            mapped() ? "1000:1000\n1000:1000\n1000\n" : "0:0\n0:0\n0\n");
  struct stat made{};
  ASSERT_EQ(::stat((folder + "/made").c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, mapped() ? 1234u : user ? user->uid : ::geteuid());
}

}  // namespace
}  // namespace photon::tests
