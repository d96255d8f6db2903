// The one place that knows how librpm is started, how its objects are freed and where its messages go.
#pragma once
#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmio.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmts.h>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/handle.hpp"

namespace photon::rpm {

using HeaderHandle = Handle<std::remove_pointer_t<::Header>, headerFree>;
using TransactionHandle = Handle<std::remove_pointer_t<rpmts>, rpmtsFree>;
using FileHandle = Handle<std::remove_pointer_t<FD_t>, Fclose>;
using DependenciesHandle = Handle<std::remove_pointer_t<rpmds>, rpmdsFree>;
using FilesHandle = Handle<std::remove_pointer_t<rpmfiles>, rpmfilesFree>;
using KeyringHandle = Handle<std::remove_pointer_t<rpmKeyring>, rpmKeyringFree>;
using PublicKeyHandle = Handle<std::remove_pointer_t<rpmPubkey>, rpmPubkeyFree>;

/// Reads rpm's configuration once per process and takes its messages off stderr; every entry point of ours
/// calls it first. False: rpm's own files are missing.
Result<void> start_librpm();

/// What librpm says on this thread while the value lives; outside of any it is dropped.
class Messages {
 public:
  Messages();
  ~Messages();
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  struct Line {
    int priority = 0;  ///< RPMLOG_ERR, …
    std::string text{};
  };
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  /// The last error or warning, or empty.
  [[nodiscard]] std::string last() const;
  void add(int priority, std::string text);

 private:
  std::vector<Line> lines_;
  Messages* before_ = nullptr;
};

/// Held while a thread is inside of librpm: a transaction forks, and its child must find none of librpm's
/// locks taken.
std::shared_lock<std::shared_mutex> outside_of_fork();
/// Held while forking.
std::unique_lock<std::shared_mutex> before_fork();

/// The keys (ASCII-armoured), their subkeys with them, and no others.
Result<KeyringHandle> keyring_of(std::span<const std::string> keys);

/// A header that librpm has found to be whole (structure, header digests), the file's framing checked before
/// with bounds of ours. Signatures are not looked at.
Result<HeaderHandle> read_header(const std::string& path);

}  // namespace photon::rpm
