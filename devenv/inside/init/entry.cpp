#include "devenv/inside/init/entry.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "devenv/inside/init/users.hpp"

namespace photon::inside {
namespace {

using namespace std::chrono_literals;
constexpr auto first_wait = 100ms;
constexpr auto longest_wait = 60s;
constexpr auto long_enough = 10s;  ///< what ran for so long has begun well

}  // namespace

Result<void> read_restart(const std::string& word, Entry& entry) {
  auto colon = word.find(':');
  auto kind = word.substr(0, colon);
  if (colon != word.npos) {
    auto [end, error] = std::from_chars(word.data() + colon + 1, word.data() + word.size(), entry.most);
    if (error != std::errc() || end != word.data() + word.size())
      return fail(Kind::usage, "inside.usage", "no number of restarts: " + word);
  }
  if (kind == "always")
    entry.restart = Entry::Restart::always;
  else if (kind == "on-failure")
    entry.restart = Entry::Restart::on_failure;
  else if (kind != "no")
    return fail(Kind::usage, "inside.usage", "no way to restart: " + word);
  return {};
}

std::optional<std::chrono::milliseconds> wait_before_restart(Entry& entry,
                                                             std::chrono::steady_clock::time_point now) {
  if (entry.restart == Entry::Restart::no) return std::nullopt;
  if (entry.restart == Entry::Restart::on_failure && entry.status == 0) return std::nullopt;
  if (entry.most != 0 && entry.again >= entry.most) return std::nullopt;
  if (now - entry.started > long_enough) entry.again = 0;
  auto wait = entry.again > 9 ? std::chrono::milliseconds(longest_wait) : first_wait * (1 << entry.again);
  ++entry.again;
  return std::min<std::chrono::milliseconds>(wait, longest_wait);
}

Result<void> give_mounts(const Entry& entry) {
  if (entry.own.empty()) return {};
  PHOTON_TRY(auto user, find_user(entry.user));
  for (const auto& path : entry.own) {
    std::error_code error;
    if (!std::filesystem::is_empty(path, error) || error) continue;
    if (::chown(path.c_str(), user.uid, user.gid) < 0) return fail_errno("give away " + path, errno);
  }
  return {};
}

}  // namespace photon::inside
