#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/integration/daemon/running_daemon.hpp"

namespace photon::daemon {
namespace {

TEST(Broker, UnknownEnvironmentsAreToldToTheCliAlone) {
  RunningDaemon daemon;
  auto broker = daemon.client().broker();
  ASSERT_TRUE(broker) << broker.error().message;
  auto session = broker->session("nobody");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, Kind::not_found);
  auto key = broker->authorize("nobody", "ssh-ed25519 AAAA");
  ASSERT_TRUE(key);
  EXPECT_FALSE(*key);
}

TEST(Broker, DamagedMessagesAreAnsweredAndTheConnectionLives) {
  RunningDaemon daemon;
  auto socket = connect_unix(daemon.paths.broker_socket(), SOCK_SEQPACKET);
  ASSERT_TRUE(socket);
  for (const char* text : {"{", "[]", R"({"op":5})", R"({"op":"fly","name":"x"})", "\xff\xfe"}) {
    ASSERT_TRUE(send_message(socket->get(), text));
    auto answer = receive_message(socket->get());
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->bytes, testing::StartsWith(R"({"error":)")) << text;
  }
  inside::Broker still(std::move(*socket));
  EXPECT_TRUE(still.authorize("x", "y"));
}

}  // namespace
}  // namespace photon::daemon
