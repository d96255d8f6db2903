#include "images/firstboot/apply.hpp"

#include <algorithm>

#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "images/firstboot/system.hpp"

namespace photon::first_boot {
namespace {

class Work {
 public:
  Work(const Tree& tree, Journal& journal) : tree_(tree), journal_(journal) {}

  /// The first fault is the answer, and each is told where it was asked for.
  void keep(Result<void> done, const Place& where = {}) {
    if (done) return;
    auto error = std::move(done).error();
    if (!error.where && !where.file.empty()) error.where = where;
    journal_.warning(error);
    if (first_) first_ = tl::unexpected(std::move(error));
  }

  Result<void> user(const WantedUser& wanted) {
    auto groups = wanted.is_default ? wanted.user.groups : std::vector<std::string>();
    PHOTON_CHECK(make_user(tree_, wanted.user, wanted.keys, journal_, groups));
    if (wanted.sudo.empty()) return {};
    std::string text = "# From user-data of the first boot's seed.\n";
    for (const auto& rule : wanted.sudo) text += fmt::format("{} {}\n", wanted.user.name, rule);
    PHOTON_CHECK(tree_.make_folder("etc/sudoers.d", {0755, 0, 0}));
    return tree_.write("etc/sudoers.d/first-boot-" + wanted.user.name, text, {0440, 0, 0});
  }

  Result<void> file(const WantedFile& wanted) {
    PHOTON_TRY(auto accounts, Accounts::read(tree_));
    auto uid = accounts.uid_of(wanted.owner);
    auto gid = wanted.group.empty() ? uid : accounts.gid_of(wanted.group);
    if (!uid || !gid)
      return fail(Kind::not_found, "first-boot.owner",
                  fmt::format("there is no {}:{} to own {}", shown(wanted.owner), shown(wanted.group),
                              shown(wanted.path)));
    auto content = wanted.content;
    if (wanted.append) {
      PHOTON_TRY(auto old, tree_.read(wanted.path, 16 << 20));
      // Done before the power went: not a second time.
      if (old && old->ends_with(content)) return {};
      if (old) content = *old + content;
    }
    auto slash = wanted.path.rfind('/');
    if (slash > 0) PHOTON_CHECK(tree_.make_folder(wanted.path.substr(0, slash), {0755, 0, 0}));
    return tree_.write(wanted.path, content, {wanted.mode, *uid, *gid});
  }

  Result<void> groups(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    PHOTON_TRY(auto lock, tree_.lock_accounts());
    PHOTON_TRY(auto accounts, Accounts::read(tree_));
    for (const auto& name : names) PHOTON_CHECK(accounts.ensure_group(name));
    return accounts.write(tree_);
  }

  Result<void> time_zone(const std::string& name) {
    if (!tree_.exists("usr/share/zoneinfo/" + name))
      return fail(Kind::not_found, "first-boot.timezone",
                  fmt::format("there is no time zone \"{}\" here", shown(name)),
                  "the package tzdata has them");
    return tree_.link("../usr/share/zoneinfo/" + name, "etc/localtime");
  }

  /// Of an earlier instance nothing stays: its cards' files and its commands.
  Result<void> network(const std::vector<WantedFile>& files) {
    for (const auto& name : tree_.list("etc/systemd/network"))
      if (auto path = "/etc/systemd/network/" + name;
          name.starts_with("50-first-boot-") &&
          std::none_of(files.begin(), files.end(), [&](const auto& one) { return one.path == path; }))
        PHOTON_CHECK(tree_.remove(path));
    for (const auto& one : files) PHOTON_CHECK(file(one));
    if (files.empty() || !tree_.runs()) return {};
    // Where networkd runs already. Where it does not yet, it reads them when it starts.
    (void)photon::run({.argv = {"systemctl", "--no-block", "reload", "systemd-networkd.service"}}, {},
                      std::chrono::seconds(10));
    return {};
  }

  Result<void> commands(const Plan& plan) {
    const std::pair<const char*, std::string> texts[] = {
        {boot_commands_file, shell_script(plan.boot_commands)},
        {commands_file, shell_script(plan.commands)},
        {script_file, plan.script}};
    for (const auto& [path, text] : texts) {
      PHOTON_CHECK(text.empty() ? tree_.remove(path) : tree_.write(path, text, {0700, 0, 0}));
    }
    return {};
  }

  Result<void> result() { return first_; }

 private:
  const Tree& tree_;
  Journal& journal_;
  Result<void> first_;
};

}  // namespace

std::string shell_script(const std::vector<WantedCommand>& commands) {
  if (commands.empty()) return {};
  std::string out = "#!/bin/sh\n";
  for (const auto& command : commands) {
    std::string line = command.line;
    for (const auto& word : command.words) {
      line += line.empty() ? "'" : " '";
      for (char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
      line += "'";
    }
    out += line + "\n";
  }
  return out;
}

Result<void> apply(const Tree& tree, const Plan& plan, Journal& journal) {
  for (const auto& error : plan.left_out) journal.warning(error);
  PHOTON_CHECK(tree.make_folder(state_folder, {0755, 0, 0}));
  Work work(tree, journal);
  if (plan.host_name) work.keep(set_host_name(tree, *plan.host_name, journal));
  work.keep(work.groups(plan.groups));
  for (const auto& one : plan.users) work.keep(work.user(one), one.where);
  for (const auto& one : plan.files) work.keep(work.file(one), one.where);
  if (plan.time_zone) work.keep(work.time_zone(*plan.time_zone));
  if (plan.locale) work.keep(tree.write("etc/locale.conf", "LANG=" + *plan.locale + "\n", {}));
  PHOTON_CHECK(tree.make_folder("etc/systemd/network", {0755, 0, 0}));
  work.keep(work.network(plan.network));
  work.keep(work.commands(plan));
  return work.result();
}

}  // namespace photon::first_boot
