// The input as a file that a path names, for readers that take one.
#pragma once
#include <fmt/format.h>
#include <sys/mman.h>

#include "devenv/core/fd.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

class InputFile {
 public:
  explicit InputFile(std::string_view bytes) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
    expect(fd_ && write_all(fd_.get(), bytes), "the test's own file");
  }
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", fd_.get()); }

 private:
  Fd fd_;
};

}  // namespace photon::fuzz
