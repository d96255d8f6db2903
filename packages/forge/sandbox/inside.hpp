// What the first process of a sandbox does, from its birth to the build's end. It is a copy of a program with
// several threads: system calls only, no memory is taken; all texts are prepared before.
#pragma once
#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace photon::forge {

/// The steps that a system may refuse; the words are in `words_of`.
enum class Step : int {
  none,
  prepare,
  mounts,
  overlay,
  bind,
  pivot,
  proc,
  devices,
  limits,
  host_name,
  second_user,
  rights,
  filter,
  directory,
  program,
};
const char* words_of(Step step);

struct Refusal {
  Step step = Step::none;
  int error = 0;
  int which = 0;  ///< of the binds
};

struct Inside {
  bool user_namespace = false;  ///< we were not root: one was made around all
  std::uint32_t ids = 1;        ///< that the build's own user namespace maps
  std::string root{};           ///< the folder where the overlay is mounted
  std::string overlay{};        ///< its options
  struct Mount {
    std::string from{}, to{};
    bool writable = false;
    bool folder = true;
  };
  std::vector<Mount> binds{};
  std::vector<std::string> programs{};  ///< candidates of argv[0]
  std::vector<char*> argv{}, environment{};
  std::string directory{};
  std::string map{};  ///< of the build's own user namespace
  std::uint64_t data_limit = 0;
  std::uint32_t process_limit = 0;
  bool terminal = false;
  std::vector<sock_filter> filter{};
};

/// Numbers of descriptors that the child has been given.
struct Ends {
  int input = -1, output = -1;
  int go = -1;       ///< readable once the id maps are written; closed: the parent has died
  int refusal = -1;  ///< takes a Refusal
};

/// Never returns.
[[noreturn]] void be_first_process(const Inside& inside, Ends ends);

/// The filter of system calls: no mounts, namespaces, modules, keys, clocks; EPERM or ENOSYS, never a kill.
std::vector<sock_filter> make_filter();

}  // namespace photon::forge
