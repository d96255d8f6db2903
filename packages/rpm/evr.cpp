#include <rpm/rpmver.h>
#include <algorithm>
#include <charconv>

#include "packages/rpm/package.hpp"

namespace photon::rpm {
namespace {

unsigned long epoch_of(const Evr& evr) {
  unsigned long epoch = 0;
  std::from_chars(evr.epoch.data(), evr.epoch.data() + evr.epoch.size(), epoch);
  return epoch;
}

}  // namespace

int compare(const Evr& left, const Evr& right) {
  if (auto l = epoch_of(left), r = epoch_of(right); l != r) return l < r ? -1 : 1;
  if (int order = ::rpmvercmp(left.version.c_str(), right.version.c_str()); order != 0) return order;
  if (left.release.empty() || right.release.empty()) return 0;
  return ::rpmvercmp(left.release.c_str(), right.release.c_str());
}

std::string to_string(const Evr& evr) {
  std::string text;
  if (epoch_of(evr) != 0) text = evr.epoch + ":";
  text += evr.version;
  if (!evr.release.empty()) text += "-" + evr.release;
  return text;
}

Evr evr_from(std::string_view text) {
  Evr evr;
  if (auto colon = text.find(':');
      colon != text.npos && colon > 0 &&
      std::ranges::all_of(text.substr(0, colon), [](char c) { return c >= '0' && c <= '9'; })) {
    evr.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (auto dash = text.rfind('-'); dash != text.npos) {
    evr.release = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  evr.version = text;
  return evr;
}

std::string to_string(const Nevra& nevra) {
  auto text = nevra.name + "-" + to_string(nevra.evr);
  return nevra.arch.empty() ? text : text + "." + nevra.arch;
}

}  // namespace photon::rpm
