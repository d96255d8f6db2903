// One private containerd in a temporary folder for all tests of the program, and an image of one static
// busybox.
#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/engine/containerd/containerd.hpp"

namespace photon::engine {

/// One member of a tar archive.
struct Member {
  std::string path;
  std::string content;
  char type = '0';  ///< '0' file, '5' folder, '2' link to `content`
  unsigned mode = 0755;
};
std::string tar_of(const std::vector<Member>& members);
/// Through the program of that name (gzip, zstd).
std::string compressed(const std::string& program, const std::string& bytes);

class ContainerdTest : public testing::Test {
 public:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

 protected:
  void TearDown() override;
  /// Stores the layer and unpacks it; `chain` is free text here.
  static Result<std::string> add_layer(const std::string& bytes, const std::string& media_type,
                                       const std::string& parent, const std::string& chain);
  /// A container upon busybox that runs `script`.
  ContainerSpec spec(const std::string& id, const std::string& script);
  static ProcessSpec shell(const std::string& script, bool terminal = false);
  /// Runs to the end: standard output and exit status.
  static std::pair<std::string, int> in(const std::string& id, const ProcessSpec& process,
                                        const std::string& input = {});

  static Engine& engine() { return containerd->engine(); }
  static ImageStore& images() { return containerd->images(); }

  static std::string folder;
  static std::unique_ptr<Containerd> containerd;
  static std::string base;   ///< chain id of busybox
  static std::string lease;  ///< keeps it
  std::vector<std::string> made_;
};

/// The listener of a Unix socket, as the kernel knows it.
int pid_behind(const std::string& socket);
/// Gone or a zombie: PID 1 of a build machine may not reap.
bool is_gone(int pid);
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::seconds(10));
std::string read_to_end(int fd);

#define ASSERT_OK(result)                                                          \
  do {                                                                             \
    const auto& ok_ = (result);                                                    \
    ASSERT_TRUE(ok_) << ::photon::sentence(ok_ ? ::photon::Error{} : ok_.error()); \
  } while (false)

}  // namespace photon::engine
