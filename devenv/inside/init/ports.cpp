#include "devenv/inside/init/ports.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace photon::inside {
namespace {

struct Row {
  ListeningPort port;
  std::string inode;
};

// The kernel writes addresses as host-order 32-bit words in hexadecimal.
std::string address_text(std::string_view hex) {
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < hex.size() / 8 && i < 4; ++i)
    std::from_chars(hex.data() + i * 8, hex.data() + i * 8 + 8, words[i], 16);
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(hex.size() == 8 ? AF_INET : AF_INET6, words.data(), text, sizeof text);
  return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    auto start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    auto end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

void read_table(const std::string& path, std::vector<Row>& rows) {
  std::string text = read_file(path).value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    auto end = std::min(rest.find('\n'), rest.size());
    auto words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (words.size() < 10 || words[3] != "0A") continue;  // 0A: listening
    auto colon = words[1].find(':');
    if (colon == std::string_view::npos) continue;
    Row row;
    auto digits = words[1].substr(colon + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), row.port.port, 16);
    row.port.address = address_text(words[1].substr(0, colon));
    row.inode = std::string(words[9]);
    rows.push_back(std::move(row));
  }
}

template <class Visit>
void each_entry(const std::string& folder, Visit visit) {
  std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return;
  while (const dirent* entry = ::readdir(open.get()))
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') visit(std::string(entry->d_name));
}

void name_owners(const std::string& proc, std::vector<Row>& rows) {
  each_entry(proc, [&](const std::string& pid) {
    std::string folder = proc + "/" + pid + "/fd";
    each_entry(folder, [&](const std::string& number) {
      char target[64];
      ssize_t size = ::readlink((folder + "/" + number).c_str(), target, sizeof target);
      std::string_view link(target, size > 0 ? static_cast<std::size_t>(size) : 0);
      if (!link.starts_with("socket:[")) return;
      auto inode = link.substr(8, link.size() - 9);
      for (auto& row : rows) {
        if (row.inode != inode || !row.port.process.empty()) continue;
        row.port.process = read_file(proc + "/" + pid + "/comm").value_or("");
        while (row.port.process.ends_with('\n')) row.port.process.pop_back();
      }
    });
  });
}

}  // namespace

std::vector<ListeningPort> listening_ports(const std::string& proc) {
  std::vector<Row> rows;
  read_table(proc + "/net/tcp", rows);
  read_table(proc + "/net/tcp6", rows);
  if (!rows.empty()) name_owners(proc, rows);
  std::vector<ListeningPort> ports;
  for (auto& row : rows) ports.push_back(std::move(row.port));
  return ports;
}

}  // namespace photon::inside
