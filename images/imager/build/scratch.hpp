// A folder in which something is made that gets its name when it is whole.
#pragma once
#include <string>
#include <string_view>

#include "devenv/core/fd.hpp"
#include "devenv/core/work.hpp"

namespace photon::images {

/// Beside what it becomes, for one maker of NAME at a time; gone with the value. Those of makers that were
/// killed are swept by the next one, whatever it makes.
class Scratch {
 public:
  /// Waits for another maker of NAME, and says so. denied "image.output" where nothing can be written; `mend`
  /// says how to name another folder.
  static Result<Scratch> make(const std::string& folder, const std::string& name, std::string_view mend,
                              const Work& work);
  Scratch(Scratch&& other) noexcept
      : lock_(std::move(other.lock_)),
        lock_file_(std::move(other.lock_file_)),
        folder_(std::exchange(other.folder_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  Scratch(Fd lock, std::string lock_file, std::string folder)
      : lock_(std::move(lock)), lock_file_(std::move(lock_file)), folder_(std::move(folder)) {}
  Fd lock_;
  std::string lock_file_, folder_;
};

}  // namespace photon::images
