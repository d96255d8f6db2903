// Environments that know each other by name.
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/integration/environment/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

using Names = EnvironmentTest;

/// What the one who listens at 127.0.0.1:`port` says at once. Tried again while it comes up.
std::string said_at(std::int64_t port) {
  std::string said;
  eventually([&] {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) < 0) return false;
    said = read_all(socket.get(), 1000).value_or("");
    return !said.empty();
  });
  return said;
}

constexpr std::string_view plain = R"({"image": "devenv/base:latest"})";
constexpr const char* answers =
    "while true; do printf 'hello from api\\n' | nc -l -p 8080; done >/dev/null 2>&1 &";

TEST_F(Names, EnvironmentsReachEachOtherByName) {
  up(project("web", plain));
  up(project("api", plain));
  inside("api", answers);
  // Between two clients nobody listens for a moment, and one that comes too early may get an end without
  // words.
  for (const char* name : {"api", "api.devenv"})
    EXPECT_EQ(inside("web", fmt::format("for i in $(seq 25); do said=$(nc -w 2 {} 8080 </dev/null); "
                                        "[ -z \"$said\" ] || {{ echo \"$said\"; break; }}; sleep 0.2; done",
                                        name)),
              "hello from api\n")
        << name;
  EXPECT_THAT(inside("api", "cat /etc/hosts"), HasSubstr(" web web.devenv\n"));
}

TEST_F(Names, NamesComeAndGoWithTheirEnvironments) {
  up(project("web", plain));
  up(project("api", plain));
  ASSERT_EQ(home->devenv({"stop", "api"}).status, 0);
  EXPECT_THAT(inside("web", "cat /etc/hosts"), Not(HasSubstr("api")));
  up(project("api", plain));
  EXPECT_THAT(inside("web", "cat /etc/hosts"), HasSubstr("api.devenv"));
  ASSERT_EQ(home->devenv({"rm", "--yes", "api"}).status, 0);
  EXPECT_THAT(inside("web", "cat /etc/hosts"), Not(HasSubstr("api")));
}

TEST_F(Names, ANewDaemonKnowsThemToo) {
  up(project("web", plain));
  up(project("api", plain));
  ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
  inside("web", "echo 192.0.2.7 mine >> /etc/hosts");
  ASSERT_EQ(home->devenv({"rm", "--yes", "api"}).status, 0);
  auto hosts = inside("web", "cat /etc/hosts");
  EXPECT_THAT(hosts, Not(HasSubstr("api")));
  EXPECT_THAT(hosts, HasSubstr("192.0.2.7 mine"));
}

TEST_F(Names, APortOfANeighbourIsForwarded) {
  up(project("api", plain));
  inside("api", answers);
  auto said = up(project("web", R"({"image": "devenv/base:latest", "forwardPorts": ["api:8080"],
                                    "portsAttributes": {"api:8080": {"label": "greeting"}}})"));
  EXPECT_THAT(said, HasSubstr("port api:8080, \"greeting\""));
  auto ports = home->environment("web").at("ports").as_array();
  ASSERT_EQ(ports.size(), 1u);
  EXPECT_EQ(text_or(ports[0], "host"), "api");
  EXPECT_EQ(said_at(number_or(ports[0], "local")), "hello from api\n");
}

}  // namespace
}  // namespace photon::tests
