// What an environment gets to know of the machine around it, and what it asks of it.
#pragma once
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "devenv/environment/container.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

/// http_proxy, https_proxy, ftp_proxy, all_proxy and no_proxy of the caller, in the case they are written in,
/// where the image and devcontainer.json say nothing; neighbours are never asked for by a proxy. Warnings:
/// those on the machine's own loopback, which an environment does not reach.
std::vector<std::string> add_proxies(std::vector<std::string>& env,
                                     const std::map<std::string, std::string>& caller);

/// hostRequirements that this machine does not meet, one sentence each. `folder` is where disks are measured.
std::vector<std::string> lacks(const spec::HostRequirements& wanted, const std::string& folder);

/// Of a clone with files in Git LFS, which are pointers: only the git inside can have the filter and the
/// login.
std::optional<std::string> lfs_warning(const Record& record, const Folders& folders, std::stop_token stop);

}  // namespace photon::environment
