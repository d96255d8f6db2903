#include "devenv/core/fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

using Folder = fixtures::TempFolder;

TEST(Fd, PassesDescriptorsOverASocket) {
  auto sockets = make_socketpair(SOCK_SEQPACKET).value();
  auto pipe = make_pipe().value();
  int fds[] = {pipe.second.get()};
  ASSERT_TRUE(send_message(sockets.first.get(), "here", fds));
  auto message = receive_message(sockets.second.get()).value();
  EXPECT_EQ(message.bytes, "here");
  ASSERT_EQ(message.fds.size(), 1u);
  ASSERT_TRUE(write_all(message.fds[0].get(), "through"));
  message.fds.clear();
  pipe.second.reset();
  EXPECT_EQ(read_all(pipe.first.get(), 100).value(), "through");
}

TEST(Fd, FilesAreReplacedWhole) {
  Folder folder;
  std::string path = folder.path + "/file";
  ASSERT_TRUE(write_file(path, "old", 0640));
  ASSERT_TRUE(write_file(path, "new", 0640));
  EXPECT_EQ(read_file(path).value(), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path), {}), 1);
  EXPECT_FALSE(read_file(path, 2));
  EXPECT_EQ(read_file(folder.path + "/none").error().kind, Kind::not_found);
}

TEST(Fd, UnixSocketsOfAnyLength) {
  Folder folder;
  std::string deep = folder.path + "/" + std::string(100, 'a') + "/" + std::string(100, 'b');
  ASSERT_TRUE(make_directories(deep));
  auto listener = listen_unix(deep + "/s", SOCK_STREAM).value();
  struct stat found{};
  ASSERT_EQ(::stat((deep + "/s").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  auto caller = connect_unix(deep + "/s", SOCK_STREAM);
  ASSERT_TRUE(caller);
  EXPECT_EQ(peer_of(caller->get())->uid, ::getuid());
  EXPECT_EQ(connect_unix(folder.path + "/none", SOCK_STREAM).error().kind, Kind::not_found);
}

}  // namespace
}  // namespace photon
