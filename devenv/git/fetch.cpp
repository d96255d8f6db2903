#include "devenv/git/fetch.hpp"

#include <mutex>

#include "devenv/core/fd.hpp"
#include "devenv/git/interrupt.hpp"
#include "devenv/git/known_hosts.hpp"
#include "devenv/git/login.hpp"

namespace photon::git {
namespace {

constexpr auto silence_limit = std::chrono::seconds(60);
// libgit2 writes packs through mapped memory: a disk that is full would end us by SIGBUS instead of an error.
constexpr std::uint64_t reserve = 16 << 20;

/// What the callbacks of one fetch share. They run in the thread that fetches.
struct Talk {
  const FetchRequest& request;
  const Work& work;
  Url url;
  Login login;
  Pulse pulse;
  std::optional<Error> refused{};  ///< a host key or certificate
  std::vector<Tip> tips{};
  std::string head{};
  Fetched fetched{};
  std::uint64_t bytes_before = 0;
  bool full = false;
  std::chrono::steady_clock::time_point reported{};
};

unsigned port_of(const Url& url) { return url.port.empty() ? 22 : unsigned(std::stoul(url.port)); }

int on_credentials(git_credential** out, const char*, const char* user, unsigned allowed, void* payload) {
  auto& talk = *static_cast<Talk*>(payload);
  talk.pulse.beat();
  return talk.login.next(out, user, allowed);
}

int on_certificate(git_cert* cert, int valid, const char* host, void* payload) {
  auto& talk = *static_cast<Talk*>(payload);
  talk.pulse.beat();
  if (cert->cert_type != GIT_CERT_HOSTKEY_LIBSSH2) {
    if (valid != 0) return 0;
    talk.refused = Error{
        .kind = Kind::denied,
        .code = "git.certificate",
        .message = fmt::format("the certificate of {} is not valid", host),
        .hint = "if its authority is your own: install that certificate in /usr/local/share/ca-certificates"};
    return GIT_ECERTIFICATE;
  }
  const auto* key = reinterpret_cast<const git_cert_hostkey*>(cert);
  if ((key->type & GIT_CERT_SSH_RAW) == 0) return GIT_ECERTIFICATE;
  auto known = verify_host(talk.request.credentials.known_hosts_files, talk.url.host, port_of(talk.url),
                           {key->hostkey, key->hostkey_len});
  if (known) return 0;
  talk.refused = std::move(known.error());
  return GIT_ECERTIFICATE;
}

bool no_room(const Talk& talk) { return free_space(git_repository_path(talk.request.repository)) < reserve; }

int on_progress(const git_indexer_progress* stats, void* payload) {
  auto& talk = *static_cast<Talk*>(payload);
  talk.pulse.beat();
  talk.fetched.bytes = talk.bytes_before + stats->received_bytes;
  talk.full = talk.full || no_room(talk);
  if (talk.full) return GIT_EUSER;
  auto now = std::chrono::steady_clock::now();
  if (now - talk.reported > std::chrono::milliseconds(100)) {
    talk.reported = now;
    talk.work.report({.step = "clone",
                      .subject = talk.request.label,
                      .detail = fmt::format("{} of {} objects, {}", stats->received_objects,
                                            stats->total_objects, shown_bytes(talk.fetched.bytes)),
                      .done = stats->received_objects + stats->indexed_deltas,
                      .total = stats->total_objects + stats->total_deltas});
  }
  return talk.pulse.ending() || talk.work.stopped() ? GIT_EUSER : 0;
}

int on_sideband(const char*, int, void* payload) {
  auto& talk = *static_cast<Talk*>(payload);
  talk.pulse.beat();
  return talk.pulse.ending() || talk.work.stopped() ? GIT_EUSER : 0;
}

git_remote_callbacks callbacks_for(Talk& talk) {
  git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
  callbacks.credentials = on_credentials;
  callbacks.certificate_check = on_certificate;
  callbacks.transfer_progress = on_progress;
  callbacks.sideband_progress = on_sideband;
  callbacks.payload = &talk;
  return callbacks;
}

/// libgit2 1.5 loses 20 KB for each line of configuration when it looks for url.*.insteadOf: it looks only
/// where there is one.
bool rewrites_addresses(git_repository* repository) {
  Config config;
  if (git_repository_config(Out(config), repository) < 0) return true;
  bool found = false;
  auto look = [](const git_config_entry* entry, void* out) {
    std::string_view name = entry->name;
    if (name.starts_with("url.") && name.ends_with("insteadof")) *static_cast<bool*>(out) = true;
    return 0;
  };
  return git_config_foreach(config.get(), look, &found) < 0 || found;
}

/// A login never follows a redirect: libgit2 would hand it to whatever host the redirect names. So the first
/// try follows redirects without any login, and the second one has a login and stays on its host.
/// A remote remembers where it was sent to, so each try has one of its own.
int connect(Talk& talk, Remote& remote) {
  git_remote_create_options creation = GIT_REMOTE_CREATE_OPTIONS_INIT;
  creation.repository = talk.request.repository;
  if (!rewrites_addresses(talk.request.repository)) creation.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF;
  auto make = [&] { return git_remote_create_with_opts(Out(remote), talk.request.url.c_str(), &creation); };
  if (int made = make(); made < 0) return made;
  git_remote_connect_options options = GIT_REMOTE_CONNECT_OPTIONS_INIT;
  options.callbacks = callbacks_for(talk);
  options.proxy_opts.type = GIT_PROXY_AUTO;
  options.follow_redirects =
      talk.login.offered() == 0 ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE;
  talk.login.withhold(talk.url.is_http() && talk.login.offered() == 0);
  talk.login.connection_begins();
  int status = git_remote_connect_ext(remote.get(), GIT_DIRECTION_FETCH, &options);
  if (status < 0 && talk.url.is_http() && talk.login.asked() && talk.login.offered() == 0 && !talk.refused) {
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    talk.login.withhold(false);
    if (status = make(); status < 0) return status;
    status = git_remote_connect_ext(remote.get(), GIT_DIRECTION_FETCH, &options);
  }
  if (status >= 0) talk.login.connection_works();
  return status;
}

int list(Talk& talk, git_remote* remote) {
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (int status = git_remote_ls(&heads, &count, remote); status < 0) return status;
  talk.tips.clear();
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view name = heads[i]->name;
    if (name.ends_with("^{}")) continue;
    int valid = 0;
    if (git_reference_name_is_valid(&valid, heads[i]->name) < 0 || valid == 0) continue;
    if (name.starts_with("refs/heads/") || name.starts_with("refs/tags/") || name == talk.request.ref)
      if (name.starts_with("refs/")) talk.tips.push_back({std::string(name), heads[i]->oid});
  }
  std::ranges::sort(talk.tips, {}, &Tip::name);
  git_buf name = GIT_BUF_INIT;
  if (git_remote_default_branch(&name, remote) == 0) talk.head = name.ptr;
  git_buf_dispose(&name);
  return 0;
}

int download(Talk& talk, git_remote* remote, std::vector<std::string> specs) {
  std::vector<char*> raw;
  for (auto& spec : specs) raw.push_back(spec.data());
  git_strarray array{raw.data(), raw.size()};
  git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
  options.callbacks = callbacks_for(talk);
  options.proxy_opts.type = GIT_PROXY_AUTO;
  options.follow_redirects =
      talk.login.offered() == 0 ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE;
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
  options.update_fetchhead = 0;
  talk.bytes_before = talk.fetched.bytes;
  int status = git_remote_download(remote, &array, &options);
  if (status >= 0) talk.fetched.objects += git_remote_stats(remote)->total_objects;
  return status;
}

/// The ref an environment waits for, as far as the remote has it.
std::string first_ref(const Talk& talk) {
  for (std::string name : {talk.request.ref.empty() ? talk.head : talk.request.ref,
                           "refs/heads/" + talk.request.ref, "refs/tags/" + talk.request.ref})
    if (std::ranges::binary_search(talk.tips, name, {}, &Tip::name)) return name;
  return {};
}

Result<void> keep(Talk& talk, const std::vector<Tip>& tips) { return talk.request.stored(tips, talk.head); }

struct Failure {
  int status = 0;
  int klass = 0;
  std::string text;
  std::optional<Error> ours;
};

int one_round(Talk& talk, Failure& failure, bool first) {
  Remote remote;
  int status = connect(talk, remote);
  if (status >= 0) status = list(talk, remote.get());
  if (status < 0) return status;
  auto wanted = first_ref(talk);
  std::vector<Tip> tips = talk.tips;
  std::vector<std::string> specs{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
  if (first && !wanted.empty()) {
    specs = {fmt::format("+{0}:{0}", wanted)};
    std::erase_if(tips, [&](const Tip& tip) { return tip.name != wanted; });
  } else if (talk.request.ref.starts_with("refs/") && !wanted.empty()) {
    specs.push_back(fmt::format("+{0}:{0}", wanted));
  }
  if (!tips.empty()) status = download(talk, remote.get(), specs);
  if (status < 0) return status;
  git_remote_disconnect(remote.get());
  if (auto kept = keep(talk, tips); !kept) failure.ours = std::move(kept.error());
  return 0;
}

/// A commit that no branch or tag reaches can still be asked for by its id where the server allows it.
int by_id(Talk& talk) {
  git_oid id;
  if (talk.request.commit.size() != GIT_OID_HEXSZ ||
      git_oid_fromstrn(&id, talk.request.commit.c_str(), GIT_OID_HEXSZ) < 0)
    return 0;
  Odb odb;
  if (git_repository_odb(Out(odb), talk.request.repository) < 0 || git_odb_refresh(odb.get()) < 0) return 0;
  if (git_odb_exists(odb.get(), &id) != 0) return 0;
  Remote remote;
  int status = connect(talk, remote);
  if (status >= 0)
    status = download(talk, remote.get(), {fmt::format("{0}:refs/commits/{0}", talk.request.commit)});
  return talk.pulse.ending() ? status : 0;  // not found is said later, by name
}

void talk_to_remote(Talk& talk, Failure& failure, bool empty) {
  failure.status = (talk.full = no_room(talk)) ? GIT_EUSER : 0;
  if (talk.full) return;
  failure.status = one_round(talk, failure, empty);
  if (failure.status >= 0 && empty && !failure.ours && talk.tips.size() > 1)
    failure.status = one_round(talk, failure, false);
  if (failure.status >= 0 && !failure.ours) failure.status = by_id(talk);
  if (failure.status >= 0) return;
  if (const git_error* error = git_error_last(); error != nullptr) failure.klass = error->klass;
  failure.text = last_error();
}

bool says(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != std::string::npos; });
}

tl::unexpected<Error> explain(const Talk& talk, const Failure& failure) {
  const auto& host = talk.url.host;
  if (talk.refused) return tl::unexpected(*talk.refused);
  if (talk.full || says(failure.text, {"No space left", "Disk quota exceeded"}))
    return fail(Kind::no_space, "git.space",
                fmt::format("there is no space left for {} in {}", talk.request.label,
                            git_repository_path(talk.request.repository)),
                "make space there, then run the command again: what has arrived is kept");
  if (failure.status == GIT_EAUTH ||
      (talk.login.asked() && says(failure.text, {"401", "no login is left", "authenticat"}))) {
    if (talk.login.offered() == 0)
      return fail(Kind::denied, "git.login", fmt::format("{} asks for a login, and none was found", host),
                  fmt::format("ssh-add a key, or: devenv login {}", host));
    return fail(Kind::denied, "git.login", fmt::format("{} did not accept the login", host),
                fmt::format("ssh-add another key, or: devenv login {}", host));
  }
  if (says(failure.text, {"403"}))
    return fail(Kind::denied, "git.forbidden",
                fmt::format("{} does not allow this login to read {}", host, talk.request.label));
  if (says(failure.text, {"404", "ot found", "does not exist", "not appear to be a git", "not exported",
                          "failed to resolve path", "could not find repository", "unsupported URL"}) &&
      !says(failure.text, {"resolve address"}))
    return fail(Kind::not_found, "git.no_repository",
                fmt::format("there is no repository at {}", talk.request.url),
                "check the address; a private one may also hide behind this answer");
  if (says(failure.text, {"redirect", "code: 30"}))
    return fail(Kind::denied, "git.redirect",
                fmt::format("{} sends on to another address, and a login is not taken along", host),
                "use the address that it sends to");
  if (failure.klass == GIT_ERROR_NET || failure.klass == GIT_ERROR_OS || failure.klass == GIT_ERROR_SSH ||
      failure.klass == GIT_ERROR_HTTP || failure.klass == GIT_ERROR_SSL)
    return fail(Kind::unavailable, "git.unreachable",
                fmt::format("cannot reach {}: {}", host.empty() ? talk.request.url : host, failure.text),
                "check the network and the address, then try again");
  return fail(Kind::failed, "git.fetch", fmt::format("cannot fetch {}: {}", talk.request.url, failure.text));
}

}  // namespace

std::string shown_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", double(bytes) / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", double(bytes) / 1e6);
  return fmt::format("{:.1f} GB", double(bytes) / 1e9);
}

Result<Fetched> fetch(const FetchRequest& request, const Work& work) {
  PHOTON_TRY(auto url, parse_url(request.url));
  Talk talk{.request = request, .work = work, .url = url, .login = Login(url, request.credentials)};
  Failure failure;
  bool empty = git_repository_is_empty(request.repository) == 1;
  auto ended =
      run_interruptibly([&] { talk_to_remote(talk, failure, empty); }, talk.pulse, work.stop, silence_limit);
  if (failure.ours) return tl::unexpected(std::move(*failure.ours));
  if (failure.status >= 0) return talk.fetched;
  if (ended == Ended::cancelled || work.stopped()) return cancelled();
  if (ended == Ended::stalled)
    return fail(Kind::unavailable, "git.stalled",
                fmt::format("{} stopped answering for {} seconds", url.host, silence_limit.count()),
                "check the network, then try again: what has arrived is kept");
  return explain(talk, failure);
}

}  // namespace photon::git
