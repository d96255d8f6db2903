#include "images/mode/check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "devenv/core/fd.hpp"
#include "devenv/core/text.hpp"

namespace photon::mode {
namespace {

struct Word {
  std::string_view word, does;
};
// A word without "=" is meant as it stands; what it does completes "…: ".
constexpr std::array words = {
    Word{"mitigations=off", "no protection from faults of the processor"},
    Word{"nopti", "kernel memory can be read by Meltdown"},
    Word{"pti=off", "kernel memory can be read by Meltdown"},
    Word{"nospectre_v1", "Spectre 1 is open"},
    Word{"nospectre_v2", "Spectre 2 is open"},
    Word{"nospectre_bhb", "Spectre of branch history is open"},
    Word{"spectre_v2=off", "Spectre 2 is open"},
    Word{"spectre_v2_user=off", "Spectre 2 is open between programs"},
    Word{"spectre_bhi=off", "Spectre of branch history is open"},
    Word{"spec_store_bypass_disable=off", "speculative stores can be read"},
    Word{"nospec_store_bypass_disable", "speculative stores can be read"},
    Word{"l1tf=off", "the first-level cache can be read"},
    Word{"mds=off", "buffers of the processor can be read"},
    Word{"tsx_async_abort=off", "buffers of the processor can be read"},
    Word{"mmio_stale_data=off", "buffers of the processor can be read"},
    Word{"srbds=off", "random numbers of the processor can be read"},
    Word{"retbleed=off", "Retbleed is open"},
    Word{"gather_data_sampling=off", "vector registers can be read"},
    Word{"reg_file_data_sampling=off", "registers can be read"},
    Word{"spec_rstack_overflow=off", "return addresses can be planted"},
    Word{"indirect_target_selection=off", "indirect branches can be led elsewhere"},
    Word{"nokaslr", "the kernel lies where everybody knows"},
    Word{"norandmaps", "programs lie where everybody knows"},
    Word{"nosmap", "the kernel reads memory of programs by mistake"},
    Word{"nosmep", "the kernel runs memory of programs by mistake"},
    Word{"noexec=off", "data can be run"},
    Word{"noexec32=off", "data can be run"},
    Word{"init_on_alloc=0", "new memory holds what others left"},
    Word{"slab_merge", "objects of different kinds share memory"},
    Word{"page_alloc.shuffle=0", "free memory is handed out in a known order"},
    Word{"randomize_kstack_offset=off", "kernel stacks lie where everybody knows"},
    Word{"randomize_kstack_offset=0", "kernel stacks lie where everybody knows"},
    Word{"hardened_usercopy=off", "copies to programs are not checked"},
    Word{"vsyscall=native", "old entries lie where everybody knows"},
    Word{"vsyscall=emulate", "old entries lie where everybody knows"},
    Word{"module.sig_enforce=0", "modules need no signature"},
    Word{"iommu=off", "devices reach all memory"},
    Word{"intel_iommu=off", "devices reach all memory"},
    Word{"amd_iommu=off", "devices reach all memory"},
    Word{"debugfs=on", "the inside of the kernel is open"},
    Word{"systemd.debug_shell", "a root shell waits at a console"},
    Word{"systemd.debug-shell", "a root shell waits at a console"},
    Word{"systemd.debug_shell=1", "a root shell waits at a console"},
    Word{"rd.break", "a root shell comes before the system"},
    Word{"init=/bin/sh", "a root shell comes instead of the system"},
    Word{"init=/bin/bash", "a root shell comes instead of the system"},
};

constexpr std::array files = {std::string_view("/usr/lib/sysctl.d/50-photon.conf"),
                              std::string_view("/etc/sysctl.d/60-photon-mode.conf")};

std::optional<long> number(std::string_view text) {
  long value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Of what is set to 0 all else is weaker, of other numbers what is below. Sizes are no matter of protection,
/// and the stricter of the two checks of return paths (1) is the smaller number.
bool weaker(const std::string& key, const std::string& is, const std::string& should) {
  if (is == should || key.starts_with("fs.inotify.")) return false;
  auto now = number(is), wanted = number(should);
  if (!now || !wanted) return true;
  if (key.ends_with(".rp_filter") && *now == 1) return false;
  return *wanted == 0 ? *now != 0 : *now < *wanted;
}

}  // namespace

std::vector<Weakness> weak_words(std::string_view line) {
  std::vector<Weakness> out;
  for (std::size_t at = 0; at < line.size();) {
    auto end = std::min(line.find_first_of(" \t\n", at), line.size());
    auto word = line.substr(at, end - at);
    at = end + 1;
    // Behind "--" are words of init.
    if (word == "--") break;
    auto found = std::find_if(words.begin(), words.end(), [&](const Word& one) { return one.word == word; });
    if (found != words.end())
      out.push_back(
          {std::string(word), "on the kernel's command line", "not there", std::string(found->does)});
  }
  return out;
}

std::vector<Weakness> weak_settings(const Places& places) {
  struct Wanted {
    std::string value, file;
  };
  std::map<std::string, Wanted> wanted;
  for (auto file : files) {
    auto text = read_file(places.root + std::string(file), 1 << 20);
    if (!text) continue;
    for (std::size_t at = 0; at < text->size();) {
      auto end = std::min(text->find('\n', at), text->size());
      auto line = std::string_view(*text).substr(at, end - at);
      at = end + 1;
      auto sign = line.find('=');
      if (line.empty() || line[0] == '#' || sign == line.npos) continue;
      wanted[std::string(trimmed(line.substr(0, sign)))] = {std::string(trimmed(line.substr(sign + 1))),
                                                            std::string(file)};
    }
  }
  std::vector<Weakness> out;
  for (const auto& [key, one] : wanted) {
    auto path = places.kernel + "/proc/sys/" + key;
    std::replace(path.begin() + static_cast<std::ptrdiff_t>(places.kernel.size() + 10), path.end(), '.', '/');
    auto text = read_file(path, 4096);
    // What a kernel was built without cannot be misused; a check that it lacks is missed.
    if (!text && key != "kernel.yama.ptrace_scope") continue;
    auto is = std::string(text ? trimmed(*text) : "not in this kernel");
    if (weaker(key, is, one.value)) out.push_back({key, is, one.value, one.file});
  }
  return out;
}

Result<std::vector<Weakness>> weaknesses(const Places& places) {
  PHOTON_TRY(auto mode, mode_of(places));
  PHOTON_TRY(auto line, read_file(places.kernel + "/proc/cmdline", 1 << 16));
  auto out = weak_words(line);
  auto settings = weak_settings(places);
  out.insert(out.end(), settings.begin(), settings.end());
  if (mode == Mode::workstation) return out;
  for (const auto& state : states(mode, places)) {
    bool told =
        std::any_of(out.begin(), out.end(), [&](const Weakness& one) { return one.what == state.key; });
    if (!state.reached && !told)
      out.push_back(
          {state.key, state.is.empty() ? "not in this kernel" : state.is, state.should, "mode appliance"});
  }
  return out;
}

}  // namespace photon::mode
