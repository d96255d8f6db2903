#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "devenv/host/host.hpp"
#include "devenv/host/parts.hpp"

namespace photon::host {
namespace {

class Local final : public Host {
 public:
  explicit Local(Options options) : options_(std::move(options)), bundle_(options_.paths.data + "/bundle") {}

  Result<void> set_up() {
    const auto& paths = options_.paths;
    for (const auto& folder : {paths.data, paths.cache, paths.runtime})
      PHOTON_CHECK(make_directories(folder));
    PHOTON_CHECK(make_bundle(bundle_));
    // Before containerd starts: its mount namespace receives only what is shared by then.
    if (!options_.entered.user) PHOTON_CHECK(share_mounts(mounts()));
    network::Options net;
    net.folder = paths.runtime + "/network";
    net.hub_namespace = options_.entered.hub_namespace;
    // Several daemons with folders of their own (tests, DEVENV_HOME) share the machine's network namespace.
    if (!options_.entered.user && paths.data != "/var/lib/devenv") {
      auto sum = sha256_hex(paths.data);
      net.bridge = "dev" + sum.substr(0, 8);
      net.subnet = fmt::format("10.{}.{}.0/24", 88 + std::stoul(sum.substr(8, 4), nullptr, 16) % 100,
                               std::stoul(sum.substr(12, 4), nullptr, 16) % 256);
    }
    PHOTON_TRY(network_, network::Network::open(std::move(net)));
    engine::ContainerdOptions wanted;
    wanted.system_socket = options_.entered.user ? "" : options_.system_containerd;
    wanted.system_required = options_.system_required && !options_.entered.user;
    wanted.root = paths.data + "/containerd";
    wanted.state = paths.runtime + "/containerd";
    wanted.runtime = options_.runtime;
    wanted.in_user_namespace = options_.entered.user;
    PHOTON_TRY(containerd_, engine::Containerd::open(std::move(wanted)));
    images_ = std::make_unique<image::Images>(containerd_->images(), options_.registries);
    return {};
  }

  engine::Engine& engine() override { return containerd_->engine(); }
  image::Images& images() override { return *images_; }
  engine::Layers& layers() override { return containerd_->layers(); }
  network::Network& network() override { return *network_; }
  [[nodiscard]] const Paths& paths() const override { return options_.paths; }
  [[nodiscard]] const namespaces::Entered& entered() const override { return options_.entered; }
  [[nodiscard]] const std::string& bundle() const override { return bundle_; }
  Result<void> ensure() override { return containerd_->ensure(); }
  void rest() override { containerd_->rest(); }

  Result<std::string> map_ownership(const std::string& source, const std::string& id, std::uint32_t host_uid,
                                    std::uint32_t host_gid, std::uint32_t uid, std::uint32_t gid) override {
    if (host_uid == uid && host_gid == gid) return source;
    std::string target = mounts() + "/" + id;
    PHOTON_CHECK(unmap_ownership(id));
    auto mapped = bind_mapped(source, target, host_uid, host_gid, uid, gid);
    // File systems without id-mapped mounts (NFS, some FUSE, older kernels): the folder is used as it is.
    if (!mapped) return source;
    return target;
  }

  Result<void> unmap_ownership(const std::string& id) override {
    std::string target = mounts() + "/" + id;
    if (::umount2(target.c_str(), MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
      return fail_errno("unmount " + target, errno);
    ::rmdir(target.c_str());
    return {};
  }

  Result<void> shut_down() override {
    PHOTON_CHECK(containerd_->shut_down());
    PHOTON_CHECK(network_->shut_down());
    if (!options_.entered.user) ::umount2(mounts().c_str(), MNT_DETACH);
    return {};
  }

  std::vector<Check> doctor() override {
    std::vector<Check> checks;
    auto add = [&](Check::Level level, std::string name, std::string text, std::string hint = {}) {
      checks.push_back({level, std::move(name), std::move(text), std::move(hint)});
    };
    if (auto info = engine().info()) {
      add(Check::Level::ok, "engine",
          fmt::format("{} {} ({}{})", info->name, info->version, info->own ? "private" : "the system's",
                      options_.entered.user ? ", user namespace" : ""));
      if (!info->runtime.empty()) add(Check::Level::ok, "runtime", info->runtime);
    } else {
      add(Check::Level::fail, "engine", sentence(info.error()), info.error().hint);
    }
    auto outbound = network_->outbound_problem();
    if (outbound.empty())
      add(Check::Level::ok, "network", "environments reach the network");
    else
      add(Check::Level::warn, "network", outbound);
    if (::access((bundle_ + "/sftp-server").c_str(), X_OK) == 0)
      add(Check::Level::ok, "sftp", "sftp-server for environments");
    else
      add(Check::Level::warn, "sftp", "no sftp-server: scp and sftp will not work",
          "sudo apt install openssh-sftp-server");
    for (auto& check : resource_checks(options_.paths)) checks.push_back(std::move(check));
    return checks;
  }

 private:
  [[nodiscard]] std::string mounts() const { return options_.paths.runtime + "/mounts"; }

  Options options_;
  std::string bundle_;
  std::unique_ptr<network::Network> network_;
  std::unique_ptr<engine::Containerd> containerd_;
  std::unique_ptr<image::Images> images_;
};

}  // namespace

Result<std::unique_ptr<Host>> Host::open(Options options) {
  auto local = std::make_unique<Local>(std::move(options));
  PHOTON_CHECK(local->set_up());
  return std::unique_ptr<Host>(std::move(local));
}

}  // namespace photon::host
