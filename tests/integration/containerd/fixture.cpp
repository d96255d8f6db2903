#include "tests/integration/containerd/fixture.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "devenv/core/digest.hpp"
#include "devenv/core/process.hpp"

namespace photon::engine {

std::string ContainerdTest::folder;
std::unique_ptr<Containerd> ContainerdTest::containerd;
std::string ContainerdTest::base;
std::string ContainerdTest::lease;

namespace {

std::string octal(std::uint64_t value, int width) { return fmt::format("{:0{}o}", value, width - 1) + '\0'; }

std::string padded(std::string text, std::size_t size) {
  text.resize(size);
  return text;
}

std::string header(const Member& member) {
  const bool link = member.type == '2';
  const std::size_t size = member.type == '0' ? member.content.size() : 0;
  std::string out = padded(member.path, 100) + octal(member.mode, 8) + octal(0, 8) + octal(0, 8) +
                    octal(size, 12) + octal(0, 12) + "        " + member.type +
                    padded(link ? member.content : "", 100) +
                    std::string(
                        "ustar\0"
                        "00",
                        8) +
                    padded("root", 32) + padded("root", 32) + octal(0, 8) + octal(0, 8);
  out.resize(512);
  unsigned sum = 0;
  for (char c : out) sum += static_cast<unsigned char>(c);
  out.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return out;
}

}  // namespace

std::string tar_of(const std::vector<Member>& members) {
  std::string out;
  for (const Member& member : members) {
    out += header(member);
    if (member.type != '0') continue;
    out += member.content;
    out.resize((out.size() + 511) / 512 * 512);
  }
  return out + std::string(1024, '\0');
}

std::string compressed(const std::string& program, const std::string& bytes) {
  const auto output = run({.argv = {program, "-c"}}, bytes);
  EXPECT_TRUE(output && output->status == 0);
  return output ? output->out : "";
}

void ContainerdTest::SetUpTestSuite() {
  char name[] = "/tmp/ctrd-XXXXXX";
  folder = ::mkdtemp(name);
  ContainerdOptions options;
  options.system_socket = "";
  options.root = folder + "/root";
  options.state = folder + "/state";
  // The program also serves when it is started by hand in a user namespace.
  const std::string map = read_file("/proc/self/uid_map").value_or("");
  options.in_user_namespace = map.find("4294967295") == std::string::npos;
  if (!options.in_user_namespace) options.cgroup_parent = "/devenv-test-" + std::to_string(::getpid());
  auto opened = Containerd::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  containerd = std::move(*opened);
  auto made = images().new_lease();
  ASSERT_OK(made);
  lease = *made;
  const auto busybox = read_file("/bin/busybox", 16 << 20);
  ASSERT_OK(busybox);
  std::vector<Member> members;
  for (const char* path : {"bin", "tmp", "proc", "sys", "dev", "etc", "root"})
    members.push_back({path, "", '5', 0755});
  members.push_back({"bin/busybox", *busybox});
  for (const char* link :
       {"sh",      "cat",      "echo", "sleep", "id", "ls",        "stty",  "wc",  "head", "kill",  "mount",
        "unshare", "hostname", "grep", "true",  "dd", "sha256sum", "mknod", "env", "pwd",  "touch", "rm"})
    members.push_back({std::string("bin/") + link, "busybox", '2'});
  members.push_back({"etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/tmp:/bin/sh\n", '0', 0644});
  auto diff = add_layer(tar_of(members), "application/vnd.oci.image.layer.v1.tar", "", "test/base");
  ASSERT_OK(diff);
  base = "test/base";
}

void ContainerdTest::TearDownTestSuite() {
  if (containerd) {
    const auto stopped = containerd->shut_down();
    EXPECT_TRUE(stopped);
    containerd.reset();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  // One for each controller of the first version, or one for all of them.
  const std::string parent = "/devenv-test-" + std::to_string(::getpid());
  (void)::rmdir(("/sys/fs/cgroup" + parent).c_str());
  for (const auto& entry : std::filesystem::directory_iterator("/sys/fs/cgroup", ignored))
    (void)::rmdir((entry.path().string() + parent).c_str());
}

void ContainerdTest::TearDown() {
  for (const std::string& id : made_) {
    const auto gone = engine().remove(id);
    EXPECT_TRUE(gone) << gone.error().message;
  }
}

Result<std::string> ContainerdTest::add_layer(const std::string& bytes, const std::string& media_type,
                                              const std::string& parent, const std::string& chain) {
  const std::string digest = sha256_digest(bytes);
  PHOTON_TRY(auto writer, images().write_blob("layer-" + digest, bytes.size(), digest, lease));
  PHOTON_CHECK(writer->write(std::string_view(bytes).substr(writer->offset())));
  PHOTON_CHECK(writer->commit(bytes.size(), digest, {}));
  return images().unpack({media_type, digest, bytes.size()}, parent, chain, lease);
}

ContainerSpec ContainerdTest::spec(const std::string& id, const std::string& script) {
  ContainerSpec out;
  out.id = id;
  out.image = "localhost/test:1";
  out.parent = base;
  out.process = shell(script);
  out.hostname = "box";
  out.labels = {{"photon.test", "yes"}, {"photon.name", id}};
  made_.push_back(id);
  return out;
}

ProcessSpec ContainerdTest::shell(const std::string& script, bool terminal) {
  ProcessSpec out;
  out.argv = {"/bin/sh", "-c", script};
  out.env = {"PATH=/bin"};
  out.terminal = terminal;
  return out;
}

std::pair<std::string, int> ContainerdTest::in(const std::string& id, const ProcessSpec& process,
                                               const std::string& input) {
  auto made = engine().exec(id, process);
  EXPECT_TRUE(made) << made.error().message;
  if (!made) return {"", -1};
  Exec& exec = **made;
  std::string text;
  std::jthread reader([&] { text = read_to_end(exec.output().get()); });
  EXPECT_TRUE(write_all(exec.input().get(), input));
  EXPECT_TRUE(exec.close_input());
  const auto status = exec.wait({});
  EXPECT_TRUE(status);
  reader.join();
  return {text, status.value_or(-1)};
}

int pid_behind(const std::string& socket) {
  const auto link = connect_unix(socket, SOCK_STREAM);
  if (!link) return -1;
  const auto peer = peer_of(link->get());
  return peer ? peer->pid : -1;
}

bool is_gone(int pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return true;
  const auto at = stat->rfind(')');
  return at != std::string::npos && stat->compare(at, 3, ") Z") == 0;
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

std::string read_to_end(int fd) {
  std::string out;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n <= 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace photon::engine
