#include "devenv/environment/sources.hpp"

#include "devenv/core/fd.hpp"

namespace photon::environment {

Result<void> clone_sources(const Parts& parts, Record& record, const git::Source& source,
                           const Caller& caller, const Work& work) {
  const auto above = folders_of(parts.host.paths(), record.id).data + "/workspace";
  record.folder = above + "/" + (source.name.empty() ? "repository" : source.name);
  std::error_code ignored;
  std::filesystem::remove_all(record.folder, ignored);  // half of an interrupted checkout
  PHOTON_CHECK(make_directories(above, 0755));
  git::CloneRequest wanted;
  wanted.source = source;
  wanted.cache = parts.host.paths().cache + "/mirrors";
  wanted.target = record.folder;
  wanted.borrower = record.id;
  wanted.uid = wanted.gid = record.uid = record.gid =
      1000;  // the usual remote user; settled once it is known
  wanted.credentials.agent_socket = caller.agent_socket;
  wanted.credentials.home = caller.home;
  wanted.credentials.stored = parts.options.stored_login;
  for (const char* key : {"id_ed25519", "id_ecdsa", "id_rsa"})
    wanted.credentials.key_files.push_back(fmt::format("{}/.ssh/{}", caller.home, key));
  wanted.credentials.known_hosts_files = {caller.home + "/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"};
  PHOTON_TRY(auto cloned, git::clone(wanted, work));
  record.branch = cloned.branch;
  record.mirrors = cloned.mirrors.empty() ? std::vector<std::string>{cloned.mirror} : cloned.mirrors;
  record.cloned = true;
  return {};
}

}  // namespace photon::environment
