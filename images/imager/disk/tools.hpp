// Programs that write file systems and disks. Those of them that decide bytes come from our own packages and
// run by their own loader, so that the same image comes out on any distribution.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/process.hpp"
#include "devenv/core/work.hpp"

namespace photon::images {

struct Tools {
  std::string root{};  ///< where the packages of `tool_packages` are installed, for this machine's processor
  std::int64_t date = 0;  ///< SOURCE_DATE_EPOCH of all that they write
};

/// What has to be installed below `Tools::root`.
std::vector<std::string> tool_packages();

/// One of the tools' root ("/usr/sbin/mke2fs"). failed "image.tool" with what it said.
Result<std::string> run_tool(const Tools& tools, const std::string& program,
                             std::vector<std::string> arguments, const Work& work,
                             std::string_view input = {});
/// qemu-img of this machine; unavailable "image.program" where it is missing.
Result<std::string> run_program(const Tools& tools, std::vector<std::string> argv, const Work& work);

}  // namespace photon::images
