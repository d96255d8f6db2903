// A root and a kernel's files, as an ordinary folder.
#pragma once
#include <filesystem>
#include <string>

#include "devenv/core/fd.hpp"
#include "images/mode/mode.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::mode {

struct SmallKernel {
  fixtures::TempFolder folder;
  Places places{.root = folder.path + "/root", .kernel = folder.path + "/kernel"};

  SmallKernel() {
    std::filesystem::create_directories(places.root + "/etc");
    proc("/proc/sys/user/max_user_namespaces", "7000\n");
    proc("/proc/sys/kernel/io_uring_disabled", "0\n");
    proc("/proc/sys/kernel/yama/ptrace_scope", "1\n");
    proc("/proc/sys/kernel/threads-max", "14000\n");
    proc("/proc/cmdline", "ro quiet\n");
    proc("/proc/1/status", "Name:\tsystemd\nSeccomp:\t0\n");
    proc("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    proc("/sys/module/module/parameters/sig_enforce", "N\n");
  }
  void proc(const std::string& path, std::string_view text) const { put(places.kernel + path, text); }
  void file(const std::string& path, std::string_view text) const { put(places.root + path, text); }
  [[nodiscard]] std::string kernel(const std::string& path) const {
    return read_file(places.kernel + path).value_or("(none)");
  }
  [[nodiscard]] bool has(const std::string& path) const {
    return std::filesystem::exists(places.root + path);
  }

 private:
  static void put(const std::string& path, std::string_view text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    (void)write_file(path, text, 0644);
  }
};

}  // namespace photon::mode
