// What a compose file asks of a container is there inside.
#include <unistd.h>

#include "tests/integration/compose/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// In a machine within a machine control groups of version 2 may have no controllers at all.
bool controls_memory() {
  auto listed = read_file("/sys/fs/cgroup/cgroup.controllers");
  return listed ? listed->find("memory") != std::string::npos
                : std::filesystem::exists("/sys/fs/cgroup/memory/memory.limit_in_bytes");
}

class Container : public ComposeTest {
 protected:
  /// What the service "db" has written to its file /out/said, which the environment sees.
  static std::string said(const std::string& name) { return inside(name, "cat /out/said"); }
};

TEST_F(Container, UsersFoldersAndCommands) {
  up(with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity, volumes: ['out:/out'], depends_on: {db: {condition: service_completed_successfully}}}
  db:
    image: BASE
    user: dev
    group_add: ['123']
    working_dir: /tmp
    entrypoint: [/bin/sh, -c]
    command: ["(id -u; id -G; pwd; hostname; echo $$A) > /out/said"]
    hostname: named
    environment: [A=b c]
    volumes: ['out:/out']
volumes: {out: }
)"));
  EXPECT_EQ(said("web"), "1000\n1000 123\n/tmp\nnamed\nb c\n");
}

TEST_F(Container, VolumesTmpfsConfigsAndSecrets) {
  auto folder = with_compose("web", R"(
services:
  app:
    image: BASE
    command: sleep infinity
    volumes:
      - out:/out
      - ./made:/made
      - {type: bind, source: ., target: /here, read_only: true}
    tmpfs: /scratch:size=1m
    secrets: [one]
    configs: [{source: two, target: /etc/two, mode: 0400}]
    shm_size: 32m
    depends_on: {db: {condition: service_completed_successfully}}
  db:
    image: BASE
    command: ["sh", "-c", "cat /run/secrets/one /etc/two > /out/said; stat -c %a /etc/two >> /out/said; touch /made/by-db"]
    volumes: ['out:/out', './made:/made']
    secrets: [one]
    configs: [{source: two, target: /etc/two, mode: 0400}]
volumes: {out: }
secrets: {one: {file: one.txt}}
configs: {two: {content: "of the file\n"}}
)");
  write(folder + "/.devcontainer/one.txt", "secret\n");
  up(folder);
  EXPECT_EQ(said("web"), "secret\nof the file\n400\n");
  EXPECT_EQ(inside("web", "ls /made; cat /run/secrets/one; ls /here"),
            "by-db\nsecret\ncompose.yml\ndevcontainer.json\nmade\none.txt\n");
  EXPECT_EQ(home->devenv({"exec", "web", "--", "touch", "/here/x"}).status, 1);
  EXPECT_THAT(inside("web", "df -k /scratch /dev/shm"), AllOf(HasSubstr("1024"), HasSubstr("32768")));
  // A volume outlives containers, and goes with the environment.
  up(folder, {"--recreate"});
  EXPECT_THAT(said("web"), HasSubstr("secret"));
  auto refused = home->devenv({"rm", "web"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, HasSubstr("volume web_out"));
}

TEST_F(Container, RightsLimitsAndNames) {
  const std::string limits = std::string("    mem_limit: 64m\n    pids_limit: 50\n    cpus: 0.5\n") +
                             (user ? "" : "    oom_score_adj: 100\n");
  auto told = up(with_compose("web", R"(
services:
  app:
    image: BASE
    command: sleep infinity
    volumes: ['out:/out']
    cap_drop: [ALL]
    cap_add: [NET_RAW]
    ulimits: {nofile: {soft: 100, hard: 200}}
    sysctls: {net.ipv4.ip_default_ttl: 99}
    extra_hosts: ["elsewhere:192.0.2.7", "machine:host-gateway"]
    dns: [192.0.2.53]
    dns_search: [example.org]
    dns_opt: [ndots:2]
    security_opt: [no-new-privileges]
    devices: ['/dev/null:/dev/nothing']
    depends_on: {db: {condition: service_completed_successfully}}
  db:
    image: BASE
    read_only: true
    command: ["sh", "-c", "touch /x || echo read only > /out/said; cat /proc/sys/net/ipv4/ip_default_ttl >> /out/said; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1 > /out/memory; true"]
    volumes: ['out:/out']
)" + limits + "volumes: {out: }\n"));
  EXPECT_EQ(said("web"), "read only\n64\n");
  if (user) {
    EXPECT_THAT(told, HasSubstr("have no effect: an ordinary user may not set them (memory, cpu, pids)"));
  } else if (controls_memory()) {
    EXPECT_EQ(inside("web", "cat /out/memory"), "67108864\n");
  } else {
    EXPECT_THAT(told,
                AllOf(HasSubstr("limits of the service db have no effect: this machine's control groups"),
                      HasSubstr("memory")));
  }
  EXPECT_EQ(inside("web", "ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_default_ttl"), "100\n200\n99\n");
  EXPECT_THAT(inside("web", "grep CapBnd /proc/self/status"), HasSubstr("0000000000002000"));
  EXPECT_THAT(inside("web", "grep NoNewPrivs /proc/self/status"), HasSubstr("1"));
  EXPECT_THAT(inside("web", "cat /etc/hosts"),
              AllOf(HasSubstr("192.0.2.7 elsewhere"), HasSubstr(" machine\n")));
  EXPECT_EQ(inside("web", "cat /etc/resolv.conf"),
            "nameserver 192.0.2.53\nsearch example.org\noptions ndots:2\n");
  EXPECT_EQ(inside("web", "echo x > /dev/nothing && test -c /dev/nothing && echo yes"), "yes\n");
}

TEST_F(Container, AServiceIsWaitedForUntilItIsHealthy) {
  up(with_compose("web", R"(
services:
  app:
    image: BASE
    command: sleep infinity
    depends_on: {db: {condition: service_healthy}}
    volumes: ['out:/out']
  db:
    image: BASE
    command: ["sh", "-c", "sleep 1; touch /ready; sleep infinity"]
    healthcheck: {test: "test -e /ready && echo healthy > /out/said", interval: 1s, retries: 20}
    volumes: ['out:/out']
volumes: {out: }
)"));
  EXPECT_EQ(said("web"), "healthy\n");
}

TEST_F(Container, AServiceIsStartedAgain) {
  up(with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity, volumes: ['out:/out']}
  db:
    image: BASE
    restart: on-failure
    command: ["sh", "-c", "echo run >> /out/said; test $$(wc -l < /out/said) -ge 3 || exit 1; sleep infinity"]
    volumes: ['out:/out']
volumes: {out: }
)"));
  EXPECT_TRUE(eventually([] { return said("web") == "run\nrun\nrun\n"; })) << said("web");
  EXPECT_EQ(task("web", "db"), "running");
}

TEST_F(Container, AServiceEndsByItsOwnSignal) {
  up(with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity, volumes: ['out:/out']}
  db:
    image: BASE
    stop_signal: SIGUSR1
    command: ["sh", "-c", "trap 'echo told > /out/said; exit 0' USR1; trap '' TERM; while :; do sleep 0.1; done"]
    volumes: ['out:/out']
volumes: {out: }
)"));
  ASSERT_EQ(home->devenv({"stop", "web"}).status, 0);
  ASSERT_EQ(home->devenv({"start", "web"}).status, 0);
  EXPECT_EQ(said("web"), "told\n");
}

TEST_F(Container, PortsArePublishedOnThisMachine) {
  up(with_compose("web", R"(
services:
  app: {image: BASE, command: busybox httpd -f -p 8000 -h /etc, ports: ['18321:8000'], networks: [front]}
  db: {image: BASE, command: busybox httpd -f -p 8000 -h /etc, ports: ['127.0.0.1:18322:8000'], networks: [back]}
networks: {front: , back: }
)"));
  for (int port : {18321, 18322}) {
    auto got = eventually([&] {
      auto asked = run({{"curl", "-s", "-m", "2", fmt::format("http://127.0.0.1:{}/passwd", port)}});
      return asked && asked->out.find("root") != std::string::npos;
    });
    EXPECT_TRUE(got) << port;
  }
}

}  // namespace
}  // namespace photon::tests
