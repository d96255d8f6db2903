#include "packages/rpm/transaction_child.hpp"

#include <fcntl.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "packages/rpm/librpm.hpp"
#include "packages/rpm/transaction_journal.hpp"
#include "packages/rpm/transaction_problems.hpp"

namespace photon::rpm {
namespace {

using DatabaseIterator = Handle<std::remove_pointer_t<rpmdbMatchIterator>, rpmdbFreeIterator>;

std::string nevra_of(::Header header) {
  std::unique_ptr<char, decltype(&std::free)> text(headerGetAsString(header, RPMTAG_NEVRA), std::free);
  return text ? text.get() : "";
}

/// What the callback needs to know.
struct Run {
  const std::vector<Step>& steps;
  const Reporter& reporter;
  int journal = -1;
  bool changing = false;
  std::uint64_t done = 0;
  std::vector<std::string> failed{};
  FD_t file = nullptr;

  void begin_change(std::string_view package) {
    if (!changing) reporter.changing();
    changing = true;
    if (!package.empty()) note_started(journal, package);
  }
};

void* notify(const void* header, rpmCallbackType what, rpm_loff_t /*amount*/, rpm_loff_t /*total*/,
             fnpyKey key, rpmCallbackData data) {
  auto& run = *static_cast<Run*>(data);
  const auto* step = static_cast<const Step*>(key);
  auto raw = static_cast<::Header>(const_cast<void*>(header));
  switch (what) {
    case RPMCALLBACK_INST_OPEN_FILE:
      if (!step) return nullptr;
      run.file = Fopen(step->item.location.c_str(), "r.ufdio");
      return run.file;
    case RPMCALLBACK_INST_CLOSE_FILE:
      if (run.file) Fclose(run.file);
      run.file = nullptr;
      if (step) checkpoint("install.unpacked " + step->item.nevra.name);
      return nullptr;
    case RPMCALLBACK_SCRIPT_START:
      run.begin_change("");
      return nullptr;
    case RPMCALLBACK_INST_START:
    case RPMCALLBACK_UNINST_START: {
      auto package = step ? to_string(step->item.nevra) : raw ? nevra_of(raw) : std::string();
      run.begin_change(package);
      run.reporter.progress({.step = what == RPMCALLBACK_INST_START ? "install" : "remove",
                             .subject = package,
                             .done = run.done++,
                             .total = run.steps.size()});
      checkpoint("install.begun " + package);
      return nullptr;
    }
    case RPMCALLBACK_UNPACK_ERROR:
    case RPMCALLBACK_CPIO_ERROR:
      run.failed.push_back(step ? to_string(step->item.nevra) : "");
      return nullptr;
    default:
      return nullptr;
  }
}

rpmtransFlags flags_of(const TransactionOptions& options, bool foreign) {
  rpmtransFlags flags = options.test ? RPMTRANS_FLAG_TEST : RPMTRANS_FLAG_NONE;
  if (!options.scripts || foreign)
    flags |= RPMTRANS_FLAG_NOSCRIPTS | _noTransScripts | RPMTRANS_FLAG_NOTRIGGERS | _noTransTriggers;
  if (!options.documentation) flags |= RPMTRANS_FLAG_NODOCS;
  // Plug-ins of the machine that we run on are none of the root's.
  if (options.root != "/") flags |= RPMTRANS_FLAG_NOPLUGINS;
  return flags;
}

rpmprobFilterFlags filters_of(const std::vector<Step>& steps, bool foreign) {
  rpmprobFilterFlags filters = RPMPROB_FILTER_NONE;
  if (foreign) filters |= RPMPROB_FILTER_IGNOREARCH | RPMPROB_FILTER_IGNOREOS;
  for (const auto& step : steps) {
    if (step.action == Action::reinstall) filters |= RPMPROB_FILTER_REPLACEPKG;
    if (step.action == Action::downgrade) filters |= RPMPROB_FILTER_OLDPACKAGE;
  }
  return filters;
}

Result<void> add_step(rpmts set, const Step& step) {
  auto name = to_string(step.item.nevra);
  if (step.action == Action::erase) {
    DatabaseIterator each(rpmtsInitIterator(set, RPMDBI_NAME, step.item.nevra.name.c_str(), 0));
    while (auto* header = rpmdbNextIterator(each.get()))
      if (nevra_of(header) == name) {
        rpmtsAddEraseElement(set, header, static_cast<int>(headerGetInstance(header)));
        return {};
      }
    return fail(Kind::not_found, "rpm.unknown", fmt::format("{} is not installed any more", name),
                "solve the request again");
  }
  FileHandle file(Fopen(step.item.location.c_str(), "r.ufdio"));
  ::Header raw = nullptr;
  auto status = file && !Ferror(file.get())
                    ? rpmReadPackageFile(set, file.get(), step.item.location.c_str(), &raw)
                    : RPMRC_FAIL;
  HeaderHandle header(raw);
  if (!header || (status != RPMRC_OK && status != RPMRC_NOKEY && status != RPMRC_NOTTRUSTED))
    return fail_at({step.item.location}, Kind::corrupt, "rpm.format", "the package cannot be read",
                   "fetch it again");
  int failed =
      step.action == Action::reinstall
          ? rpmtsAddReinstallElement(set, header.get(), &step)
          : rpmtsAddInstallElement(set, header.get(), &step, step.action == Action::install ? 0 : 1, nullptr);
  if (failed != 0)
    return fail(Kind::failed, "rpm.transaction",
                fmt::format("rpm does not take {} into the transaction", name));
  return {};
}

std::string tail_of(int fd) {
  std::string text(4096, '\0');
  auto size = ::lseek(fd, 0, SEEK_END);
  auto got =
      ::pread(fd, text.data(), text.size(), std::max<off_t>(0, size - static_cast<off_t>(text.size())));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto line = text.rfind('\n');
  return shown(line == std::string::npos ? text : text.substr(line + 1), 300);
}

Result<TransactionHandle> open_set(const TransactionOptions& options, bool write) {
  TransactionHandle set(rpmtsCreate());
  Messages messages;
  if (rpmtsSetRootDir(set.get(), options.root.c_str()) != 0)
    return fail(Kind::usage, "rpm.root", fmt::format("{} cannot be a root", options.root),
                "give an absolute path");
  if (write && rpmtsOpenDB(set.get(), O_RDWR | O_CREAT) != 0)
    return fail(
        Kind::failed, "rpm.database",
        fmt::format("the package database below {} cannot be opened: {}", options.root, messages.last()));
  return set;
}

}  // namespace

Result<std::set<std::string>> installed_names(const std::string& root) {
  std::set<std::string> names;
  if (::access((root + std::string(database_folder)).c_str(), F_OK) != 0) return names;
  PHOTON_TRY(auto set, open_set({.root = root}, false));
  DatabaseIterator each(rpmtsInitIterator(set.get(), RPMDBI_PACKAGES, nullptr, 0));
  while (auto* header = rpmdbNextIterator(each.get())) names.insert(nevra_of(header));
  return names;
}

Result<void> run_steps(const std::vector<Step>& steps, const TransactionOptions& options,
                       const Reporter& reporter) {
  struct utsname machine{};
  ::uname(&machine);
  bool foreign = !options.arch.empty() && options.arch != machine.machine;
  if (!options.languages.empty())
    rpmDefineMacro(nullptr, fmt::format("_install_langs {}", fmt::join(options.languages, ":")).c_str(),
                   RMIL_CMDLINE);
  // What is mounted there for scriptlets is another's where an ordinary user installs, and no package may
  // change it; for root the same, so that both have the same database.
  if (options.disposable) rpmDefineMacro(nullptr, "_netsharedpath /proc", RMIL_CMDLINE);
  Messages messages;
  PHOTON_TRY(auto set, open_set(options, true));
  PHOTON_TRY(auto keyring, keyring_of(options.verify_signatures ? options.keys : std::vector<std::string>()));
  rpmtsSetKeyring(set.get(), keyring.get());
  rpmtsSetVSFlags(set.get(),
                  RPMVSF_MASK_NOSIGNATURES | RPMVSF_NEEDPAYLOAD);  // when adding; run() verifies all
  rpmtsSetVfyFlags(set.get(), options.verify_signatures ? RPMVSF_DEFAULT : RPMVSF_MASK_NOSIGNATURES);
  rpmtsSetVfyLevel(set.get(), options.verify_signatures ? RPMSIG_VERIFIABLE_TYPE : RPMSIG_DIGEST_TYPE);
  rpmtsSetFlags(set.get(), flags_of(options, foreign));
  for (const auto& step : steps) PHOTON_CHECK(add_step(set.get(), step));
  rpmtsCheck(set.get());
  PHOTON_CHECK(problems_of(set.get(), options.root));
  rpmtsOrder(set.get());
  if (!options.test) PHOTON_CHECK(write_journal(options.root, steps));
  checkpoint("install.journaled");
  Fd journal(options.test ? -1 : ::open(journal_path(options.root).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  Fd output(::memfd_create("scriptlets", MFD_CLOEXEC));
  FileHandle scripts(fdDup(output.get()));
  rpmSetVerbosity(RPMLOG_INFO);  // else rpm sends to /dev/null what scriptlets say
  rpmtsSetScriptFd(set.get(), scripts.get());
  Run run{.steps = steps, .reporter = reporter, .journal = journal.get()};
  rpmtsSetNotifyCallback(set.get(), notify, &run);
  int status = rpmtsRun(set.get(), nullptr, filters_of(steps, foreign));
  rpmtsSetScriptFd(set.get(), nullptr);
  checkpoint("install.ran");
  if (status > 0) {  // refused before anything was changed
    if (!options.test) remove_journal(options.root);
    PHOTON_CHECK(problems_of(set.get(), options.root));
  }
  auto outcome = outcome_of(status, run.failed, messages, options.root, tail_of(output.get()));
  // What came to its end, if only to a bad one, is no interruption: rpm has undone what it could not unpack.
  if (!options.test) remove_journal(options.root);
  reporter.progress({.step = "install",
                     .subject = fmt::format("{} packages", steps.size()),
                     .done = run.done,
                     .total = steps.size(),
                     .finished = true});
  return outcome;
}

}  // namespace photon::rpm
