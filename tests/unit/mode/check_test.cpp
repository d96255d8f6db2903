#include "images/mode/check.hpp"

#include <gmock/gmock.h>

#include "tests/unit/mode/small_kernel.hpp"

namespace photon::mode {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(BootCheck, WeakWordsOfTheCommandLineAreNamed) {
  EXPECT_THAT(weak_words("ro console=ttyS0 quiet"), IsEmpty());
  EXPECT_THAT(weak_words("mitigations=off nokaslr\tslab_merge init_on_alloc=0 x=nosmap -- nosmep\n"),
              ElementsAre(Field(&Weakness::what, "mitigations=off"), Field(&Weakness::what, "nokaslr"),
                          Field(&Weakness::what, "slab_merge"), Field(&Weakness::what, "init_on_alloc=0")));
}

TEST(BootCheck, SettingsAreComparedByWhichIsStronger) {
  SmallKernel system;
  system.file("/usr/lib/sysctl.d/50-photon.conf",
              "# text\nkernel.kptr_restrict = 2\nkernel.sysrq = 0\nnet.ipv4.conf.all.rp_filter = "
              "2\nfs.inotify.max_user_watches = 9\n"
              "kernel.kexec_load_disabled = 1\nkernel.dmesg_restrict = 1\n");
  system.proc("/proc/sys/kernel/kptr_restrict", "1\n");
  system.proc("/proc/sys/kernel/sysrq", "176\n");
  system.proc("/proc/sys/kernel/dmesg_restrict", "2\n");
  system.proc("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
  system.proc("/proc/sys/fs/inotify/max_user_watches", "1\n");
  EXPECT_THAT(weak_settings(system.places),
              ElementsAre(Weakness{"kernel.kptr_restrict", "1", "2", "/usr/lib/sysctl.d/50-photon.conf"},
                          Weakness{"kernel.sysrq", "176", "0", "/usr/lib/sysctl.d/50-photon.conf"}));
}

TEST(BootCheck, EverySettingOfOursIsRead) {
  SmallKernel system;
  system.file("/usr/lib/sysctl.d/50-photon.conf",
              read_file(PHOTON_SOURCE_DIR "/packages/specs/photon-hardening/50-photon.conf").value());
  std::filesystem::remove(system.places.kernel + "/proc/sys/kernel/yama/ptrace_scope");
  EXPECT_THAT(weak_settings(system.places), ElementsAre(Field(&Weakness::is, "not in this kernel")));
}

TEST(BootCheck, AnApplianceHasToBeLocked) {
  SmallKernel system;
  EXPECT_THAT(weaknesses(system.places).value(), IsEmpty());
  system.file("/etc/photon/mode", "appliance\n");
  auto found = weaknesses(system.places).value();
  EXPECT_THAT(found, testing::Contains(Weakness{"lockdown", "none", "integrity", "mode appliance"}));
  EXPECT_THAT(found, testing::Contains(Field(&Weakness::what, "user.max_user_namespaces")));
  system.proc("/proc/sys/user/max_user_namespaces", "0\n");
  system.proc("/proc/sys/kernel/io_uring_disabled", "2\n");
  system.proc("/proc/sys/kernel/yama/ptrace_scope", "2\n");
  system.proc("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  system.proc("/sys/module/module/parameters/sig_enforce", "Y\n");
  system.proc("/proc/1/status", "Seccomp:\t0\nX\nSeccomp:\t2\n");
  EXPECT_THAT(weaknesses(system.places).value(), IsEmpty());
}

}  // namespace
}  // namespace photon::mode
