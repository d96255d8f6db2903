// The functions of libc that the gateway defines itself: here over a socket pair, as libssh would call them.
#include "devenv/gateway/read_ahead.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <random>

#include "devenv/core/fd.hpp"

namespace photon::gateway {
namespace {

struct ReadAhead : testing::Test {
  void SetUp() override {
    auto pair = make_socketpair(SOCK_STREAM);
    ASSERT_TRUE(pair);
    ours = std::move(pair->first);
    theirs = std::move(pair->second);
    read_ahead(ours.get());
  }
  void TearDown() override {
    std::array<char, 4096> rest{};
    while (held_ahead() != 0) ::recv(ours.get(), rest.data(), rest.size(), 0);
    read_ahead(-1);
  }
  short asked(short events) {
    pollfd one{ours.get(), events, 0};
    return ::poll(&one, 1, 0) > 0 ? one.revents : short{0};
  }
  Fd ours;
  Fd theirs;
};

TEST_F(ReadAhead, TakesThePlaceOfLibc) {
  for (const char* name : {"poll", "recv", "send"}) {
    Dl_info found{};
    ASSERT_NE(::dladdr(::dlsym(RTLD_DEFAULT, name), &found), 0) << name;
    EXPECT_THAT(found.dli_fname, testing::HasSubstr("unit_gateway"))
        << name << " would be libc's to a shared library, too";
  }
}

TEST_F(ReadAhead, GivesEveryByteInOrderWhateverTheSizes) {
  std::mt19937 random(7);
  std::string sent;
  std::string got;
  std::array<char, 4096> slice{};
  for (int round = 0; round < 400; ++round) {
    std::string some(random() % 20000, '\0');
    for (char& c : some) c = static_cast<char>(random());
    ASSERT_EQ(::write(theirs.get(), some.data(), some.size()), static_cast<ssize_t>(some.size()));
    sent += some;
    while (got.size() < sent.size()) {
      ASSERT_NE(asked(POLLIN) & POLLIN, 0);
      ssize_t size = ::recv(ours.get(), slice.data(), 1 + random() % slice.size(), 0);
      ASSERT_GT(size, 0);
      got.append(slice.data(), static_cast<std::size_t>(size));
    }
  }
  EXPECT_TRUE(got == sent);
  EXPECT_EQ(held_ahead(), 0U);
  EXPECT_EQ(asked(POLLIN), 0);
}

TEST_F(ReadAhead, APollOfSeveralKnowsWhatIsHeld) {
  auto other = make_socketpair(SOCK_STREAM);
  ASSERT_TRUE(other);
  ASSERT_EQ(::write(theirs.get(), "abc", 3), 3);
  char one = 0;
  ASSERT_EQ(::recv(ours.get(), &one, 1, 0), 1);
  ASSERT_EQ(held_ahead(), 2U);
  std::array<pollfd, 2> polled{pollfd{other->first.get(), POLLIN, 0},
                               pollfd{ours.get(), POLLIN | POLLOUT, 0}};
  EXPECT_EQ(::poll(polled.data(), polled.size(), -1), 1) << "must not wait for the kernel";
  EXPECT_EQ(polled[0].revents, 0);
  EXPECT_EQ(polled[1].revents, POLLIN | POLLOUT);
  // Who does not ask for input is not told of it, and waits for what it does ask for.
  ASSERT_EQ(::write(other->second.get(), "x", 1), 1);
  polled[1].events = POLLPRI;
  EXPECT_EQ(::poll(polled.data(), polled.size(), -1), 1);
  EXPECT_EQ(polled[0].revents, POLLIN);
}

TEST_F(ReadAhead, TheEndIsSeenAfterTheLastByte) {
  ASSERT_EQ(::write(theirs.get(), "abc", 3), 3);
  theirs.reset();
  std::array<char, 2> two{};
  EXPECT_EQ(::recv(ours.get(), two.data(), 2, 0), 2);
  EXPECT_EQ(::recv(ours.get(), two.data(), 2, 0), 1);
  EXPECT_NE(asked(POLLIN) & (POLLIN | POLLHUP), 0);
  EXPECT_EQ(::recv(ours.get(), two.data(), 2, 0), 0);
}

TEST_F(ReadAhead, AFullSocketIsNotCalledWritable) {
  std::string much(1 << 20, 'x');
  ssize_t put = ::send(ours.get(), much.data(), much.size(), MSG_DONTWAIT);
  ASSERT_GT(put, 0);
  ASSERT_LT(put, static_cast<ssize_t>(much.size()));
  EXPECT_EQ(asked(POLLOUT), 0);
  std::string drained(much.size(), '\0');
  ASSERT_GT(::read(theirs.get(), drained.data(), drained.size()), 0);
  EXPECT_EQ(asked(POLLOUT), POLLOUT);
}

TEST_F(ReadAhead, OtherSocketsAreLeftAlone) {
  auto other = make_socketpair(SOCK_STREAM);
  ASSERT_TRUE(other);
  ASSERT_EQ(::write(other->second.get(), "abc", 3), 3);
  char one = 0;
  ASSERT_EQ(::recv(other->first.get(), &one, 1, MSG_PEEK), 1);
  ASSERT_EQ(::recv(other->first.get(), &one, 1, 0), 1);
  EXPECT_EQ(held_ahead(), 0U);
}

}  // namespace
}  // namespace photon::gateway
