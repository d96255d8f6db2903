#include "tests/integration/gateway/daemon.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <filesystem>

#include "devenv/core/json.hpp"
#include "devenv/ssh/keys.hpp"

namespace photon::test {

Daemon* GatewayTest::daemon_ = nullptr;

namespace {

std::string program(const std::string& name) { return std::string(PHOTON_BUILD_DIR) + "/bin/" + name; }

}  // namespace

Daemon::Daemon() {
  char pattern[] = "/tmp/photon-gateway-XXXXXX";
  folder_ = ::mkdtemp(pattern);
  ::chmod(folder_.c_str(), 0711);
  make_keys();
  start_inside();
  listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_.get(), 128), 0);
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  EXPECT_TRUE(
      write_file(folder_ + "/known_hosts",
                 fmt::format("[127.0.0.1]:{} {}\n", port_, ssh::host_key(folder_ + "/host")->public_line)));
  acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

Daemon::~Daemon() {
  acceptor_.request_stop();
  acceptor_.join();
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  (void)inside_.stop(std::chrono::seconds(5));
  std::filesystem::remove_all(folder_);
}

void Daemon::make_keys() {
  auto key = ssh::host_key(folder_ + "/host");
  ASSERT_TRUE(key) << key.error().message;
  host_key_ = key->private_key.reveal();
  for (const char* name : {"id", "other", "ca"}) {
    auto made =
        run(Command{.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ + "/" + name}});
    ASSERT_TRUE(made && made->status == 0);
  }
  allowed_ = ssh::parse_public_key(read_file(folder_ + "/id.pub").value())->text();
}

// PID 1 of namespaces of its own, with /run/devenv as in an environment. Its root is ours: the programs that
// the clients start are those of this machine.
void Daemon::start_inside() {
  EXPECT_TRUE(make_directories(folder_ + "/run/bin", 0755));
  // The checkout may lie in /root, which is covered below.
  std::filesystem::copy_file(program("devenv-inside"), folder_ + "/devenv-inside");
  std::string script = fmt::format(
      "mount -t tmpfs none /run && mount -t tmpfs none /root && mkdir /run/devenv && "
      "mount --bind {0}/run /run/devenv && "
      "ln -sf /usr/lib/openssh/sftp-server /run/devenv/bin/sftp-server && "
      "mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts /dev/pts && mount --bind /dev/pts/ptmx "
      "/dev/ptmx && "
      "exec {0}/devenv-inside init",
      folder_);
  std::vector<std::string> argv{"unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"};
  if (::geteuid() == 0)
    argv.insert(argv.begin(), PHOTON_BUILD_DIR "/tests/own_mounts");  // also out of a chroot
  else
    argv.insert(argv.end(), {"--user", "--map-root-user"});
  argv.insert(argv.end(), {"sh", "-c", script});
  auto child = start(Command{.argv = argv, .error = 2});
  ASSERT_TRUE(child) << child.error().message;
  inside_ = std::move(*child);
  EXPECT_TRUE(eventually([&] {
    auto connection = inside::connect(inside_socket());
    return connection && inside::ping(std::move(*connection));
  }));
}

unsigned Daemon::gateways() { return running_; }

void Daemon::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd polled{listener_.get(), POLLIN, 0};
    if (::poll(&polled, 1, 50) <= 0) continue;
    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) serve(std::move(connection));
  }
}

void Daemon::serve(Fd connection) {
  auto pair = make_socketpair(SOCK_SEQPACKET);
  Fd key(::memfd_create("host-key", MFD_CLOEXEC));
  ASSERT_TRUE(pair && write_all(key.get(), host_key_));
  Command command{
      .argv = {program("devenv-gateway"), "--connection", "3", "--broker", "4", "--host-key", "5"},
      .error = 2,
      .pass = {{connection.get(), 3}, {pair->second.get(), 4}, {key.get(), 5}}};
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  auto gateway = start(command);
  ASSERT_TRUE(gateway) << gateway.error().message;
  ++running_;
  std::lock_guard lock(mutex_);
  threads_.emplace_back([this, socket = std::move(pair->first), child = std::move(*gateway)](
                            const std::stop_token& stop) mutable { answer(stop, socket, std::move(child)); });
}

void Daemon::answer(const std::stop_token& stop, const Fd& socket, Child gateway) {
  while (!stop.stop_requested()) {
    pollfd polled{socket.get(), POLLIN, 0};
    if (::poll(&polled, 1, 50) <= 0) continue;
    auto message = receive_message(socket.get());
    if (!message || message->bytes.empty()) break;
    reply(socket.get(), message->bytes);
  }
  (void)gateway.stop(std::chrono::seconds(2));
  --running_;
}

void Daemon::reply(int socket, const std::string& bytes) {
  auto request = parse_json(bytes, "a question").value();
  std::string op = text_or(request, "op");
  bool known = text_or(request, "name") == "web";
  if (op == "authorize") {
    bool ok = known && text_or(request, "key") == allowed_;
    (void)send_message(socket, write_json(json::object{{"ok", ok}}));
    return;
  }
  auto connection = inside::connect(inside_socket());
  json::object answer{{"ok", true},
                      {"env", json::array{"FROM=environment", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}},
                      {"user", "root"},
                      {"cwd", "/usr"},
                      {"shell", "/bin/bash"}};
  Fd handed = connection ? std::move(*connection) : Fd();
  if (op == "agent") {
    auto listener = inside::listen_path(std::move(handed), "/run/devenv/agent.sock", 0600, 0);
    handed = listener ? std::move(listener->socket) : Fd();
  }
  int fds[] = {handed.get()};
  (void)send_message(socket, write_json(answer), fds);
}

std::vector<std::string> GatewayTest::ssh(const std::vector<std::string>& words,
                                          const std::string& program_name, const std::string& key) {
  std::vector<std::string> argv{program_name};
  for (const std::string& option :
       {std::string("IdentitiesOnly=yes"), "IdentityFile=" + path(key),
        "UserKnownHostsFile=" + path("known_hosts"), std::string("GlobalKnownHostsFile=/dev/null"),
        std::string("StrictHostKeyChecking=yes"), std::string("BatchMode=yes"), std::string("LogLevel=ERROR"),
        "Port=" + std::to_string(daemon_->port())}) {
    argv.emplace_back("-o");
    argv.push_back(option);
  }
  argv.insert(argv.begin() + 1, {"-F", "none"});
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

Output GatewayTest::run_ssh(const std::vector<std::string>& words, std::string_view input) {
  auto output = run(Command{.argv = ssh(words)}, input, std::chrono::seconds(60));
  EXPECT_TRUE(output) << output.error().message;
  return output.value_or(Output{-1, "", ""});
}

bool GatewayTest::all_gone() {
  return eventually([] { return daemon_->gateways() == 0; });
}

}  // namespace photon::test
