#include "images/imager/build/outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"

namespace photon::images {

namespace fs = std::filesystem;

Result<Made> measure(const std::string& path, const Work& work) {
  PHOTON_TRY(auto fd, open_fd(path, O_RDONLY));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("look at " + path, errno);
  Sha256 sum;
  std::string buffer(1 << 20, '\0');
  while (true) {
    if (work.stopped()) return cancelled();
    auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read " + path, errno);
    if (got == 0) break;
    sum.update(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
  return Made{.file = fs::path(path).filename(),
              .sha256 = sum.hex(),
              .size = static_cast<std::uint64_t>(status.st_size),
              .stored = static_cast<std::uint64_t>(status.st_blocks) * 512};
}

std::optional<std::vector<Made>> present(const std::string& output, const std::string& name,
                                         const std::string& key) {
  auto text = read_file(output + "/" + name + ".json");
  if (!text) return std::nullopt;
  auto value = parse_json(*text, name + ".json");
  if (!value || text_or(*value, "key") != key) return std::nullopt;
  const auto* list = member(*value, "files");
  if (!list || !list->is_array()) return std::nullopt;
  std::vector<Made> out;
  for (const auto& one : list->get_array()) {
    Made made{.file = text_or(one, "file"),
              .sha256 = text_or(one, "sha256"),
              .size = static_cast<std::uint64_t>(number_or(one, "size")),
              .stored = static_cast<std::uint64_t>(number_or(one, "stored"))};
    struct stat status{};
    if (made.file.empty() || made.file.find('/') != std::string::npos ||
        ::stat((output + "/" + made.file).c_str(), &status) != 0 ||
        static_cast<std::uint64_t>(status.st_size) != made.size)
      return std::nullopt;
    out.push_back(std::move(made));
  }
  return out;
}

Result<void> put_in_place(const Scratch& scratch, const std::string& output, const std::string& name,
                          const std::vector<std::string>& files) {
  auto description = name + ".json";
  if (::unlink((output + "/" + description).c_str()) != 0 && errno != ENOENT)
    return fail_errno("replace " + description, errno);
  auto move = [&](const std::string& file) -> Result<void> {
    if (::rename(scratch.path(file).c_str(), (output + "/" + file).c_str()) != 0)
      return fail_errno("give " + file + " its name", errno);
    return {};
  };
  for (const auto& file : files) PHOTON_CHECK(move(file));
  return move(description);
}

}  // namespace photon::images
