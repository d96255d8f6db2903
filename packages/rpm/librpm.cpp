#include "packages/rpm/librpm.hpp"

#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <mutex>

#include "devenv/core/name.hpp"
#include "packages/rpm/transaction.hpp"

namespace photon::rpm {
namespace {

thread_local Messages* listening = nullptr;
constexpr std::size_t most_lines = 1000;
std::shared_mutex in_librpm;

int take(rpmlogRec record, rpmlogCallbackData /*data*/) {
  if (listening) {
    std::string text = rpmlogRecMessage(record) ? rpmlogRecMessage(record) : "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    listening->add(static_cast<int>(rpmlogRecPriority(record)), std::move(text));
  }
  return 0;  // neither printed nor the end of the process
}

}  // namespace

Result<void> start_librpm() {
  static std::once_flag once;
  static bool started = false;
  std::call_once(once, [] {
    rpmlogSetCallback(take, nullptr);
    started = rpmReadConfigFiles(nullptr, nullptr) == 0;
    // Whatever this machine's rpm is set to: our roots have their database where packages/macros says.
    rpmDefineMacro(nullptr, fmt::format("_dbpath {}", database_folder).c_str(), RMIL_CMDLINE);
    rpmDefineMacro(nullptr, "_db_backend sqlite", RMIL_CMDLINE);
  });
  if (!started)
    return fail(Kind::failed, "rpm.configuration", "rpm's configuration cannot be read",
                "install the package rpm-common, or rpm where there is none");
  return {};
}

std::shared_lock<std::shared_mutex> outside_of_fork() { return std::shared_lock(in_librpm); }
std::unique_lock<std::shared_mutex> before_fork() { return std::unique_lock(in_librpm); }

Messages::Messages() : before_(listening) { listening = this; }
Messages::~Messages() { listening = before_; }
void Messages::add(int priority, std::string text) {
  if (priority <= RPMLOG_WARNING && lines_.size() < most_lines) lines_.push_back({priority, std::move(text)});
}
std::string Messages::last() const {
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
    if (line->priority <= RPMLOG_WARNING) return shown(line->text, 300);
  return {};
}

}  // namespace photon::rpm
