// After a crash, a kill -9 or a reboot: the journal and the machine are compared, and both are mended.
#include <unistd.h>

#include "devenv/core/undo.hpp"
#include "devenv/environment/environments.hpp"
#include "devenv/environment/names.hpp"

namespace photon::environment {

// One environment: its state becomes what the engine says it is. `interrupted` has no number if nothing was.
Result<void> Local::mend(Record record, const store::JournalRow& interrupted) {
  const bool cut_short = interrupted.number != 0;
  // Begun is begun: whoever asked has confirmed it. What a prebuild was made in is nobody's.
  if (record.state == State::deleting || interrupted.operation == "delete" || record.temporary) {
    PHOTON_CHECK(take_down_all(parts_, record, true));
    return erase(record);
  }
  PHOTON_TRY(auto container, host_.engine().find(record.id));
  bool running = container && container->task == engine::TaskState::running;
  if (record.state == State::creating || cut_short) {
    if (record.state == State::stopping || record.state == State::stopped) {
      PHOTON_CHECK(take_down_all(parts_, record, false));
      record.state = State::stopped;
    } else {
      record.state = State::failed;
      record.failure = cut_short ? "interrupted at step " + interrupted.step : "interrupted";
    }
  } else if (record.state == State::stopping) {
    PHOTON_CHECK(take_down_all(parts_, record, false));
    record.state = State::stopped;
  } else if (record.state == State::running && !running) {
    PHOTON_CHECK(take_down_all(parts_, record, false));
    record.state = State::stopped;
    record.failure = "the container ended while the daemon was away";
  }
  if (running && record.state == State::running)
    for (auto& port : record.ports) {
      auto socket = folders_of(host_.paths(), record.id).socket();
      Doors::Place place{record.id, port.port, port.host};
      auto opened = doors_.open(place, socket, port.local);
      // Somebody else may have taken the number meanwhile.
      if (!opened) opened = doors_.open(place, socket, 0);
      if (opened) port.local = *opened;
    }
  return store_.put(to_row(record));
}

Result<void> Local::reconcile() {
  Finally open([this] {
    std::lock_guard hold(truth_mutex_);
    true_ = true;
    truth_.notify_all();
  });
  return mend_all();
}

// One that cannot be mended must not keep the others from it: the first fault is told at the end.
Result<void> Local::mend_all() {
  Result<void> first;
  auto note = [&](Result<void> done) {
    if (!done && first) first = std::move(done);
  };
  PHOTON_TRY(auto unfinished, store_.unfinished());
  std::map<std::string, store::JournalRow> interrupted;
  for (const auto& row : unfinished) interrupted[row.environment] = row;
  PHOTON_TRY(auto rows, store_.environments());
  std::set<std::string> known;
  for (const auto& row : rows) {
    known.insert(row.id);
    for (const auto& one : from_row(row).beside) known.insert(one.id);
    note(mend(from_row(row), interrupted[row.id]));
  }
  for (const auto& row : unfinished) note(store_.finish(row.number));
  note(prebuilds_.sweep());
  known.merge(builder_.at_work());
  known.merge(builds_.at_work());
  note(remove_unknown(known));
  note(feature_store().sweep());
  note(builds_.sweep());
  std::set<std::uint32_t> owners;
  for (const auto& row : rows) owners.insert(row.owner);
  for (auto owner : owners) tell_neighbours(store_, host_, owner);
  return first;
}

Result<std::uint64_t> Local::collect() {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto sources, prebuilds_.drop_idle());
  std::set<std::string> wanted;
  std::set<std::string> images;
  PHOTON_TRY(auto rows, store_.environments());
  for (const auto& row : rows) {
    auto record = from_row(row);
    images.insert(record.image);
    for (const auto& one : record.beside) images.insert(one.image);
    for (const auto& [name, digest] : record.features) wanted.insert(digest);
  }
  PHOTON_TRY(auto prebuilds, prebuilds_.list());
  for (const auto& one : prebuilds) {
    images.insert(one.image);
    for (const auto& [name, digest] : one.features) wanted.insert(digest);
  }
  PHOTON_TRY(auto features, feature_store().collect(wanted));
  PHOTON_TRY(auto steps, builds_.collect(images));
  auto rest = [this] { return prebuilds_.collect([this] { return host_.images().gc(); }); };
  PHOTON_TRY(auto others, builder_.collect(rest));
  return sources + features + steps + others;
}

// What nobody knows was made by a daemon that died before it could write it down, or by a deletion cut short.
Result<void> Local::remove_unknown(const std::set<std::string>& known) {
  PHOTON_TRY(auto containers, host_.engine().list(environment_label, ""));
  for (const auto& container : containers) {
    if (known.contains(container.id)) continue;
    PHOTON_CHECK(host_.engine().stop(container.id, std::chrono::seconds(1)));
    PHOTON_CHECK(host_.engine().remove(container.id));
  }
  PHOTON_TRY(auto networks, host_.network().list());
  for (const auto& network : networks)
    if (!known.contains(network.id)) PHOTON_CHECK(host_.network().detach(network.id));
  std::error_code error;
  const auto& paths = host_.paths();
  for (const auto& base :
       {paths.data + "/environments", paths.runtime + "/environments", paths.runtime + "/secrets"})
    for (const auto& folder : std::filesystem::directory_iterator(base, error))
      if (!known.contains(folder.path().filename())) std::filesystem::remove_all(folder.path(), error);
  return {};
}

}  // namespace photon::environment
