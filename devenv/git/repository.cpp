#include "devenv/git/submodules.hpp"

namespace photon::git {
namespace {

/// As git quotes values of its configuration.
std::string quote_value(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string configuration(const Wanted& wanted, const std::string& url) {
  auto text = fmt::format(
      "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
      "[remote \"origin\"]\n\turl = {}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
      quote_value(url));
  if (!wanted.branch.empty())
    text += fmt::format("[branch {}]\n\tremote = origin\n\tmerge = {}\n", quote_value(wanted.branch),
                        quote_value(wanted.upstream));
  return text;
}

/// The remote's refs as this repository sees them.
std::vector<Tip> tracked(const Mirror& mirror) {
  constexpr std::string_view heads = "refs/heads/";
  std::vector<Tip> tips;
  for (const auto& tip : mirror.tips()) {
    if (tip.name.starts_with(heads))
      tips.push_back({"refs/remotes/origin/" + tip.name.substr(heads.size()), tip.id});
    if (tip.name.starts_with("refs/tags/")) tips.push_back(tip);
  }
  std::ranges::sort(tips, {}, &Tip::name);
  return tips;
}

}  // namespace

Result<void> make_repository(const Mirror& mirror, const Wanted& wanted, const std::string& url,
                             const std::string& folder) {
  auto git = folder + "/.git";
  for (const char* part : {"/objects/info", "/objects/pack", "/refs/heads", "/refs/tags",
                           "/refs/remotes/origin", "/info", "/hooks"})
    PHOTON_CHECK(make_directories(git + part, 0755));
  PHOTON_CHECK(write_file(git + "/config", configuration(wanted, url), 0644));
  PHOTON_CHECK(write_file(git + "/objects/info/alternates", mirror.folder() + "/objects\n", 0644));
  PHOTON_CHECK(write_file(git + "/packed-refs", packed_refs(tracked(mirror)), 0644));
  constexpr std::string_view heads = "refs/heads/";
  if (mirror.head().starts_with(heads))
    PHOTON_CHECK(write_file(git + "/refs/remotes/origin/HEAD",
                            fmt::format("ref: refs/remotes/origin/{}\n", mirror.head().substr(heads.size())),
                            0644));
  if (wanted.branch.empty()) return write_file(git + "/HEAD", hex(wanted.commit) + "\n", 0644);
  auto branch = git + "/refs/heads/" + wanted.branch;
  PHOTON_CHECK(make_directories(branch.substr(0, branch.rfind('/')), 0755));
  PHOTON_CHECK(write_file(branch, hex(wanted.commit) + "\n", 0644));
  return write_file(git + "/HEAD", fmt::format("ref: refs/heads/{}\n", wanted.branch), 0644);
}

}  // namespace photon::git
