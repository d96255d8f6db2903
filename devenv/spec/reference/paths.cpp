#include "devenv/spec/reference/paths.hpp"

#include <vector>

namespace photon::spec::reference {
namespace {

std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  bool absolute = path.starts_with('/');
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    auto step = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (step.empty() || step == ".") continue;
    if (step == ".." && !steps.empty() && steps.back() != "..")
      steps.pop_back();
    else if (step != ".." || !absolute)
      steps.push_back(step);
  }
  return steps;
}

std::string without_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace

std::string normalized(std::string_view path) {
  if (path.empty()) return ".";
  auto steps = steps_of(path);
  std::string made = fmt::format("{}{}", path.starts_with('/') ? "/" : "", fmt::join(steps, "/"));
  if (made.empty()) return path.ends_with('/') ? "./" : ".";
  if (path.ends_with('/') && !made.ends_with('/')) made += '/';
  return made;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (auto part : parts) {
    if (part.empty()) continue;
    if (!all.empty()) all += '/';
    all += part;
  }
  return normalized(all);
}

std::string resolved(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (auto part : parts) {
    if (part.empty()) continue;
    all = part.starts_with('/') ? std::string(part) : all + "/" + std::string(part);
  }
  return without_slashes(normalized(all));
}

std::string relative(std::string_view from, std::string_view to) {
  auto here = steps_of(from), there = steps_of(to);
  std::size_t same = 0;
  while (same < here.size() && same < there.size() && here[same] == there[same]) ++same;
  std::vector<std::string_view> way(here.size() - same, "..");
  way.insert(way.end(), there.begin() + static_cast<std::ptrdiff_t>(same), there.end());
  return fmt::format("{}", fmt::join(way, "/"));
}

std::string base_name(std::string_view path) {
  auto whole = without_slashes(path);
  return whole.substr(whole.rfind('/') + 1);
}

std::string folder_of(std::string_view path) {
  auto whole = without_slashes(path);
  auto slash = whole.rfind('/');
  if (slash == whole.npos) return ".";
  return slash == 0 ? "/" : without_slashes(whole.substr(0, slash));
}

}  // namespace photon::spec::reference
