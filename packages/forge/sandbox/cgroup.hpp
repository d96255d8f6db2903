// Limits of memory and processes for all of a sandbox together, where the machine lets us make a cgroup: the
// old hierarchies (v1) or the one (v2).
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace photon::forge {

class Cgroup {
 public:
  /// Nothing where none may be made.
  static std::unique_ptr<Cgroup> make(std::uint64_t memory, std::uint32_t processes);
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  [[nodiscard]] bool enter(pid_t pid) const;
  [[nodiscard]] bool out_of_memory() const;
  [[nodiscard]] bool limits_memory() const { return !memory_.empty(); }
  [[nodiscard]] bool limits_processes() const { return !processes_.empty(); }

 private:
  Cgroup() = default;
  std::vector<std::string> folders_;
  std::string memory_, processes_;
};

}  // namespace photon::forge
