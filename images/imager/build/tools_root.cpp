#include "images/imager/build/tools_root.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include "devenv/core/digest.hpp"
#include "images/imager/build/scratch.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

/// The mark of a root that is whole, locked for as long as it is open; none: there is no such root.
std::optional<Fd> use(const std::string& folder, int lock) {
  auto mark = open_fd(folder + "/ready", O_RDONLY);
  if (!mark || ::flock(mark->get(), lock | LOCK_NB) != 0) return std::nullopt;
  return std::move(*mark);
}

void remove_others(const std::string& cache, const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(cache, error)) {
    auto path = entry.path().string();
    if (!entry.path().filename().string().starts_with("tools-") || path == folder) continue;
    if (auto alone = use(path, LOCK_EX)) fs::remove_all(path, error);
  }
}

}  // namespace

std::string lines_of(const Plan& plan) {
  std::string out;
  for (const auto& one : plan.packages) out += fmt::format("{} {}\n", rpm::to_string(one.nevra), one.sha256);
  return out;
}

Result<ToolsRoot> tools_root(const Plan& plan, const Supply& supply, std::int64_t date, const Work& work) {
  auto name = "tools-" + sha256_hex(lines_of(plan)).substr(0, 16), folder = supply.cache + "/" + name;
  auto used = use(folder, LOCK_SH);
  if (!used) {
    PHOTON_TRY(auto scratch, Scratch::make(supply.cache, name, "XDG_CACHE_HOME names another folder", work));
    used = use(folder, LOCK_SH);  // another one was first
    if (!used) {
      Definition nothing{.name = "tools", .documentation = false};
      auto fresh = scratch.path("root");
      PHOTON_CHECK(make_root(plan, nothing, supply, fresh, work));
      PHOTON_CHECK(write_file(fresh + "/ready", "", 0644));
      // Programs of others' distributions, set-uid ones among them: nobody else runs them.
      if (::chmod(fresh.c_str(), 0700) != 0) return fail_errno("close " + fresh, errno);
      std::error_code error;
      fs::remove_all(folder, error);
      fs::rename(fresh, folder, error);
      if (error) return fail(Kind::failed, "image.tools", fmt::format("{}: {}", folder, error.message()));
      used = use(folder, LOCK_SH);
      if (!used) return fail_errno("use " + folder, errno);
      remove_others(supply.cache, folder);
    }
  }
  return ToolsRoot{.tools = {.root = folder, .date = date}, .used = std::move(*used)};
}

}  // namespace photon::images
