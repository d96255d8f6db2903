#include <pwd.h>
#include <unistd.h>

#include <charconv>

#include "devenv/core/process.hpp"
#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {
namespace {

bool to_number(std::string_view text, unsigned long& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// `getsubids [-g] USER` prints "0: USER START COUNT": the only way to ranges that lie in LDAP or SSSD.
std::vector<Range> asked_ranges(const std::string& user, bool groups) {
  std::vector<Range> found;
  if (!find_program("getsubids")) return found;
  Command command{.argv = {"getsubids"}};
  if (groups) command.argv.push_back("-g");
  command.argv.push_back(user);
  auto answer = run(std::move(command), {}, std::chrono::seconds(5));
  if (!answer || answer->status != 0) return found;
  std::string_view text = answer->out;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto second = line.rfind(' ');
    auto first = second == line.npos || second == 0 ? line.npos : line.rfind(' ', second - 1);
    Range range;
    if (first == line.npos || !to_number(line.substr(first + 1, second - first - 1), range.start) ||
        !to_number(line.substr(second + 1), range.count))
      continue;
    found.push_back(range);
  }
  return found;
}

Result<void> run_mapper(const std::string& program, pid_t pid, unsigned own,
                        const std::vector<Range>& ranges) {
  Command command{.argv = {program, std::to_string(pid), "0", std::to_string(own), "1"}};
  unsigned long inside = 1;
  for (const auto& range : ranges) {
    for (unsigned long number : {inside, range.start, range.count})
      command.argv.push_back(std::to_string(number));
    inside += range.count;
  }
  auto output = run(std::move(command), {}, std::chrono::seconds(10));
  if (!output) {
    if (output.error().kind != Kind::not_found) return tl::unexpected<Error>(output.error());
    return fail(Kind::unavailable, "namespaces.mapper",
                fmt::format("the program {} is not installed", program), "sudo apt install uidmap");
  }
  if (output->status == 0) return {};
  std::string said = output->err.substr(0, output->err.find('\n'));
  return fail(Kind::denied, "namespaces.map", fmt::format("{} refused the user's ids: {}", program, said),
              "the ranges in /etc/subuid and /etc/subgid must belong to you alone, and newuidmap must be "
              "setuid root");
}

struct Line {
  std::string_view owner;
  Range range;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> found;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto first = line.find(':');
    auto second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    Line one{line.substr(0, first), {}};
    if (to_number(line.substr(first + 1, second - first - 1), one.range.start) &&
        to_number(line.substr(second + 1), one.range.count) && one.range.count > 0)
      found.push_back(one);
  }
  return found;
}

}  // namespace

std::string user_name(unsigned uid) {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  if (::getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found) return found->pw_name;
  return std::to_string(uid);
}

std::vector<Range> subordinate_ranges(std::string_view text, std::string_view user, unsigned uid) {
  std::vector<Range> found;
  std::string number = std::to_string(uid);
  for (const auto& [owner, range] : lines_of(text))
    if (owner == user || owner == number) found.push_back(range);
  return found;
}

Range next_range(std::string_view users, std::string_view groups) {
  Range range{100'000, 65'536};
  for (auto text : {users, groups})
    for (const auto& [owner, taken] : lines_of(text))
      range.start = std::max(range.start, taken.start + taken.count);
  return range;
}

Result<std::vector<Range>> own_ranges(bool groups) {
  unsigned uid = ::getuid();
  std::string user = user_name(uid);
  std::string path = groups ? "/etc/subgid" : "/etc/subuid";
  std::vector<Range> ranges;
  if (auto text = read_file(path)) ranges = subordinate_ranges(*text, user, uid);
  if (ranges.empty()) ranges = asked_ranges(user, groups);
  if (!ranges.empty()) return ranges;
  auto free = next_range(read_file("/etc/subuid").value_or(""), read_file("/etc/subgid").value_or(""));
  return fail(Kind::denied, "namespaces.subordinate",
              fmt::format("{} gives the user {} no range of subordinate ids", path, user),
              fmt::format("sudo usermod --add-subuids {0}-{1} --add-subgids {0}-{1} {2}", free.start,
                          free.start + free.count - 1, user));
}

Result<void> map_ids(pid_t pid, const std::vector<Range>& users, const std::vector<Range>& groups) {
  PHOTON_CHECK(run_mapper("newuidmap", pid, ::getuid(), users));
  return run_mapper("newgidmap", pid, ::getgid(), groups);
}

}  // namespace photon::namespaces
