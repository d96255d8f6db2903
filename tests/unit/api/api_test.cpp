// Client, server and routes together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/api/fake_environments.hpp"

namespace photon::routes {
namespace {

environment::View web() {
  environment::View view{.id = "1", .name = "web", .state = State::running};
  view.folder = "/home/ada/web";
  return view;
}

TEST(Api, VersionStatusAndDoctor) {
  RunningApi api;
  auto client = api.client();
  EXPECT_EQ(client.version()->version, "1.2.3");
  EXPECT_EQ(client.status()->pid, 7);
  auto checks = client.doctor();
  ASSERT_TRUE(checks);
  EXPECT_EQ(checks->at(1).hint, "mend it");
}

TEST(Api, UpReportsProgressWarningsAndTheEnvironment) {
  RunningApi api;
  auto client = api.client();
  wire::Up request{.source = "https://x/y.git", .name = "y"};
  request.caller.environment = {{"LANG", "C"}};
  auto operation = client.up(request);
  ASSERT_TRUE(operation) << operation.error().message;
  EXPECT_EQ(operation->state, "running");
  std::vector<Progress> seen;
  std::vector<std::string> warnings;
  auto end = client.follow(
      operation->id, [&](const Progress& report) { seen.push_back(report); },
      [&](const std::string& text) { warnings.push_back(text); }, {});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->state, "done");
  ASSERT_TRUE(end->result);
  EXPECT_EQ(end->result->name, "y");
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), (Progress{"clone", "https://x/y.git", "2 files", 2, 2, true}));
  EXPECT_EQ(warnings, std::vector<std::string>{"one warning"});
  EXPECT_EQ(api.environments.last_caller().uid, ::getuid());
  EXPECT_EQ(api.environments.last_caller().environment.at("LANG"), "C");
}

TEST(Api, ALateFollowerSeesTheLastReportOfEachStep) {
  RunningApi api;
  auto client = api.client();
  auto operation = client.up({.source = "s", .name = "y"});
  ASSERT_TRUE(operation);
  ASSERT_TRUE(client.follow(operation->id, {}, {}, {}));
  std::vector<Progress> seen;
  ASSERT_TRUE(client.follow(operation->id, [&](const Progress& report) { seen.push_back(report); }, {}, {}));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].finished);
}

TEST(Api, FailuresKeepKindAndHint) {
  RunningApi api;
  auto client = api.client();
  auto operation = client.up({.source = "broken", .name = "y"});
  ASSERT_TRUE(operation);
  auto end = client.follow(operation->id, {}, {}, {});
  ASSERT_TRUE(end && end->error);
  EXPECT_EQ(end->state, "failed");
  EXPECT_EQ(end->error->kind, Kind::denied);
  EXPECT_EQ(end->error->hint, "log in");
  auto thrown = client.up({.source = "throws", .name = "y"});
  ASSERT_TRUE(thrown);
  end = client.follow(thrown->id, {}, {}, {});
  ASSERT_TRUE(end && end->error);
  EXPECT_EQ(end->error->kind, Kind::internal);
}

TEST(Api, AnOperationCanBeCancelled) {
  RunningApi api;
  api.environments.hang = true;
  auto client = api.client();
  auto operation = client.up({.source = "s", .name = "y"});
  ASSERT_TRUE(operation);
  ASSERT_TRUE(client.cancel(operation->id));
  auto end = client.follow(operation->id, {}, {}, {});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->state, "cancelled");
  auto all = client.operations();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->at(0).id, operation->id);
}

TEST(Api, FollowingCanBeGivenUpWhileTheWorkGoesOn) {
  RunningApi api;
  api.environments.hang = true;
  auto client = api.client();
  auto operation = client.up({.source = "s", .name = "y"});
  ASSERT_TRUE(operation);
  std::stop_source stop;
  auto end =
      client.follow(operation->id, [&](const Progress&) { stop.request_stop(); }, {}, stop.get_token());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, Kind::cancelled);
  EXPECT_EQ(client.operations()->at(0).state, "running");
}

TEST(Api, EnvironmentsByLabelsAndId) {
  RunningApi api;
  environment::View view{.id = "0123456789abcdef", .name = "web", .state = State::running};
  view.folder = "/here/web";
  api.environments.add(view);
  auto client = api.client();
  auto with = client.environment_with({"a=b c", "d=\"e\""});
  ASSERT_TRUE(with && *with) << with.error().message;
  EXPECT_EQ((*with)->name, "web");
  auto without = client.environment_with({"a=b"});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_FALSE(*without);
  auto by_id = client.environment_by_id("0123456789abcdef");
  ASSERT_TRUE(by_id && *by_id) << by_id.error().message;
  EXPECT_EQ((*by_id)->name, "web");
  auto container = client.container("web");
  ASSERT_TRUE(container) << container.error().message;
  EXPECT_EQ(container->env, std::vector<std::string>{"A=b"});
  EXPECT_EQ(client.container("none").error().kind, Kind::not_found);
  EXPECT_EQ(client.environment_with({}).error().kind, Kind::usage);
}

TEST(Api, WhatHooksGetTravelsWhole) {
  wire::Up up;
  up.hooks.prebuild = true;
  up.hooks.env = {"A=b=c"};
  up.hooks.secrets["S"] = Secret("hush");
  up.hooks.dotfiles = {"/dots", "own", "~/d"};
  up.labels = {"a=b"};
  auto read = wire::parse<wire::Up>(wire::to_json(up));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->hooks.prebuild);
  EXPECT_FALSE(read->hooks.only_waited);
  EXPECT_EQ(read->hooks.env, up.hooks.env);
  EXPECT_EQ(read->hooks.secrets.at("S").reveal(), "hush");
  EXPECT_EQ(read->hooks.dotfiles.target, "~/d");
  EXPECT_EQ(read->labels, up.labels);
}

TEST(Api, EnvironmentsByNameAndFolder) {
  RunningApi api;
  api.environments.add(web());
  auto client = api.client();
  EXPECT_EQ(client.environments()->size(), 1U);
  EXPECT_EQ(client.environment("web")->folder, "/home/ada/web");
  auto of = client.environment_of("/home/ada/web");
  ASSERT_TRUE(of && *of);
  EXPECT_EQ((*of)->name, "web");
  auto none = client.environment_of("/elsewhere");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  auto unknown = client.environment("a/../b ?");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, Kind::not_found);
  EXPECT_EQ(unknown.error().hint, "devenv ls shows them");
}

TEST(Api, VerbsActAndUnknownOnesAreRefused) {
  RunningApi api;
  api.environments.add(web());
  auto client = api.client();
  auto stopped = client.act("web", "stop", {});
  ASSERT_TRUE(stopped);
  EXPECT_EQ(client.follow(stopped->id, {}, {}, {})->result->state, "stopped");
  EXPECT_EQ(client.act("nobody", "start", {}).error().kind, Kind::not_found);
  EXPECT_EQ(client.act("web", "explode", {}).error().code, "api.path");
}

TEST(Api, UnsavedWorkNeedsConfirmation) {
  RunningApi api;
  auto view = web();
  view.dirty = 3;
  api.environments.add(view);
  auto client = api.client();
  auto refused = client.remove("web", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::needs_confirmation);
  EXPECT_EQ(refused.error().message, "web has work that exists nowhere else");
  EXPECT_EQ(refused.error().hint, "3 files not committed");
  auto removed = client.remove("web", true);
  ASSERT_TRUE(removed);
  EXPECT_EQ(client.follow(removed->id, {}, {}, {})->state, "done");
  EXPECT_TRUE(client.environments()->empty());
}

TEST(Api, PortsArePublishedAndTakenBack) {
  RunningApi api;
  api.environments.add(web());
  auto client = api.client();
  EXPECT_EQ(client.publish("web", {3000, 8080})->local, 8080U);
  EXPECT_EQ(client.ports("web")->size(), 1U);
  ASSERT_TRUE(client.unpublish("web", 3000));
  EXPECT_TRUE(client.ports("web")->empty());
  EXPECT_EQ(client.publish("web", {70000, 0}).error().kind, Kind::usage);
}

TEST(Api, LogsAreFollowed) {
  RunningApi api;
  api.environments.add(web());
  ASSERT_TRUE(write_file(api.environments.log_path, "first\n"));
  auto client = api.client();
  std::string text;
  auto sink = [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    return {};
  };
  ASSERT_TRUE(client.logs("web", "", false, sink, {}));
  EXPECT_EQ(text, "first\n");
  text.clear();
  std::stop_source stop;
  auto growing = [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    if (text == "first\n") {
      auto file = open_fd(api.environments.log_path, O_WRONLY | O_APPEND);
      PHOTON_CHECK(write_all(file->get(), "second\n"));
    }
    if (text == "first\nsecond\n") stop.request_stop();
    return {};
  };
  auto ended = client.logs("web", "", true, growing, stop.get_token());
  EXPECT_EQ(ended.error().kind, Kind::cancelled);
  EXPECT_EQ(text, "first\nsecond\n");
}

TEST(Api, ChangesReachListeners) {
  RunningApi api;
  auto client = api.client();
  std::stop_source stop;
  std::jthread publisher([&](const std::stop_token& end) {
    while (!end.stop_requested()) {
      api.events.publish({.environment = "web", .what = "state", .state = "running"});
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  std::optional<wire::Change> seen;
  auto ended = client.events(
      [&](const wire::Change& change) {
        seen = change;
        stop.request_stop();
      },
      stop.get_token());
  EXPECT_EQ(ended.error().kind, Kind::cancelled);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->environment, "web");
  EXPECT_GT(seen->time, 0);
}

TEST(Api, PrebuildsAreMadeListedAndDeleted) {
  RunningApi api;
  auto client = api.client();
  EXPECT_TRUE(client.prebuilds()->empty());
  auto operation = client.make_prebuild(
      {.source = "https://x/y", .config = "c", .allow_unknown = true, .trust = true, .anew = true});
  ASSERT_TRUE(operation) << operation.error().message;
  EXPECT_EQ(operation->kind, "prebuild");
  std::vector<std::string> warnings;
  auto end = client.follow(operation->id, {}, [&](const std::string& text) { warnings.push_back(text); }, {});
  ASSERT_TRUE(end && end->prebuild);
  EXPECT_EQ(end->prebuild->source, "https://x/y");
  EXPECT_EQ(end->prebuild->config, "c");
  EXPECT_TRUE(end->prebuild->made);
  EXPECT_EQ(warnings, std::vector<std::string>{"a warning"});
  EXPECT_EQ(api.environments.last_caller().uid, ::getuid());
  auto all = client.prebuilds();
  ASSERT_TRUE(all && all->size() == 1);
  EXPECT_EQ(all->front().size, 7U);
  EXPECT_EQ(client.remove_prebuild("p2").error().kind, Kind::not_found);
  EXPECT_TRUE(client.remove_prebuild("p1"));
  EXPECT_TRUE(client.prebuilds()->empty());
}

TEST(Api, LoginsAreListedWithoutPasswords) {
  RunningApi api;
  auto client = api.client();
  EXPECT_TRUE(client.logins()->empty());
  auto file = std::filesystem::path(api.environments.log_path).parent_path() / "logins.json";
  ASSERT_TRUE(
      write_file(file, R"({"registries":{"registry.example.org":{"user":"ada","password":"secret"}}})"));
  EXPECT_EQ(*client.logins(), std::vector<std::string>{"registry.example.org"});
}

TEST(Api, ShutDownIsPassedOn) {
  RunningApi api;
  ASSERT_TRUE(api.client().shut_down(true));
  EXPECT_EQ(api.shut_down, 2);
}

}  // namespace
}  // namespace photon::routes
