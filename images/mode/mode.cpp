#include "images/mode/mode.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::mode {
namespace {

constexpr std::string_view mode_file = "/etc/photon/mode";
constexpr std::string_view sysctl_file = "/etc/sysctl.d/60-photon-mode.conf";
constexpr std::string_view manager_file = "/etc/systemd/system.conf.d/60-photon-mode.conf";
constexpr std::string_view lockdown_file = "/sys/kernel/security/lockdown";
constexpr std::string_view modules_file = "/sys/module/module/parameters/sig_enforce";

struct Setting {
  std::string_view name, key, workstation, appliance;
};
// An empty value of the workstation is the kernel's own: half of the threads that may be.
constexpr std::array settings = {
    Setting{"user namespaces", "user.max_user_namespaces", "", "0"},
    Setting{"io_uring", "kernel.io_uring_disabled", "0", "2"},
    Setting{"debuggers", "kernel.yama.ptrace_scope", "1", "2"},
};

std::optional<std::string> kernel_text(const Places& places, std::string_view path) {
  if (!places.runs) return std::nullopt;
  auto text = read_file(places.kernel + std::string(path), 1 << 16);
  return text ? std::optional(std::string(trimmed(*text))) : std::nullopt;
}

std::string sysctl_path(std::string_view key) {
  std::string path = "/proc/sys/";
  for (char c : key) path += c == '.' ? '/' : c;
  return path;
}

Result<void> tell_kernel(const Places& places, const std::string& path, std::string_view value) {
  PHOTON_TRY(auto file, open_fd(places.kernel + path, O_WRONLY));
  auto done = write_all(file.get(), value);
  return done ? done : within(done.error(), "while writing " + path);
}

std::string kernels_own(const Places& places) {
  auto text = kernel_text(places, "/proc/sys/kernel/threads-max").value_or("");
  unsigned long threads = 0;
  std::from_chars(text.data(), text.data() + text.size(), threads);
  return std::to_string(std::max(threads, 2048UL) / 2);
}

/// "none [integrity] confidentiality" → "integrity"
std::optional<std::string> lockdown(const Places& places) {
  auto text = kernel_text(places, lockdown_file);
  if (!text) return std::nullopt;
  auto begin = text->find('['), end = text->find(']');
  if (begin == text->npos || end == text->npos || end < begin) return std::nullopt;
  return text->substr(begin + 1, end - begin - 1);
}

/// PID 1 filters system calls of other processors, for itself and for whatever it starts.
bool filters_calls(const Places& places) {
  auto status = kernel_text(places, "/proc/1/status");
  return status && status->find("\nSeccomp:\t2") != status->npos;
}

State state_of(const Setting& setting, Mode mode, const Places& places) {
  State state{.name = std::string(setting.name), .key = std::string(setting.key)};
  auto is = kernel_text(places, sysctl_path(setting.key));
  state.is = is.value_or("");
  if (mode == Mode::appliance) {
    state.should = setting.appliance;
    state.reached = !places.runs || !is || *is == setting.appliance;
  } else if (setting.workstation.empty()) {
    state.should = "allowed";
    state.reached = !is || *is != setting.appliance;
  } else {
    state.should = setting.workstation;
    state.reached = !is || *is == setting.workstation;
  }
  return state;
}

std::string sysctl_text() {
  std::string text = "# Written by photon-mode; photon-mode workstation removes it.\n";
  for (const auto& one : settings) text += fmt::format("{} = {}\n", one.key, one.appliance);
  return text;
}

constexpr std::string_view manager_text =
    "# Written by photon-mode; photon-mode workstation removes it. No program of 32 bits runs: one way into "
    "the kernel less.\n"
    "[Manager]\nSystemCallArchitectures=native\n";

Result<void> keep(const Places& places, std::string_view path, std::string_view text) {
  auto whole = places.root + std::string(path);
  if (auto old = read_file(whole); old && *old == text) return {};
  PHOTON_CHECK(make_directories(whole.substr(0, whole.rfind('/')), 0755));
  return write_file(whole, text, 0644);
}

Result<void> forget(const Places& places, std::string_view path) {
  auto whole = places.root + std::string(path);
  if (::unlink(whole.c_str()) < 0 && errno != ENOENT) return fail_errno("remove " + whole, errno);
  return {};
}

/// All is tried; the first fault is the answer.
Result<void> apply_now(Mode mode, const Places& places) {
  Result<void> first;
  auto need = [&](Result<void> done) {
    if (!done && first) first = std::move(done);
  };
  for (const auto& one : settings) {
    auto state = state_of(one, mode, places);
    if (state.reached) continue;
    auto value = mode == Mode::appliance   ? std::string(one.appliance)
                 : one.workstation.empty() ? kernels_own(places)
                                           : std::string(one.workstation);
    need(tell_kernel(places, sysctl_path(one.key), value));
  }
  if (mode == Mode::workstation) return first;  // what the kernel has locked stays so until the next start
  if (lockdown(places) == "none") need(tell_kernel(places, std::string(lockdown_file), "integrity"));
  if (kernel_text(places, modules_file) == "N") need(tell_kernel(places, std::string(modules_file), "Y"));
  return first;
}

}  // namespace

std::string_view to_string(Mode mode) { return mode == Mode::appliance ? "appliance" : "workstation"; }

std::optional<Mode> mode_from(std::string_view word) {
  if (word == "workstation") return Mode::workstation;
  if (word == "appliance") return Mode::appliance;
  return std::nullopt;
}

Result<Mode> mode_of(const Places& places) {
  auto path = places.root + std::string(mode_file);
  auto text = read_file(path, 4096);
  if (!text && text.error().kind == Kind::not_found) return Mode::workstation;
  if (!text) return tl::unexpected(text.error());
  if (auto mode = mode_from(trimmed(*text))) return *mode;
  return fail_at({path, 1, 1}, Kind::corrupt, "mode.file",
                 fmt::format("\"{}\" is no mode", shown(trimmed(*text))),
                 "photon-mode workstation or photon-mode appliance writes it anew");
}

std::vector<State> states(Mode mode, const Places& places) {
  std::vector<State> out;
  for (const auto& one : settings) out.push_back(state_of(one, mode, places));
  bool strict = mode == Mode::appliance;
  auto lock = lockdown(places);
  out.push_back({.name = "kernel lockdown",
                 .key = "lockdown",
                 .should = strict ? "integrity" : "none",
                 .is = lock.value_or(""),
                 .reached = !places.runs ||
                            (strict ? lock.value_or("none") != "none" : lock.value_or("none") == "none"),
                 .at_next_start = !strict});
  auto modules = kernel_text(places, modules_file);
  // A kernel that takes signed modules alone, or none at all, does so in both modes.
  out.push_back({.name = "unsigned modules",
                 .key = "module.sig_enforce",
                 .should = strict ? "refused" : "allowed",
                 .is = !modules          ? ""
                       : *modules == "Y" ? "refused"
                                         : "allowed",
                 .reached = !strict || !modules || *modules == "Y",
                 .at_next_start = !strict});
  bool filters = filters_calls(places);
  out.push_back({.name = "32-bit programs",
                 .key = "SystemCallArchitectures",
                 .should = strict ? "refused" : "allowed",
                 .is = !places.runs ? ""
                       : filters    ? "refused"
                                    : "allowed",
                 .reached = !places.runs || filters == strict,
                 .at_next_start = true});
  return out;
}

Result<void> apply_mode(Mode mode, const Places& places) {
  if (mode == Mode::appliance) {
    PHOTON_CHECK(keep(places, sysctl_file, sysctl_text()));
    PHOTON_CHECK(keep(places, manager_file, manager_text));
  } else {
    PHOTON_CHECK(forget(places, sysctl_file));
    PHOTON_CHECK(forget(places, manager_file));
  }
  return places.runs ? apply_now(mode, places) : Result<void>();
}

Result<void> set_mode(Mode mode, const Places& places) {
  PHOTON_CHECK(keep(places, mode_file, fmt::format("{}\n", to_string(mode))));
  auto applied = apply_mode(mode, places);
  // The file's absence says the same and spares each start a program; while something failed it stays, and is
  // tried again.
  if (applied && mode == Mode::workstation) PHOTON_CHECK(forget(places, mode_file));
  return applied;
}

}  // namespace photon::mode
