// The default system call filter: what is not named here is allowed, because a dev container runs compilers,
// debuggers and anything else; the list holds what reaches the kernel's own state or its weakest parts.
#include <array>

#include "devenv/engine/runtime_spec.hpp"

namespace photon::engine {
namespace {

constexpr int eperm = 1;
constexpr int enosys = 38;
constexpr std::int64_t clone_newuser = 0x10000000;
constexpr std::int64_t af_vsock = 40;

struct Guarded {
  const char* capability;  ///< with it the calls are allowed; "" = never
  std::vector<const char*> calls;
};

const std::vector<Guarded>& guarded() {
  static const std::vector<Guarded> list = {
      {"", {"_sysctl",        "add_key",
            "create_module",  "get_kernel_syms",
            "io_uring_enter", "io_uring_register",
            "io_uring_setup", "kexec_file_load",
            "kexec_load",     "keyctl",
            "nfsservctl",     "query_module",
            "request_key",    "swapoff",
            "swapon",         "sysfs",
            "uselib",         "userfaultfd",
            "ustat",          "vm86",
            "vm86old"}},
      {"CAP_SYS_ADMIN", {"bpf",           "fanotify_init",   "fsconfig",   "fsmount",       "fsopen",
                         "fspick",        "lookup_dcookie",  "mount",      "mount_setattr", "move_mount",
                         "open_tree",     "perf_event_open", "pivot_root", "quotactl",      "quotactl_fd",
                         "setdomainname", "sethostname",     "setns",      "umount",        "umount2"}},
      {"CAP_DAC_READ_SEARCH", {"open_by_handle_at"}},
      {"CAP_SYS_BOOT", {"reboot"}},
      {"CAP_SYS_MODULE", {"delete_module", "finit_module", "init_module"}},
      {"CAP_SYS_PACCT", {"acct"}},
      {"CAP_SYS_RAWIO", {"ioperm", "iopl"}},
      {"CAP_SYS_TIME",
       {"adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "settimeofday",
        "stime"}},
      {"CAP_SYS_TTY_CONFIG", {"vhangup"}},
      {"CAP_SYSLOG", {"syslog"}},
  };
  return list;
}

json::object rule(const std::vector<const char*>& calls, int error) {
  json::array names;
  for (const char* call : calls) names.emplace_back(call);
  return {{"names", std::move(names)}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", error}};
}

json::object rule_for(const char* call, json::object argument) {
  json::object made = rule({call}, eperm);
  made["args"] = json::array{std::move(argument)};
  return made;
}

json::object masked(unsigned index, std::int64_t bits) {
  return {{"index", index}, {"value", bits}, {"valueTwo", bits}, {"op", "SCMP_CMP_MASKED_EQ"}};
}

json::array architectures() {
#if defined(__x86_64__)
  return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
#elif defined(__aarch64__)
  return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#elif defined(__riscv) && __riscv_xlen == 64
  return {"SCMP_ARCH_RISCV64"};
#else
  return {};
#endif
}

}  // namespace

json::value seccomp_profile(const std::vector<std::string>& capabilities) {
  auto holds = [&](std::string_view name) {
    return std::find(capabilities.begin(), capabilities.end(), name) != capabilities.end();
  };
  json::array rules;
  for (const Guarded& group : guarded())
    if (!*group.capability || !holds(group.capability)) rules.push_back(rule(group.calls, eperm));
  if (!holds("CAP_SYS_ADMIN")) {
    // A new user namespace opens the parts of the kernel that only its root reaches. clone3 hides its flags
    // in memory, so it is made to look absent: every C library then takes clone.
    rules.push_back(rule_for("clone", masked(0, clone_newuser)));
    rules.push_back(rule_for("unshare", masked(0, clone_newuser)));
    rules.push_back(rule({"clone3"}, enosys));
  }
  rules.push_back(rule_for("socket", {{"index", 0}, {"value", af_vsock}, {"op", "SCMP_CMP_EQ"}}));
  return json::object{{"defaultAction", "SCMP_ACT_ALLOW"},
                      {"architectures", architectures()},
                      {"syscalls", std::move(rules)}};
}

}  // namespace photon::engine
