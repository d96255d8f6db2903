// A sandbox over the machine's own files, and what a shell says in it.
#pragma once
#include <fcntl.h>
#include <fmt/format.h>

#include <string>

#include "devenv/core/fd.hpp"
#include "packages/forge/sandbox/sandbox.hpp"
#include "tests/fixtures/build_root/host_tree.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {

struct Said {
  SandboxEnd end{};
  std::string text{};
};

struct AnySandbox {
  fixtures::TempFolder folder{};
  std::string tree = fixtures::make_host_tree(folder.path + "/tree");

  SandboxCommand command(const std::string& script) {
    static int count = 0;
    SandboxCommand made{.argv = {"/bin/sh", "-c", script}, .environment = {{"PATH", "/usr/bin:/usr/sbin"}}};
    made.trees = {tree};
    made.scratch = folder.path + "/scratch" + std::to_string(count++);
    made.binds = fixtures::host_binds();
    return made;
  }
  Result<Said> run(SandboxCommand made, const Work& work = {}) {
    std::string log = folder.path + "/log";
    PHOTON_TRY(auto out, open_fd(log, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    made.output = out.get();
    PHOTON_TRY(auto end, run_in_sandbox(made, work));
    PHOTON_TRY(auto text, read_file(log));
    PHOTON_CHECK(remove_scratch(made.scratch));
    return Said{end, std::move(text)};
  }
  Result<Said> run(const std::string& script) { return run(command(script)); }
};

}  // namespace photon::forge
