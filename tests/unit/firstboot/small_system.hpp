// A root with what a user needs: accounts, groups and skeletons.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "images/firstboot/journal.hpp"
#include "images/firstboot/tree.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::first_boot {

struct SmallSystem {
  fixtures::TempFolder folder;
  std::string root = folder.path + "/root";

  SmallSystem() {
    for (const char* name : {"/etc/skel", "/home", "/run", "/var/lib"})
      std::filesystem::create_directories(root + name);
    put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/:/usr/sbin/nologin\n");
    put("/etc/group", "root:x:0:\nshadow:x:42:\nwheel:x:65:\ndevenv:x:122:\n");
    put("/etc/shadow", "root:*:::::::\ndaemon:*:::::::\n");
    put("/etc/gshadow", "root:*::\nshadow:*::\nwheel:*::\ndevenv:*::\n");
    put("/etc/hostname", "photon\n");
    put("/etc/skel/.bashrc", "# skeleton\n");
  }
  void put(const std::string& path, std::string_view text, mode_t mode = 0644) const {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    (void)write_file(root + path, text, mode);
  }
  [[nodiscard]] std::string text(const std::string& path) const {
    return read_file(root + path).value_or("(none)");
  }
  [[nodiscard]] Tree tree() const { return std::move(Tree::open(root).value()); }
};

/// What a journal is told goes to standard error: kept here, and given back.
class Heard {
 public:
  Heard() : old_(::dup(2)), file_(folder_.path + "/said") {
    int fd = ::open(file_.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(fd, 2);
    ::close(fd);
  }
  ~Heard() { ::dup2(old_, 2), ::close(old_); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  [[nodiscard]] std::string text() const { return read_file(file_).value_or(""); }

 private:
  fixtures::TempFolder folder_;
  int old_;
  std::string file_;
};

constexpr const char* a_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4hLBdWk2dfbRkxGkL6b2uVRHyTt9v3ndJsGW1W1pXN me@example";
constexpr const char* another_key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4hLBdWk2dfbRkxGkL6b2uVRHyTt9v3ndJsGW1W1pXO you@example";

}  // namespace photon::first_boot
