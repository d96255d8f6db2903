#include "devenv/environment/names.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "devenv/core/derived.hpp"
#include "devenv/environment/container.hpp"

namespace photon::environment {
namespace {

constexpr std::string_view begin_mark = "# Other environments, kept by devenv\n";
constexpr std::string_view end_mark = "# End of other environments\n";

std::string line_of(const Named& named) {
  return fmt::format("{} {}\n", named.address, fmt::join(named.names, " "));
}

struct Member {
  std::string id;
  Named named;
};

Result<std::vector<Member>> members_of(store::Store& store, host::Host& host, std::uint32_t owner) {
  PHOTON_TRY(auto rows, store.environments());
  PHOTON_TRY(auto attachments, host.network().list());
  std::vector<Member> members;
  for (const auto& row : rows) {
    auto found = std::find_if(attachments.begin(), attachments.end(),
                              [&](const auto& attachment) { return attachment.id == row.id; });
    if (row.owner == owner && found != attachments.end() && !found->address.empty())
      members.push_back({row.id, named(found->address, row.name)});
  }
  return members;
}

}  // namespace

Result<void> put_in_place(const std::string& path, std::string_view text) {
  auto file = open_fd(path, O_WRONLY | O_NOFOLLOW);
  if (!file && file.error().kind == Kind::not_found) return write_derived(path, text, 0644);
  if (!file) return tl::unexpected(std::move(file.error()));
  PHOTON_CHECK(write_all(file->get(), text));
  if (::ftruncate(file->get(), static_cast<off_t>(text.size())) < 0)
    return fail_errno("write " + path, errno);
  return {};
}

Named named(const std::string& address, const std::string& name) {
  return {address, {name, name + ".devenv"}};
}

std::string hosts_file(const std::vector<Named>& lines) {
  std::string text = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
  for (const auto& line : lines) text += line_of(line);
  return text;
}

std::string with_neighbours(std::string_view file, const std::vector<Named>& neighbours) {
  auto begin = file.find(begin_mark);
  auto end = begin == file.npos ? file.npos : file.find(end_mark, begin);
  std::string before(file.substr(0, end == file.npos ? file.size() : begin));
  std::string after(end == file.npos ? "" : file.substr(end + end_mark.size()));
  if (!before.empty() && !before.ends_with('\n')) before += '\n';
  if (neighbours.empty()) return before + after;
  before += begin_mark;
  for (const auto& neighbour : neighbours) before += line_of(neighbour);
  return before + std::string(end_mark) + after;
}

void tell_neighbours(store::Store& store, host::Host& host, std::uint32_t owner) {
  static std::mutex one_at_a_time;  // the last to write has seen the latest state
  std::lock_guard hold(one_at_a_time);
  auto members = members_of(store, host, owner);
  if (!members) return;
  for (const auto& member : *members) {
    std::vector<Named> neighbours;
    for (const auto& other : *members)
      if (other.id != member.id) neighbours.push_back(other.named);
    auto path = folders_of(host.paths(), member.id).etc() + "/hosts";
    auto present = read_file(path, 1 << 20);
    if (!present) continue;
    if (auto text = with_neighbours(*present, neighbours); text != *present) (void)put_in_place(path, text);
  }
}

}  // namespace photon::environment
