// One borrower's marks in the mirrors, for another one as well.
#include "devenv/core/fd.hpp"
#include "devenv/git/git.hpp"

namespace photon::git {
namespace {

namespace fs = std::filesystem;

Result<void> lend_on_in(const std::string& mirror, const std::string& borrower, const std::string& another) {
  const auto marks = mirror + "/refs/devenv/";
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(marks + borrower, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename());
  if (error) return fail_errno(fmt::format("read what is borrowed from {}", mirror), error.value());
  PHOTON_CHECK(make_directories(marks + another, 0755));
  for (const auto& name : names) {
    PHOTON_TRY(auto commit, read_file(fmt::format("{}{}/{}", marks, borrower, name), 4096));
    PHOTON_CHECK(write_file(fmt::format("{}{}/{}", marks, another, name), commit, 0644));
  }
  return {};
}

}  // namespace

Result<void> lend_on(const std::vector<std::string>& mirrors, const std::string& borrower,
                     const std::string& another) {
  for (const auto& mirror : mirrors) PHOTON_CHECK(lend_on_in(mirror, borrower, another));
  return {};
}

}  // namespace photon::git
