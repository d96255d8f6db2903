#include "devenv/environment/environments.hpp"
#include "devenv/core/clock.hpp"

#include <sys/stat.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/labels.hpp"
#include "devenv/environment/plan.hpp"
#include "devenv/environment/secrets.hpp"
#include "devenv/environment/volumes.hpp"

namespace photon::environment {
namespace {

std::string key_of(const git::Source& source) {
  if (!source.ref.empty()) return source.url + "#" + source.ref;
  return source.commit.empty() ? source.url : source.url + "@" + source.commit;
}

}  // namespace

Result<void> check_folder(const std::string& folder, const Caller& caller) {
  struct stat found{};
  if (::stat(folder.c_str(), &found) < 0) return fail_errno("read " + folder, errno);
  if (!S_ISDIR(found.st_mode))
    return fail(Kind::usage, "environment.not-a-folder", folder + " is not a folder",
                "name a repository's folder or URL");
  if (caller.uid != 0 && found.st_uid != caller.uid)
    return fail(Kind::denied, "environment.owner", folder + " belongs to somebody else");
  return {};
}

git::Source source_of(const Record& record) {
  // The key was made from a source, and reads as one.
  auto source = git::parse_source(record.source, "/");
  if (source && !record.local) return *source;
  git::Source folder;
  folder.local = record.local;
  folder.url = record.local ? record.folder : record.source;
  folder.label = record.label;
  folder.name = std::filesystem::path(record.folder).filename();
  return folder;
}

Result<std::unique_ptr<Environments>> Environments::open(store::Store& store, host::Host& host,
                                                         Options options) {
  return std::make_unique<Local>(store, host, std::move(options));
}

Result<Local::Lock> Local::lock(const std::string& id, const Work& work) {
  std::shared_ptr<std::timed_mutex> mutex;
  {
    std::lock_guard hold(mutex_);
    auto& entry = locks_[id];
    if (!entry) entry = std::make_shared<std::timed_mutex>();
    mutex = entry;
  }
  Lock held(*mutex, std::defer_lock);
  while (!held.try_lock_for(std::chrono::milliseconds(100)))
    if (work.stopped()) return cancelled();
  return held;
}

Result<void> Local::wait_for_truth(const Work& work) {
  std::unique_lock lock(truth_mutex_);
  if (truth_.wait(lock, work.stop, [this] { return true_; })) return {};
  return cancelled();
}

Result<Record> Local::by_name(const std::string& name) {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto row, store_.by_name(name));
  if (row && !from_row(*row).temporary) return from_row(*row);
  PHOTON_TRY(auto rows, store_.environments());
  std::vector<std::string_view> names;
  for (const auto& other : rows) names.push_back(other.name);
  auto close = nearest(name, names);
  return fail(Kind::not_found, "environment.unknown",
              fmt::format("there is no environment \"{}\"", shown(name)),
              close.empty() ? "devenv ls shows them all" : fmt::format("did you mean {}?", close));
}

void Local::tell(const Record& record, const std::string& what, const std::string& detail) {
  if (options_.changed)
    options_.changed({record.name, what, record.state, detail.empty() ? record.failure : detail});
}

Result<std::string> Local::free_name(const std::vector<store::EnvironmentRow>& rows,
                                     const std::string& wanted) {
  auto taken = [&](const std::string& name) {
    return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
  };
  if (!taken(wanted)) return wanted;
  for (int number = 2;; ++number)
    if (auto name = fmt::format("{}-{}", wanted.substr(0, 36), number); !taken(name)) return name;
}

Result<Record> Local::find_or_add(const UpRequest& request, const Caller& caller, const git::Source& source) {
  std::lock_guard hold(naming_);
  std::string key = key_of(source);
  PHOTON_TRY(auto rows, store_.environments());
  for (const auto& row : rows) {
    bool meant = request.labels.empty() ? row.source == key : has_labels(from_row(row), request.labels);
    bool same = meant && row.owner == caller.uid && row.state != State::deleting && !from_row(row).temporary;
    if (!request.name.empty() && row.name == request.name && !same)
      return fail(Kind::conflict, "environment.name-taken",
                  fmt::format("the name {} belongs to an environment of {}", row.name, row.source),
                  "choose another with --name");
    if (same && (request.name.empty() || row.name == request.name)) return from_row(row);
  }
  if (!request.expect.empty())
    return fail(Kind::not_found, "environment.expected",
                fmt::format("there is no environment of {}", source.label),
                "without the option that expects one it is made");
  if (!request.name.empty()) PHOTON_CHECK(check_name(request.name));
  Record record;
  record.id = random_id();
  PHOTON_TRY(record.name, free_name(rows, request.name.empty() ? name_from(source.name) : request.name));
  record.owner = caller.uid;
  record.source = key;
  record.label = source.label;
  record.local = source.local;
  record.config = request.config;
  record.labels = request.labels;
  record.folder = source.local ? source.url : "";
  record.created = unix_time();
  PHOTON_CHECK(store_.add(to_row(record)));
  return record;
}

Result<void> Local::runs(const Record& record) {
  PHOTON_TRY(auto container, host_.engine().find(record.id));
  if (container && container->task == engine::TaskState::running) return {};
  return fail(Kind::conflict, "environment.stopped", fmt::format("{} does not run", record.name),
              fmt::format("devenv start {}", record.name));
}

Result<View> Local::bring_up(Record record, const git::Source& source, const UpRequest& request,
                             const Caller& caller, const Work& work) {
  PHOTON_TRY(auto held, lock(record.id, work));
  PHOTON_TRY(auto row, store_.by_id(record.id));  // as the one before us left it
  if (!row)
    return fail(Kind::not_found, "environment.gone", fmt::format("{} was deleted meanwhile", record.name));
  record = from_row(*row);
  PHOTON_CHECK(host_.ensure());
  if (request.expect == "running") PHOTON_CHECK(runs(record));
  if (!request.config.empty()) {
    record.config = request.config;
    record.configuration = request.configuration;
  }
  if (record.state != State::running && record.state != State::failed) {
    record.state = State::creating;
    PHOTON_CHECK(store_.put(to_row(record)));
  }
  tell(record, "state");
  bool fresh = !record.cloned && record.container.parent.empty() && record.hash.empty();
  auto done = provision(parts_, record, source, request, caller, work);
  tell(record, "state");
  if (done) {
    auto view = view_of(record, false);
    view.hooks = std::move(*done);
    return view;
  }
  // Nothing was made yet: a mistyped URL or a broken file leaves no environment behind.
  bool nothing_made = fresh && !record.cloned && record.hash.empty();
  bool broken_spec = fresh && record.hash.empty() && record.local;
  if (nothing_made || broken_spec) {
    (void)take_down_all(parts_, record, true);
    (void)erase(record);
  }
  return tl::unexpected(std::move(done.error()));
}

Result<View> Local::up(const UpRequest& request, const Caller& caller, const Work& work) {
  PHOTON_TRY(auto source,
             git::parse_source(request.source.empty() ? caller.folder : request.source, caller.folder));
  if (source.local) PHOTON_CHECK(check_folder(source.url, caller));
  PHOTON_CHECK(wait_for_truth(work));
  PHOTON_TRY(auto record, find_or_add(request, caller, source));
  return bring_up(std::move(record), source, request, caller, work);
}

Result<View> Local::start(const std::string& name, const Caller& caller, const Work& work) {
  PHOTON_TRY(auto record, by_name(name));
  UpRequest request;
  request.secrets = "told";
  return bring_up(record, source_of(record), request, caller, work);
}

Result<View> Local::rebuild(const std::string& name, const Caller& caller, const Work& work) {
  PHOTON_TRY(auto record, by_name(name));
  UpRequest request;
  request.recreate = true;
  request.secrets = "told";
  return bring_up(record, source_of(record), request, caller, work);
}

Result<View> Local::stop(const std::string& name, const Work& work) {
  PHOTON_TRY(auto record, by_name(name));
  PHOTON_TRY(auto held, lock(record.id, work));
  PHOTON_TRY(auto row, store_.by_id(record.id));
  if (row) record = from_row(*row);
  PHOTON_TRY(auto journal, store_.begin(record.id, "stop", "stop", json::object{}));
  work.report({"stop", record.name, "", 0, 0, false});
  record.state = State::stopping;
  PHOTON_CHECK(store_.put(to_row(record)));
  tell(record, "state");
  auto down = take_down_all(parts_, record, false);
  record.state = down ? State::stopped : State::failed;
  record.failure = down ? "" : down.error().message;
  PHOTON_CHECK(store_.put(to_row(record)));
  PHOTON_CHECK(store_.finish(journal));
  PHOTON_CHECK(std::move(down));
  tell(record, "state");
  work.report({"stop", record.name, "", 0, 0, true});
  auto view = view_of(record, false);
  view.warnings.clear();  // they are about how it runs
  return view;
}

Result<void> Local::nothing_lost(const Record& record) {
  PHOTON_TRY(auto rows, store_.environments());
  std::vector<std::string> lost;
  auto count = [&](std::uint64_t number, std::string_view what, std::string_view rest) {
    if (number > 0) lost.push_back(fmt::format("{} {}{} {}", number, what, number == 1 ? "" : "s", rest));
  };
  // A folder of the user's own stays.
  if (!record.local && record.cloned)
    if (auto status = git::status(record.folder)) {
      count(status->dirty, "file", "not committed");
      count(status->unpushed, "commit", fmt::format("not pushed ({})", status->branch));
    }
  for (auto& words : volume_words(host_.paths(), record, own_volumes(record, rows)))
    lost.push_back(std::move(words));
  if (lost.empty()) return {};
  return fail(Kind::needs_confirmation, "environment.would-lose",
              fmt::format("{} has work that exists nowhere else", record.name),
              fmt::format("{}", fmt::join(lost, ", ")));
}

Result<void> Local::removable(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  return nothing_lost(record);
}

Result<void> Local::remove(const std::string& name, bool confirmed, const Work& work) {
  PHOTON_TRY(auto record, by_name(name));
  PHOTON_TRY(auto held, lock(record.id, work));
  if (!confirmed) PHOTON_CHECK(nothing_lost(record));
  PHOTON_TRY(auto journal, store_.begin(record.id, "delete", "begin", json::object{}));
  (void)journal;  // goes with the row
  checkpoint("delete.begin");
  record.state = State::deleting;
  PHOTON_CHECK(store_.put(to_row(record)));
  tell(record, "state");
  work.report({"delete", record.name, "", 0, 0, false});
  PHOTON_CHECK(host_.ensure());
  PHOTON_CHECK(take_down_all(parts_, record, true));
  PHOTON_CHECK(erase(record));
  checkpoint("delete.erased");
  tell(record, "removed");
  work.report({"delete", record.name, record.local ? "its folder is kept" : "", 0, 0, true});
  return {};
}

Result<std::vector<View>> Local::list() {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto rows, store_.environments());
  std::vector<View> views;
  for (const auto& row : rows)
    if (auto record = from_row(row); !record.temporary) views.push_back(view_of(record, true));
  return views;
}

Result<View> Local::view(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  return view_of(record, true);
}

Result<std::optional<View>> Local::by_folder(const std::string& folder) {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto rows, store_.environments());
  std::optional<Record> best;
  for (const auto& row : rows) {
    auto record = from_row(row);
    if (record.temporary || record.folder.empty() || !(folder + "/").starts_with(record.folder + "/"))
      continue;
    if (!best || record.folder.size() > best->folder.size()) best = std::move(record);
  }
  if (!best) return std::nullopt;
  return view_of(*best, false);
}

Result<std::optional<View>> Local::first(const std::function<bool(const Record&)>& meant) {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto rows, store_.environments());
  for (const auto& row : rows) {
    auto record = from_row(row);
    if (record.state != State::deleting && !record.temporary && meant(record)) return view_of(record, false);
  }
  return std::nullopt;
}

Result<std::optional<View>> Local::by_labels(const std::vector<std::string>& labels) {
  return first([&](const Record& record) { return has_labels(record, labels); });
}

Result<std::optional<View>> Local::by_id(const std::string& id) {
  return first([&](const Record& record) { return record.id == id || record.name == id; });
}

Result<ContainerView> Local::container(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  PHOTON_TRY(auto text, own_text(record));
  return ContainerView{record.container.process.env, record.metadata, std::move(text)};
}

Result<Fd> Local::inside(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  if (!allowed(Action::exec, record.state))
    return fail(Kind::conflict, "environment.state", fmt::format("{} is {}", name, to_string(record.state)),
                fmt::format("devenv start {}", name));
  auto connection = inside::connect(folders_of(host_.paths(), record.id).socket());
  if (!connection)
    return fail(Kind::unavailable, "environment.inside", fmt::format("{} does not answer", name),
                fmt::format("devenv start {}", name));
  return connection;
}

Result<ExecContext> Local::exec_context(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  ExecContext context{record.env, record.user, record.workspace, record.shell, record.fixed};
  PHOTON_TRY(auto kept, kept_secrets(host_.paths(), record.id));
  put_secrets(context.env, kept);
  return context;
}

bool Local::authorized(const std::string& name, const std::string& public_key) {
  auto record = by_name(name);
  if (!record) return false;
  auto fields = [](std::string_view line) {  // type and key, without the comment
    auto first = line.find(' ');
    auto second = first == line.npos ? line.npos : line.find(' ', first + 1);
    return line.substr(0, second);
  };
  auto same = [&](const std::string& line) { return fields(line) == fields(public_key); };
  const auto& everywhere = options_.authorized_keys;
  return std::any_of(record->public_keys.begin(), record->public_keys.end(), same) ||
         std::any_of(everywhere.begin(), everywhere.end(), same);
}

Result<std::string> Local::log_file(const std::string& name, const std::string& service) {
  PHOTON_TRY(auto record, by_name(name));
  if (service.empty()) return folders_of(host_.paths(), record.id).log();
  std::vector<std::string_view> names;
  for (const auto& one : record.beside) {
    if (one.service == service) return folders_of(host_.paths(), one.id).init_log();
    names.push_back(one.service);
  }
  auto near = nearest(service, names);
  return fail(Kind::not_found, "environment.service",
              fmt::format("no service \"{}\" runs beside {}", shown(service), name),
              !near.empty()   ? fmt::format("did you mean {}?", near)
              : names.empty() ? "it has no compose project with others"
                              : fmt::format("there are {}", fmt::join(names, ", ")));
}

}  // namespace photon::environment
