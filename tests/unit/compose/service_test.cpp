// Each property of a service in its forms, and what is wrong with its place.
#include "tests/unit/compose/world.hpp"

namespace photon::compose {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

std::string ports(const std::string& list) {
  std::string words;
  for (const auto& port : app("    ports: " + list).ports)
    words += fmt::format("{}:{} ", port.published, port.target);
  return words;
}

TEST(Service, Ports) {
  EXPECT_EQ(ports("['3000']"), "0:3000 ");
  EXPECT_EQ(ports("['8080:80', 127.0.0.1:8081:81, 9000:90/tcp]"), "8080:80 8081:81 9000:90 ");
  EXPECT_EQ(ports("['8000-8001:80-81', '5-6']"), "8000:80 8001:81 0:5 0:6 ");
  EXPECT_EQ(ports("[{target: 80, published: '8080', protocol: tcp, mode: host}]"), "8080:80 ");
  EXPECT_EQ(ports("['8080:80', '8080:80']"), "8080:80 ");
  EXPECT_EQ(ports("['8000-8010:80']"), "8000:80 ");
  EXPECT_THAT(app_fault("    ports: ['80/udp']"),
              HasSubstr("compose.yml:4:13: \"ports: …/udp\" is not supported"));
  EXPECT_THAT(app_fault("    ports: ['80:abc']"), HasSubstr("\"ports\" must be a port"));
  EXPECT_THAT(app_fault("    ports: ['1-3:1-2']"), HasSubstr("two ranges of the same length"));
  EXPECT_THAT(app_fault("    ports: '80'"), HasSubstr("must be a list"));
}

TEST(Service, Volumes) {
  auto service = app(R"(    volumes:
      - ..:/up:cached
      - ~/x:/home:ro
      - data:/data
      - /cache
      - {type: bind, source: ./a, target: /a, bind: {create_host_path: true, propagation: rslave}}
      - {type: volume, source: data, target: /again, read_only: true, volume: {nocopy: true}}
      - {type: tmpfs, target: /tmp, tmpfs: {size: 64m, mode: '1770'}}
    tmpfs: ['/run:size=1m,mode=700', /scratch])",
                     "volumes: {data: }");
  std::vector<std::string> words;
  for (const auto& mount : service.mounts)
    words.push_back(fmt::format("{} {} {}{}{}", mount.type, mount.source, mount.target,
                                mount.read_only ? " ro" : "", mount.create ? " +" : ""));
  EXPECT_THAT(words, ElementsAre("bind /home/ada /up +", "bind /home/ada/x /home ro +", "volume data /data",
                                 "volume  /cache", "bind /home/ada/web/a /a +", "volume data /again ro",
                                 "tmpfs  /tmp", "tmpfs  /run", "tmpfs  /scratch"));
  EXPECT_THAT(service.mounts[4].options, ElementsAre(Pair("bind-propagation", "rslave")));
  EXPECT_THAT(service.mounts[6].options,
              ElementsAre(Pair("tmpfs-mode", "1770"), Pair("tmpfs-size", "67108864")));
  EXPECT_THAT(service.mounts[7].options, ElementsAre(Pair("tmpfs-mode", "700"), Pair("tmpfs-size", "1m")));
  EXPECT_THAT(app_fault("    volumes: ['./a:b']"),
              HasSubstr("compose.yml:4:15: \"volumes\" must be absolute inside"));
  EXPECT_THAT(app_fault("    volumes: ['dta:/d']", "volumes: {data: }"),
              AllOf(HasSubstr("compose.yml:4:15: there is no volume \"dta\""), HasSubstr("\"data\"?")));
  EXPECT_THAT(app_fault("    volumes: [{type: image, target: /x}]"), HasSubstr("bind, volume or tmpfs"));
  EXPECT_THAT(app_fault("    volumes: ['./a:/b:loud']"), HasSubstr("without the option \"loud\""));
}

TEST(Service, CommandsAreDividedAsByAShell) {
  EXPECT_THAT(*app("    command: sleep infinity").command, ElementsAre("sleep", "infinity"));
  EXPECT_THAT(*app("    command: sh -c 'echo \"$$X\" a\\ b' \"c d\"").command,
              ElementsAre("sh", "-c", "echo \"$X\" a\\ b", "c d"));
  EXPECT_THAT(*app("    entrypoint: ['/a b', c]").entrypoint, ElementsAre("/a b", "c"));
  EXPECT_THAT(*app("    entrypoint: []").entrypoint, IsEmpty());
  EXPECT_FALSE(app("    command:").command);
  EXPECT_THAT(app_fault("    command: \"echo 'x\""), HasSubstr("\"command\" must be a command"));
}

TEST(Service, EnvironmentLabelsAndUsers) {
  auto service = app(
      "    environment: {A: 1, B: true, C: , USER: , D: ''}\n    labels: [x=1, y]\n    user: '1000:1000'\n"
      "    group_add: [docker, 4]\n    working_dir: /w\n    hostname: h\n    container_name: c");
  EXPECT_THAT(service.environment,
              ElementsAre(Pair("A", "1"), Pair("B", "true"), Pair("USER", "ada"), Pair("D", "")));
  EXPECT_THAT(service.labels, ElementsAre(Pair("x", "1"), Pair("y", "")));
  EXPECT_EQ(service.user, "1000:1000");
  EXPECT_THAT(service.groups, ElementsAre("docker", "4"));
  EXPECT_THAT(app_fault("    working_dir: w"), HasSubstr("an absolute path"));
  EXPECT_THAT(app_fault("    environment: {A: [1]}"), HasSubstr("a map of texts"));
}

TEST(Service, DependenciesAndHealth) {
  auto service = app(R"(    depends_on:
      db: {condition: service_healthy, restart: true}
      job: {condition: service_completed_successfully, required: false}
    healthcheck: {test: curl -f localhost, interval: 1m30s, timeout: 500ms, retries: 5, start_period: 2, start_interval: 1s})",
                     "  db: {image: b, healthcheck: {test: [CMD, pg, -x]}}\n  job: {image: c}");
  EXPECT_EQ(service.depends_on.at("db").condition, Dependency::Condition::healthy);
  EXPECT_EQ(service.depends_on.at("job").condition, Dependency::Condition::completed);
  EXPECT_FALSE(service.depends_on.at("job").required);
  EXPECT_EQ(service.health->shell, "curl -f localhost");
  EXPECT_EQ(service.health->interval, 90s);
  EXPECT_EQ(service.health->timeout, 500ms);
  EXPECT_EQ(service.health->start_period, 2s);
  EXPECT_EQ(service.health->retries, 5U);
  EXPECT_TRUE(app("    healthcheck: {test: [NONE]}").health->disabled);
  EXPECT_TRUE(app("    healthcheck: {disable: true}").health->disabled);
  EXPECT_THAT(app_fault("    depends_on: {db: {condition: healthy}}", "  db: {image: b}"),
              HasSubstr("must be one of service_started"));
  EXPECT_THAT(app_fault("    depends_on: [bd]", "  db: {image: b}"),
              AllOf(HasSubstr("compose.yml:4:18: there is no service \"bd\""), HasSubstr("\"db\"?")));
  EXPECT_THAT(app_fault("    healthcheck: {test: [pg_isready]}"), HasSubstr("begins with CMD"));
  EXPECT_THAT(app_fault("    healthcheck: {interval: soon}"), HasSubstr("must be a duration"));
  EXPECT_THAT(app_fault("    depends_on: {db: {condition: service_healthy}}",
                        "  db: {image: b, healthcheck: {disable: true}}"),
              HasSubstr("whose healthcheck is off"));
}

TEST(Service, Limits) {
  auto service = app(R"(    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 99}
    sysctls: [net.core.somaxconn=1024]
    shm_size: 1.5gb
    cpus: '0.25'
    deploy: {resources: {limits: {memory: 64m, pids: 10}, reservations: {memory: 32M}}, replicas: 1}
    oom_score_adj: -5
    devices: ['/dev/fuse', '/dev/null:/dev/x:r']
    restart: on-failure:3
    stop_signal: SIGINT
    stop_grace_period: 1m)");
  EXPECT_EQ(service.ulimits.at("nofile").hard, 2048);
  EXPECT_EQ(service.ulimits.at("nproc").soft, 99);
  EXPECT_THAT(service.sysctls, ElementsAre(Pair("net.core.somaxconn", "1024")));
  EXPECT_EQ(service.shm_size, 3ULL << 29);
  EXPECT_EQ(service.limits.cpu_millis, 250U);
  EXPECT_EQ(service.limits.memory, 64ULL << 20);
  EXPECT_EQ(service.limits.memory_low, 32ULL << 20);
  EXPECT_EQ(service.limits.pids, 10);
  EXPECT_EQ(service.oom_score_adj, -5);
  EXPECT_EQ(service.devices.at(1).target, "/dev/x");
  EXPECT_EQ(service.devices.at(1).access, "r");
  EXPECT_EQ(service.restart.when, Restart::When::on_failure);
  EXPECT_EQ(service.restart.most, 3U);
  EXPECT_EQ(service.stop_grace, 60s);
  EXPECT_THAT(app_fault("    ulimits: {nofil: 1}"), HasSubstr("did you mean \"nofile\"?"));
  EXPECT_THAT(app_fault("    ulimits: {nofile: {soft: 5, hard: 1}}"), HasSubstr("soft at most hard"));
  EXPECT_THAT(app_fault("    sysctls: {vm.swappiness: 1}"), HasSubstr("a setting of a container's own"));
  EXPECT_THAT(app_fault("    deploy: {replicas: 3}"), HasSubstr("\"deploy.replicas: 3\" is not supported"));
  EXPECT_THAT(app_fault("    deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}"),
              HasSubstr("no GPU is handed in yet"));
  EXPECT_THAT(app_fault("    restart: sometimes"), HasSubstr("no, always, unless-stopped"));
  EXPECT_THAT(app_fault("    devices: [/etc/passwd]"), HasSubstr("devices of this machine"));
  EXPECT_THAT(app_fault("    mem_limit: lots"), HasSubstr("must be a size"));
}

TEST(Service, Builds) {
  auto build = *app("    build: {context: sub, dockerfile: ../D, args: [A=1, USER], target: t, labels: {l: "
                    "'1'}, no_cache: true}")
                    .build;
  EXPECT_EQ(build.context, "/home/ada/web/sub");
  EXPECT_EQ(build.dockerfile, "/home/ada/web/D");
  EXPECT_THAT(build.args, ElementsAre(Pair("A", "1"), Pair("USER", "ada")));
  EXPECT_EQ(build.target, "t");
  EXPECT_THAT(build.options, ElementsAre("--label=l=1", "--no-cache"));
  EXPECT_EQ(app("    build: .").build->dockerfile, "/home/ada/web/Dockerfile");
  EXPECT_THAT(app_fault("    build: ../other"),
              HasSubstr("compose.yml:4:12: the Dockerfile /home/ada/other/Dockerfile "
                        "lies outside of the repository"));
  EXPECT_THAT(app_fault("    build: {contxt: .}"),
              AllOf(HasSubstr("unknown key \"build.contxt\""), HasSubstr("\"context\"?")));
  EXPECT_THAT(app_fault("    build: {ssh: [default]}"), HasSubstr("\"build.ssh\" is not supported"));
  EXPECT_THAT(app_fault("    build: https://example.org/x.git"), HasSubstr("a folder of the repository is"));
}

TEST(Service, ConfigsAndSecrets) {
  World world(R"(
services:
  app:
    image: a
    secrets: [one, {source: two, target: other, mode: 0440, uid: '5'}]
    configs: [{source: three, target: /etc/three}]
secrets:
  one: {file: ./one.txt}
  two: {environment: USER}
configs:
  three: {content: "hello $USER"}
)");
  world.files["/home/ada/web/one.txt"] = "first\n";
  auto files = project_of(world).services[0].files;
  std::vector<std::string> words;
  for (const auto& file : files)
    words.push_back(fmt::format("{} {:o} {}", file.target, file.mode, file.content));
  EXPECT_THAT(words, ElementsAre("/run/secrets/one 444 first\n", "/run/secrets/other 440 ada",
                                 "/etc/three 444 hello ada"));
  EXPECT_THAT(app_fault("    secrets: [x]"), HasSubstr("compose.yml:4:15: there is no secret \"x\""));
  EXPECT_THAT(app_fault("    secrets: [x]", "secrets: {x: {file: none}}"), HasSubstr("there is no none"));
  EXPECT_THAT(app_fault("    secrets: [x]", "secrets: {x: {external: true}}"), HasSubstr("is not supported"));
  EXPECT_THAT(app_fault("    secrets: [x]", "secrets: {x: {environment: NONE}}"),
              HasSubstr("NONE is not set"));
}

TEST(Service, UnknownAndUnsupportedKeys) {
  EXPECT_THAT(app_fault("    comand: x"), AllOf(HasSubstr("compose.yml:4:5: unknown key \"comand\""),
                                                HasSubstr("did you mean \"command\"?")));
  EXPECT_THAT(app_fault("    pid: host"), HasSubstr("compose.yml:4:5: \"pid\" is not supported"));
  EXPECT_THAT(app_fault("    network_mode: host"),
              HasSubstr("compose.yml:4:19: \"network_mode: host\" is not supported"));
  EXPECT_TRUE(app("    x-mine: {a: [1]}").digest.size() == 64);
  World lenient(
      "services:\n  app:\n    image: a\n    comand: x\n    pid: host\n    logging: {driver: none}\n");
  lenient.allow_unknown = true;
  auto loaded = lenient.load();
  ASSERT_TRUE(loaded) << sentence(loaded.error());
  ASSERT_EQ(loaded->warnings.size(), 3U);
  EXPECT_EQ(loaded->warnings[0].message, "unknown key \"comand\"");
  EXPECT_EQ(loaded->warnings[1].where, (Place{"compose.yml", 5, 5}));
  EXPECT_THAT(loaded->warnings[2].message, HasSubstr("\"logging\" has no effect here"));
  EXPECT_THAT(fault("services: {app: {command: x}}\n"), HasSubstr("neither \"image\" nor \"build\""));
  EXPECT_THAT(fault("services: {app: [image]}\n"), HasSubstr("\"services.app\" must be a map"));
}

TEST(Service, TheDigestIsOfAllThatCounts) {
  auto one = app("    environment: {A: 1}").digest;
  EXPECT_EQ(one, app("    # a remark\n    environment: {A: 1}").digest);
  EXPECT_NE(one, app("    environment: {A: 2}").digest);
  World by_file("services: {app: {image: a, env_file: x.env}}\n");
  by_file.files["/home/ada/web/x.env"] = "A=1\n";
  auto first = project_of(by_file).services[0].digest;
  by_file.files["/home/ada/web/x.env"] = "A=2\n";
  EXPECT_NE(first, project_of(by_file).services[0].digest);
}

}  // namespace
}  // namespace photon::compose
