// The one implementation of Environments: locks, names and views. What the steps do is in provision.cpp.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "devenv/environment/provision.hpp"

namespace photon::environment {

class Local final : public Environments {
 public:
  Local(store::Store& store, host::Host& host, Options options)
      : store_(store),
        host_(host),
        options_(std::move(options)),
        builder_(host),
        builds_(host),
        prebuilds_(store, host),
        parts_{store_, host_, doors_, builder_, builds_, prebuilds_, options_} {}

  Result<View> up(const UpRequest& request, const Caller& caller, const Work& work) override;
  Result<Built> build(const BuildRequest& request, const Caller& caller, const Work& work) override;
  Result<PrebuildView> prebuild(const PrebuildRequest& request, const Caller& caller,
                                const Work& work) override;
  Result<std::vector<PrebuildView>> prebuilds() override;
  Result<void> remove_prebuild(const std::string& id) override;
  Result<View> start(const std::string& name, const Caller& caller, const Work& work) override;
  Result<View> stop(const std::string& name, const Work& work) override;
  Result<View> rebuild(const std::string& name, const Caller& caller, const Work& work) override;
  Result<void> removable(const std::string& name) override;
  Result<void> remove(const std::string& name, bool confirmed, const Work& work) override;
  Result<std::vector<View>> list() override;
  Result<View> view(const std::string& name) override;
  Result<std::optional<View>> by_folder(const std::string& folder) override;
  Result<std::optional<View>> by_labels(const std::vector<std::string>& labels) override;
  Result<std::optional<View>> by_id(const std::string& id) override;
  Result<ContainerView> container(const std::string& name) override;
  Result<Fd> inside(const std::string& name) override;
  Result<ExecContext> exec_context(const std::string& name) override;
  bool authorized(const std::string& name, const std::string& public_key) override;
  Result<std::vector<Port>> ports(const std::string& name) override;
  Result<Port> publish(const std::string& name, unsigned port, unsigned local) override;
  Result<void> unpublish(const std::string& name, unsigned port) override;
  Result<std::string> log_file(const std::string& name, const std::string& service) override;
  Result<std::uint64_t> collect() override;
  Result<std::vector<Kept>> kept() override;
  Result<void> reconcile() override;

 private:
  using Lock = std::unique_lock<std::timed_mutex>;
  /// Until `reconcile` is over nobody reads or changes the journal: it may not be true yet.
  Result<void> wait_for_truth(const Work& work = {});
  Result<void> mend_all();
  [[nodiscard]] feature::Store feature_store() const {
    return feature::Store(host_.paths().data + "/features");
  }
  /// Waits for whoever works on that environment; gives up when stopped.
  Result<Lock> lock(const std::string& id, const Work& work);
  Result<Record> by_name(const std::string& name);
  Result<Record> find_or_add(const UpRequest& request, const Caller& caller, const git::Source& source);
  Result<std::string> free_name(const std::vector<store::EnvironmentRow>& rows, const std::string& wanted);
  Result<Record> add_temporary(const PrebuildRequest& request, const Caller& caller,
                               const git::Source& source);
  Result<PrebuildView> make_prebuild(Record& record, const git::Source& source,
                                     const PrebuildRequest& request, const Caller& caller, const Work& work);
  Result<void> be_rid_of(Record& record);
  void keep_few(const Prebuild& made);
  Result<View> bring_up(Record record, const git::Source& source, const UpRequest& request,
                        const Caller& caller, const Work& work);
  Result<std::optional<View>> first(const std::function<bool(const Record&)>& meant);
  Result<void> runs(const Record& record);
  Result<void> nothing_lost(const Record& record);
  Result<void> erase(const Record& record);
  Result<void> mend(Record record, const store::JournalRow& interrupted);
  Result<void> remove_unknown(const std::set<std::string>& known);
  /// `whole`: with the state of its clone and of its services.
  View view_of(const Record& record, bool whole);
  void tell(const Record& record, const std::string& what, const std::string& detail = {});

  store::Store& store_;
  host::Host& host_;
  Options options_;
  Doors doors_;
  Builder builder_;
  Builds builds_;
  Prebuilds prebuilds_;
  Parts parts_;
  std::mutex mutex_;  ///< the map of locks
  std::mutex naming_;
  std::mutex truth_mutex_;
  std::condition_variable_any truth_;
  bool true_ = false;
  std::map<std::string, std::shared_ptr<std::timed_mutex>> locks_;
};

git::Source source_of(const Record& record);
/// The machine's daemon is root: a folder is mounted, or read, only for whoever owns it.
Result<void> check_folder(const std::string& folder, const Caller& caller);

}  // namespace photon::environment
