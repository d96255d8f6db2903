#include <gmock/gmock.h>

#include "devenv/engine/runtime_spec.hpp"

namespace photon::engine {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

Machine machine() {
  Machine m;
  m.cgroup_parent = "/devenv";
  m.held = {"CAP_CHOWN", "CAP_KILL", "CAP_MKNOD", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"};
  m.devices = {{"/dev/kvm", 'c', 10, 232, 0660, 0, 104}};
  return m;
}

ContainerSpec container() {
  ContainerSpec spec;
  spec.id = "one";
  spec.hostname = "web";
  spec.process.argv = {"/sbin/init", "run"};
  spec.process.env = {"PATH=/bin"};
  spec.process.cwd = "/src";
  return spec;
}

json::value made(const ContainerSpec& spec, const Machine& m = machine()) {
  auto out = runtime_spec(spec, m);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out.value_or(json::value());
}

std::vector<std::string> list(const json::value& value) {
  std::vector<std::string> out;
  for (const auto& item : value.as_array()) out.emplace_back(item.as_string());
  return out;
}

const json::object& linux_of(const json::value& spec) { return spec.at("linux").as_object(); }

const json::object* mount_at(const json::value& spec, std::string_view target) {
  const json::object* found = nullptr;
  for (const auto& one : spec.at("mounts").as_array())
    if (one.at("destination").as_string() == target) found = &one.as_object();
  return found;
}

bool refuses(const json::value& profile, std::string_view call) {
  for (const auto& rule : profile.at("syscalls").as_array())
    for (const auto& name : rule.at("names").as_array())
      if (name.as_string() == call) return true;
  return false;
}

TEST(RuntimeSpec, DescribesTheProcess) {
  ContainerSpec wanted = container();
  wanted.process.uid = 1000;
  wanted.process.gid = 1001;
  wanted.process.groups = {27, 44};
  const json::value spec = made(wanted);
  const json::value& process = spec.at("process");
  EXPECT_EQ(write_json(process.at("user")), R"({"uid":1000,"gid":1001,"additionalGids":[27,44]})");
  EXPECT_EQ(write_json(process.at("args")), R"(["/sbin/init","run"])");
  EXPECT_EQ(write_json(process.at("env")), R"(["PATH=/bin"])");
  EXPECT_EQ(process.at("cwd").as_string(), "/src");
  EXPECT_FALSE(process.at("noNewPrivileges").as_bool());
  EXPECT_FALSE(process.at("terminal").as_bool());
  EXPECT_EQ(member(process, "rlimits"), nullptr);
  EXPECT_EQ(spec.at("hostname").as_string(), "web");
  EXPECT_EQ(spec.at("ociVersion").as_string(), "1.0.2");
  EXPECT_EQ(spec.at("root").at("path").as_string(), "rootfs");
}

TEST(RuntimeSpec, GivesTheUsualCapabilitiesThatTheMachineHolds) {
  const json::value spec = made(container());
  const auto held = list(spec.at("process").at("capabilities").at("bounding"));
  EXPECT_EQ(held, (std::vector<std::string>{"CAP_CHOWN", "CAP_KILL", "CAP_MKNOD"}));
  EXPECT_EQ(list(spec.at("process").at("capabilities").at("effective")), held);
}

TEST(RuntimeSpec, AnOrdinaryUserHasNoneActive) {
  ContainerSpec wanted = container();
  wanted.process.uid = 1000;
  const json::value spec = made(wanted);
  EXPECT_TRUE(list(spec.at("process").at("capabilities").at("effective")).empty());
  EXPECT_FALSE(list(spec.at("process").at("capabilities").at("bounding")).empty());
}

TEST(RuntimeSpec, AddsCapabilitiesByEitherName) {
  ContainerSpec wanted = container();
  wanted.cap_add = {"sys_ptrace", "CAP_SYS_ADMIN"};
  const json::value spec = made(wanted);
  EXPECT_THAT(list(spec.at("process").at("capabilities").at("bounding")),
              IsSupersetOf({"CAP_SYS_PTRACE", "CAP_SYS_ADMIN"}));
}

TEST(RuntimeSpec, RefusesWhatItCannotGive) {
  ContainerSpec wanted = container();
  wanted.cap_add = {"SYS_RESOURCE"};
  const auto out = runtime_spec(wanted, machine());
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().kind, Kind::usage);
  EXPECT_THAT(out.error().message, testing::HasSubstr("CAP_SYS_RESOURCE"));
  wanted.cap_add.clear();
  wanted.security_opt = {"seccomp=/etc/profile.json"};
  EXPECT_FALSE(runtime_spec(wanted, machine()));
}

TEST(RuntimeSpec, PrivilegedHasAllThatWeHold) {
  ContainerSpec wanted = container();
  wanted.privileged = true;
  const json::value spec = made(wanted);
  EXPECT_EQ(list(spec.at("process").at("capabilities").at("bounding")), machine().held);
  EXPECT_FALSE(linux_of(spec).contains("seccomp"));
  EXPECT_FALSE(linux_of(spec).contains("maskedPaths"));
  EXPECT_EQ(write_json(linux_of(spec).at("devices")),
            R"([{"path":"/dev/kvm","type":"c","major":10,"minor":232,"fileMode":432,"uid":0,"gid":104}])");
  EXPECT_EQ(write_json(linux_of(spec).at("resources").at("devices")), R"([{"allow":true,"access":"rwm"}])");
}

TEST(RuntimeSpec, OthersReachOnlyTheHarmlessDevices) {
  const json::value spec = made(container());
  const auto& rules = linux_of(spec).at("resources").at("devices").as_array();
  EXPECT_EQ(write_json(rules.at(0)), R"({"allow":false,"access":"rwm"})");
  for (const auto& rule : rules)
    if (flag_or(rule, "allow") && text_or(rule, "access") != "m") {
      EXPECT_THAT((std::set<std::int64_t>{1, 5, 136}), Contains(number_or(rule, "major")));
    }
  EXPECT_FALSE(linux_of(spec).contains("devices"));
  EXPECT_THAT(list(linux_of(spec).at("maskedPaths")), Contains("/proc/kcore"));
  EXPECT_THAT(list(linux_of(spec).at("readonlyPaths")), Contains("/proc/sys"));
}

TEST(RuntimeSpec, LimitsSettingsAndDevices) {
  ContainerSpec wanted = container();
  wanted.read_only = true;
  wanted.sysctls = {{"net.core.somaxconn", "64"}};
  wanted.rlimits = {{"NOFILE", 10, 20}};
  wanted.oom_score_adj = 7;
  wanted.resources = {.memory = 1 << 20, .cpu_millis = 500, .cpuset = "0", .pids = 5};
  wanted.devices = {{"/dev/fuse", "/dev/here", 'c', 10, 229, 0666, "rw"}};
  const json::value spec = made(wanted);
  EXPECT_TRUE(spec.at("root").at("readonly").as_bool());
  EXPECT_EQ(write_json(linux_of(spec).at("sysctl")), R"({"net.core.somaxconn":"64"})");
  EXPECT_EQ(write_json(spec.at("process").at("rlimits")),
            R"([{"type":"RLIMIT_NOFILE","soft":10,"hard":20}])");
  EXPECT_EQ(number_or(spec.at("process"), "oomScoreAdj"), 7);
  const auto& resources = linux_of(spec).at("resources");
  EXPECT_EQ(write_json(resources.at("memory")), R"({"limit":1048576})");
  EXPECT_EQ(write_json(resources.at("cpu")), R"({"quota":50000,"period":100000,"cpus":"0"})");
  EXPECT_EQ(number_or(resources.at("pids"), "limit"), 5);
  EXPECT_EQ(write_json(resources.at("devices").as_array().back()),
            R"({"allow":true,"type":"c","access":"rw","major":10,"minor":229})");
  EXPECT_EQ(text_or(linux_of(spec).at("devices").at(0), "path"), "/dev/here");
  Machine user = machine();
  user.user_namespace = true;
  const json::value of_user = made(wanted, user);
  EXPECT_FALSE(linux_of(of_user).contains("resources"));
  EXPECT_EQ(mount_at(of_user, "/dev/here")->at("source").as_string(), "/dev/fuse");
}

TEST(Machine, CapabilitiesHaveTheKernelsNumbers) {
  EXPECT_EQ(capability_number("CHOWN"), 0);
  EXPECT_EQ(capability_number("cap_sys_admin"), 21);
  EXPECT_EQ(capability_number("CHECKPOINT_RESTORE"), capability_count() - 1);
  EXPECT_EQ(capability_number("NONE"), std::nullopt);
}

TEST(RuntimeSpec, CgroupPathOnlyBelowAParent) {
  EXPECT_EQ(linux_of(made(container())).at("cgroupsPath").as_string(), "/devenv/one");
  Machine none = machine();
  none.cgroup_parent.clear();
  EXPECT_FALSE(linux_of(made(container(), none)).contains("cgroupsPath"));
}

TEST(RuntimeSpec, InAUserNamespaceNothingNeedsTheMachine) {
  Machine user = machine();
  user.user_namespace = true;
  ContainerSpec wanted = container();
  wanted.privileged = true;
  const json::value spec = made(wanted, user);
  for (const char* absent : {"resources", "cgroupsPath", "devices"})
    EXPECT_FALSE(linux_of(spec).contains(absent));
  ASSERT_NE(mount_at(spec, "/sys"), nullptr);
  EXPECT_EQ(mount_at(spec, "/sys")->at("type").as_string(), "bind");
  EXPECT_THAT(list(mount_at(spec, "/sys")->at("options")), Contains("ro"));
  EXPECT_EQ(mount_at(spec, "/sys/fs/cgroup"), nullptr);
}

TEST(RuntimeSpec, OwnMountsReplaceTheUsualOnes) {
  ContainerSpec wanted = container();
  wanted.mounts = {{"tmpfs", "tmpfs", "/dev/shm", {"size=1g"}}, {"bind", "/a", "/work", {"rbind", "rw"}}};
  const json::value spec = made(wanted);
  EXPECT_EQ(list(mount_at(spec, "/dev/shm")->at("options")), (std::vector<std::string>{"size=1g"}));
  EXPECT_EQ(mount_at(spec, "/work")->at("source").as_string(), "/a");
  int seen = 0;
  for (const auto& one : spec.at("mounts").as_array())
    seen += one.at("destination").as_string() == "/dev/shm";
  EXPECT_EQ(seen, 1);
}

TEST(RuntimeSpec, WhatIsMountedInsideABoundFolderStaysInside) {
  ContainerSpec wanted = container();
  wanted.mounts = {{"bind", "/a", "/work", {"rbind", "rw"}}, {"bind", "/b", "/seen", {"rbind", "rslave"}}};
  const json::value spec = made(wanted);
  EXPECT_EQ(list(mount_at(spec, "/work")->at("options")),
            (std::vector<std::string>{"rbind", "rw", "rprivate"}));
  EXPECT_EQ(list(mount_at(spec, "/seen")->at("options")), (std::vector<std::string>{"rbind", "rslave"}));
}

TEST(RuntimeSpec, NetworkNamespaceByPathOrNew) {
  auto network = [](const json::value& spec) {
    for (const auto& one : linux_of(spec).at("namespaces").as_array())
      if (one.at("type").as_string() == "network") return write_json(one);
    return std::string();
  };
  EXPECT_EQ(network(made(container())), R"({"type":"network"})");
  ContainerSpec wanted = container();
  wanted.network_namespace = "/run/x/net";
  EXPECT_EQ(network(made(wanted)), R"({"type":"network","path":"/run/x/net"})");
}

TEST(RuntimeSpec, SecurityOptions) {
  ContainerSpec wanted = container();
  wanted.security_opt = {"seccomp=unconfined", "no-new-privileges:true", "apparmor=web"};
  const json::value spec = made(wanted);
  EXPECT_FALSE(linux_of(spec).contains("seccomp"));
  EXPECT_TRUE(spec.at("process").at("noNewPrivileges").as_bool());
  EXPECT_EQ(spec.at("process").at("apparmorProfile").as_string(), "web");
}

TEST(Seccomp, RefusesWhatReachesTheKernel) {
  const json::value profile = linux_of(made(container())).at("seccomp");
  EXPECT_EQ(profile.at("defaultAction").as_string(), "SCMP_ACT_ALLOW");
  for (const char* call :
       {"kexec_load", "reboot", "swapon", "mount", "bpf", "keyctl", "add_key", "request_key", "userfaultfd",
        "open_by_handle_at", "init_module", "unshare", "clone3", "io_uring_setup"})
    EXPECT_TRUE(refuses(profile, call)) << call;
  for (const char* call : {"ptrace", "execve", "openat", "chroot"})
    EXPECT_FALSE(refuses(profile, call)) << call;
}

TEST(Seccomp, FollowsTheCapabilities) {
  const json::value profile = seccomp_profile({"CAP_SYS_ADMIN"});
  for (const char* call : {"mount", "bpf", "unshare", "clone3"}) EXPECT_FALSE(refuses(profile, call)) << call;
  for (const char* call : {"kexec_load", "keyctl", "reboot"}) EXPECT_TRUE(refuses(profile, call)) << call;
}

TEST(ExecProcess, KeepsTheContainersSecurity) {
  ContainerSpec wanted = container();
  wanted.security_opt = {"no-new-privileges"};
  const json::value spec = made(wanted);
  ProcessSpec process;
  process.argv = {"id"};
  process.uid = 7;
  process.terminal = true;
  const auto out = exec_process(spec, process);
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->at("noNewPrivileges").as_bool());
  EXPECT_TRUE(out->at("terminal").as_bool());
  EXPECT_EQ(write_json(out->at("args")), R"(["id"])");
  EXPECT_EQ(list(out->at("capabilities").at("bounding")),
            list(spec.at("process").at("capabilities").at("bounding")));
  EXPECT_TRUE(list(out->at("capabilities").at("effective")).empty());
  EXPECT_FALSE(exec_process(json::value(), process));
}

TEST(Machine, ReadsItsOwnBoundingSet) {
  const Machine here = this_machine(false, "");
  for (const std::string& name : here.held) EXPECT_TRUE(name.starts_with("CAP_")) << name;
  for (const Device& one : here.devices) EXPECT_TRUE(one.path.starts_with("/dev/")) << one.path;
  EXPECT_TRUE(this_machine(true, "").devices.empty());
}

}  // namespace
}  // namespace photon::engine
