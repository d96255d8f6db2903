#include "devenv/devcontainer/story.hpp"

#include <fmt/format.h>

namespace photon::devcontainer {
namespace {

constexpr std::string_view channel = "postCreate";
constexpr std::string_view dotfiles = "dotfiles";
constexpr std::string_view initialize = "initializeCommand";

std::string_view channel_of(const std::string& property) { return property == dotfiles ? "" : channel; }

std::string name_of(const std::string& property) {
  return property == dotfiles ? "Installing Dotfiles" : fmt::format("Running {}...", property);
}

}  // namespace

void Story::tell(const Progress& progress) {
  if (progress.step == "hook") return hook(progress);
  bool prints = progress.step == "feature" || progress.step == "build";
  if (prints && !progress.detail.empty() && !progress.finished) return log_.raw(progress.detail);
  auto line = fmt::format("{} {}", progress.step, progress.subject);
  if (progress.finished && !progress.detail.empty()) line += ": " + progress.detail;
  // What moves is told once; its numbers are for a screen.
  if (!progress.finished && progress.step == last_) return;
  last_ = progress.finished ? "" : progress.step;
  log_.write(progress.finished ? LogLevel::info : LogLevel::debug, line);
}

void Story::hook(const Progress& progress) {
  auto colon = progress.subject.find(": ");
  auto property = progress.subject.substr(0, colon);
  auto command = colon == std::string::npos ? "" : progress.subject.substr(colon + 2);
  const bool told = property != initialize;  // that one has a log and no progress
  if (property != property_) {
    close("succeeded");
    property_ = property;
    log_.raw(fmt::format("Running {}...", property == dotfiles ? property : "the " + property),
             channel_of(property));
  }
  if (!progress.finished && progress.detail.empty()) {
    running_.insert(progress.subject);
    if (told) log_.progress(name_of(property), "running", command, channel_of(property));
  }
  if (!progress.detail.empty()) {
    log_.raw(progress.detail, channel_of(property));
    constexpr std::string_view begin = "::step::";
    if (auto at = progress.detail.find(begin); at != std::string::npos)
      log_.progress(name_of(property), "running", progress.detail.substr(at + begin.size()), channel);
    else if (progress.detail.find("::endstep::") != std::string::npos)
      log_.progress(name_of(property), "running", "", channel);
  }
  if (progress.finished) running_.erase(progress.subject);
  if (progress.finished && running_.empty()) close("succeeded");
}

void Story::close(std::string_view status) {
  if (!property_.empty() && property_ != initialize)
    log_.progress(name_of(property_), status, std::nullopt, channel_of(property_));
  property_.clear();
  running_.clear();
}

void Story::end(bool failed) { close(failed ? "failed" : "succeeded"); }

}  // namespace photon::devcontainer
