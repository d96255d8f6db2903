// The choice of the runtime, and a containerd that is given no cgroup of its own.
#include <sys/stat.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "tests/integration/containerd/fixture.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;

/// A containerd for one test, with an empty root file system into which busybox is bound.
class Runtime : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/ctrd-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = ::getenv("PATH");
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    if (containerd_) {
      EXPECT_TRUE(containerd_->engine().remove("one"));
      EXPECT_TRUE(containerd_->shut_down());
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  /// A program of that name that refuses, found before the real one.
  void refuse(const std::string& runtime) {
    ASSERT_OK(make_directories(folder_ + "/bin", 0755));
    ASSERT_OK(write_file(folder_ + "/bin/" + runtime,
                         "#!/bin/sh\necho no " + runtime + " today >&2\nexit 1\n", 0755));
    ::setenv("PATH", (folder_ + "/bin:" + path_).c_str(), 1);
  }
  void open(const std::string& runtime) {
    ContainerdOptions options;
    options.system_socket = "";
    options.root = folder_ + "/root";
    options.state = folder_ + "/state";
    options.runtime = runtime;
    auto opened = Containerd::open(options);
    ASSERT_OK(opened);
    containerd_ = std::move(*opened);
  }
  Result<Container> run_one() {
    ContainerSpec spec;
    spec.id = "one";
    spec.process.argv = {"/bin/busybox", "sleep", "60"};
    spec.mounts = {{"bind", "/bin/busybox", "/bin/busybox", {"bind", "ro"}}};
    return containerd_->engine().run(spec, {});
  }
  /// crun where version 2 of cgroups is alone and we may not raise limits: it needs memory for a filter of
  /// devices. It leaves its cgroup behind.
  static bool without_limits(const Error& error) {
    ::rmdir("/sys/fs/cgroup/one");
    return error.message.find("RLIM_MEMLOCK") != std::string::npos;
  }
  std::string kept() const { return read_file(folder_ + "/state/runtime").value_or(""); }

  std::string folder_;
  std::string path_;
  std::unique_ptr<Containerd> containerd_;
};

TEST_F(Runtime, FallsBackToTheOtherOneAndRemembers) {
  refuse("crun");
  open("");
  ASSERT_OK(run_one());
  EXPECT_EQ(kept(), "runc\n");
  EXPECT_THAT(containerd_->engine().info()->runtime, testing::StartsWith("runc "));
}

TEST_F(Runtime, KeepsTheFirstErrorIfBothRefuse) {
  refuse("crun");
  refuse("runc");
  open("");
  const auto started = run_one();
  ASSERT_FALSE(started);
  const bool runc_first = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers");
  EXPECT_THAT(started.error().message,
              testing::AnyOf(testing::HasSubstr("with crun"),
                             testing::HasSubstr(runc_first ? "with runc" : "with crun")));
  EXPECT_EQ(kept(), "");
  EXPECT_FALSE(containerd_->engine().find("one")->has_value());
}

TEST_F(Runtime, WithoutACgroupOfItsOwn) {
  int ran = 0;
  for (const char* runtime : {"crun", "runc"}) {
    open(runtime);
    const auto started = run_one();
    if (!started && without_limits(started.error())) continue;
    ASSERT_OK(started);
    ++ran;
    ProcessSpec process;
    process.argv = {"/bin/busybox", "sh", "-c", "/bin/busybox mknod /d b 254 0 && /bin/busybox cat /d"};
    auto made = containerd_->engine().exec("one", process);
    ASSERT_OK(made);
    EXPECT_THAT(read_to_end((*made)->error().get()), testing::HasSubstr("not permitted")) << runtime;
    EXPECT_NE((*made)->wait({}).value_or(0), 0);
    made->reset();
    ASSERT_OK(containerd_->engine().remove("one"));
  }
  EXPECT_GT(ran, 0);
}

}  // namespace
}  // namespace photon::engine
