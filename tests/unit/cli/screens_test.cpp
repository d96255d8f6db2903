// The screens of experience: the real program on a pseudo-terminal and on pipes, against canned answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <latch>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/cli/fake_daemon.hpp"
#include "tests/unit/cli/pseudo_terminal.hpp"

namespace photon::test {
namespace {

using testing::HasSubstr;
using testing::Not;

wire::Environment web() {
  wire::Environment out;
  out.id = "0123456789abcdef";
  out.name = "web";
  out.state = "running";
  out.host = "local";
  out.repository = "acme/web";
  out.branch = "main";
  out.dirty = 2;
  out.workspace = "/workspaces/web";
  out.created = std::time(nullptr) - 7300;
  out.ports = {{.port = 3000,
                .local = 3000,
                .label = "app",
                .process = "node",
                .forwarded = true,
                .protocol = "http"}};
  return out;
}

wire::Operation operation(const std::string& kind, const std::string& state) {
  wire::Operation out;
  out.id = "op1";
  out.kind = kind;
  out.environment = "web";
  out.state = state;
  return out;
}

json::value refusal(Kind kind, const std::string& message, const std::string& hint) {
  return json::object{{"error", to_json(fail(kind, "test", message, hint).value())}};
}

class Screens : public testing::Test {
 protected:
  Screens() {
    (void)make_directories(folder_.path + "/run");
    (void)make_directories(folder_.path + "/home");
    daemon_.emplace(folder_.path + "/run/api.sock");
    daemon_->answers("GET /v1/environments", json::array{to_json(web())});
    daemon_->answers("GET /v1/environments/web", to_json(web()));
  }

  std::vector<std::string> environment(std::vector<std::string> more = {}) {
    more.push_back("DEVENV_HOME=" + folder_.path);
    more.push_back("HOME=" + folder_.path + "/home");
    if (std::none_of(more.begin(), more.end(), [](const auto& one) { return one.starts_with("TERM="); }))
      more.push_back("TERM=xterm-256color");
    return more;
  }
  std::vector<std::string> line(std::vector<std::string> words) {
    words.insert(words.begin(), PHOTON_BUILD_DIR "/bin/devenv");
    return words;
  }
  PseudoTerminal on_terminal(const std::vector<std::string>& words, unsigned columns = 80,
                             std::vector<std::string> variables = {}) {
    return PseudoTerminal(line(words), {columns, environment_ = environment(std::move(variables))});
  }
  Output piped(const std::vector<std::string>& words) {
    std::map<std::string, std::string> variables{{"PATH", "/usr/bin:/bin"}};
    for (const auto& one : environment())
      variables[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
    return run({.argv = line(words), .environment = variables}).value();
  }

  fixtures::TempFolder folder_;
  std::optional<FakeDaemon> daemon_;
  std::vector<std::string> environment_;  // putenv() keeps pointers into it
};

TEST_F(Screens, UpShowsStepsAndWhatToDoNext) {
  std::latch looked(1);
  daemon_->answers("POST /v1/environments", to_json(operation("up", "running")), 202);
  daemon_->streams("GET /v1/operations/op1/events", [&](const Stream& stream) {
    Progress clone{"clone", "acme/web at main", "312 files, 4.1 MB", 0, 0, true};
    Progress hook{"hook", "postCreateCommand: npm ci", "added 214 of 312 packages"};
    stream.event("progress", wire::to_json(clone));
    stream.event("progress", wire::to_json(hook));
    looked.wait();
    hook.detail.clear();
    hook.finished = true;
    stream.event("progress", wire::to_json(hook));
    auto ended = operation("up", "done");
    ended.result = web();
    stream.event("end", wire::to_json(ended));
  });
  auto terminal = on_terminal({"up", "https://git.example.org/acme/web"});
  EXPECT_TRUE(terminal.shows("  clone    acme/web at main                  312 files, 4.1 MB"))
      << terminal.screen();
  EXPECT_TRUE(terminal.shows("           added 214 of 312 packages"));
  looked.count_down();
  EXPECT_EQ(terminal.status(), 0) << terminal.screen();
  EXPECT_THAT(terminal.screen(), Not(HasSubstr("added 214"))) << "detail is folded away";
  EXPECT_THAT(terminal.screen(), HasSubstr("  hook     postCreateCommand: npm ci"));
  EXPECT_THAT(terminal.screen(), HasSubstr("  web is ready ("));
  EXPECT_THAT(terminal.screen(), HasSubstr("    devenv ssh web\n"));
  EXPECT_THAT(terminal.screen(), HasSubstr("    http://127.0.0.1:3000   port 3000, \"app\"\n"));
}

TEST_F(Screens, AFailedHookIsShownWhole) {
  daemon_->answers("POST /v1/environments", to_json(operation("up", "running")), 202);
  daemon_->streams("GET /v1/operations/op1/events", [&](const Stream& stream) {
    stream.event("progress", wire::to_json(Progress{"hook", "postCreateCommand: npm ci", "first line"}));
    stream.event("progress",
                 wire::to_json(Progress{"hook", "postCreateCommand: npm ci", "second \x1b[2Jline"}));
    auto ended = operation("up", "failed");
    ended.error = fail(Kind::failed, "hook.failed", "postCreateCommand exited 1", "devenv logs web").value();
    stream.event("end", wire::to_json(ended));
  });
  auto terminal = on_terminal({"up", "https://git.example.org/acme/web"});
  EXPECT_EQ(terminal.status(), 1);
  EXPECT_THAT(
      terminal.screen(),
      HasSubstr(
          "  failed   hook postCreateCommand: npm ci\n           first line\n           second line\n"));
  EXPECT_THAT(terminal.screen(), HasSubstr("devenv: postCreateCommand exited 1\n  devenv logs web\n"));
}

TEST_F(Screens, InAPipeTheSameWordsArePlainLines) {
  daemon_->answers("POST /v1/environments", to_json(operation("up", "running")), 202);
  daemon_->streams("GET /v1/operations/op1/events", [&](const Stream& stream) {
    stream.event("progress", wire::to_json(Progress{"clone", "acme/web at main", "312 files", 0, 0, true}));
    auto ended = operation("up", "done");
    ended.result = web();
    stream.event("end", wire::to_json(ended));
  });
  auto output = piped({"up", "--json", "https://git.example.org/acme/web"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.err, HasSubstr("  clone    acme/web at main                  312 files\n"));
  EXPECT_THAT(output.err, Not(HasSubstr("\x1b")));
  auto document = parse_json(output.out, "the answer");
  ASSERT_TRUE(document) << output.out;
  EXPECT_EQ(text_or(*document, "name"), "web");
}

TEST_F(Screens, LsIsCutAtTheScreenAndWholeInAPipe) {
  auto failed = web();
  failed.name = "api";
  failed.state = "failed";
  failed.failure = "postCreateCommand exited 1";
  daemon_->answers("GET /v1/environments", json::array{to_json(web()), to_json(failed)});
  auto terminal = on_terminal({"ls"}, 60);
  EXPECT_EQ(terminal.status(), 0);
  EXPECT_THAT(terminal.screen(), HasSubstr("  NAME  STATE    HOST   REPOSITORY  BRANCH         PORTS"));
  EXPECT_THAT(terminal.screen(), HasSubstr("  web   running  local  acme/web    main, 2 dirty  3000"));
  EXPECT_THAT(terminal.screen(), HasSubstr("…"));
  EXPECT_THAT(terminal.screen(), HasSubstr("\n  api: postCreateCommand exited 1: devenv logs api\n"))
      << "what is wrong is never cut off";
  EXPECT_THAT(piped({"ls"}).out, HasSubstr("2 h  postCreateCommand exited 1: devenv logs api\n"));
  EXPECT_EQ(piped({"ls", "-q"}).out, "web\napi\n");
}

TEST_F(Screens, ColourIsLeftOutWhereNotWanted) {
  daemon_->answers("GET /v1/status", to_json(wire::DaemonStatus{.version = "0.1.0", .system = true}));
  daemon_->answers(
      "GET /v1/doctor",
      json::array{to_json(wire::Check{"fail", "no subordinate ids", "sudo usermod …", "namespaces"}),
                  to_json(wire::Check{"ok", "8.0 GB free", "", "disk"})});
  auto coloured = on_terminal({"doctor"}, 160);
  EXPECT_EQ(coloured.status(), 1);
  EXPECT_THAT(coloured.bytes(), HasSubstr("\x1b[31mfail"));
  auto plain = on_terminal({"doctor"}, 160, {"NO_COLOR=1"});
  EXPECT_EQ(plain.status(), 1);
  EXPECT_THAT(plain.bytes(), Not(HasSubstr("\x1b[")));
  auto dumb = on_terminal({"doctor"}, 160, {"TERM=dumb"});
  EXPECT_EQ(dumb.status(), 1);
  EXPECT_EQ(dumb.screen(), coloured.screen());
  EXPECT_THAT(dumb.bytes(), Not(HasSubstr("\x1b")));
}

TEST_F(Screens, ErrorsAreOneSentenceWithTheStatusOfTheirKind) {
  auto output = piped({"stop", "wbe"});
  EXPECT_EQ(output.status, 3);
  daemon_->answers("POST /v1/environments",
                   refusal(Kind::denied, "git.example.org asks for a login", "devenv login git.example.org"),
                   403);
  output = piped({"up", "https://git.example.org/acme/private"});
  EXPECT_EQ(output.status, 5);
  EXPECT_EQ(output.err, "devenv: git.example.org asks for a login\n  devenv login git.example.org\n");
  output = piped({"ls", "--jsno"});
  EXPECT_EQ(output.status, 2);
  EXPECT_EQ(output.err, "devenv: unknown option \"--jsno\"\n  did you mean --json?\n");
  for (const auto& name :
       {std::string("../x"), std::string("a/b"), std::string("a\x1b[2J"), std::string(300, 'a')}) {
    output = piped({"logs", name});
    EXPECT_EQ(output.status, 2) << output.err;
    EXPECT_THAT(output.err, Not(HasSubstr("\x1b")));
  }
}

TEST_F(Screens, AQuestionToADaemonThatDiesIsPutToTheNextOne) {
  daemon_->dies_of("GET /v1/environments");
  auto listed = piped({"ls"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(daemon_->calls(), testing::ElementsAre("GET /v1/environments", "GET /v1/environments"));
  // What was to be done may have been begun.
  daemon_->dies_of("POST /v1/environments/web/stop");
  auto stopped = piped({"stop", "web"});
  EXPECT_EQ(stopped.status, 6);
  EXPECT_THAT(stopped.err, HasSubstr("the daemon went away in the middle of its answer"));
  EXPECT_EQ(std::ranges::count(daemon_->calls(), "POST /v1/environments/web/stop"), 1);
}

TEST_F(Screens, WithoutANameSeveralEnvironmentsAreListed) {
  auto other = web();
  other.name = "api";
  daemon_->answers("GET /v1/environments", json::array{to_json(web()), to_json(other)});
  std::error_code error;
  auto here = std::filesystem::current_path(error).string();
  std::string encoded;
  for (char c : here) encoded += c == '/' ? std::string("%2F") : std::string(1, c);
  daemon_->answers("GET /v1/environments?folder=" + encoded, json::array{});
  daemon_->answers("GET /v1/environments?folder=" + here, json::array{});
  auto output = piped({"stop"});
  EXPECT_EQ(output.status, 3);
  EXPECT_EQ(output.err,
            "devenv: this folder has no environment, and there are several elsewhere\n  devenv stop web\n  "
            "devenv stop api\n");
}

class Removal : public Screens {
 protected:
  Removal() {
    daemon_->answers("DELETE /v1/environments/web",
                     refusal(Kind::needs_confirmation, "web has work that exists nowhere else",
                             "2 files not committed\nvolume pgdata 310 MB"),
                     409);
    daemon_->answers("DELETE /v1/environments/web?confirmed=true", to_json(operation("delete", "running")),
                     202);
    daemon_->streams("GET /v1/operations/op1/events", [](const Stream& stream) {
      stream.event("end", wire::to_json(operation("delete", "done")));
    });
  }
};

TEST_F(Removal, AsksWithWhatWouldBeLost) {
  auto terminal = on_terminal({"rm", "web"});
  EXPECT_TRUE(terminal.shows("Delete it all? [y/N]"));
  EXPECT_THAT(
      terminal.screen(),
      HasSubstr("web has work that exists nowhere else:\n  2 files not committed\n  volume pgdata 310 MB\n"));
  terminal.type("y\n");
  EXPECT_EQ(terminal.status(), 0) << terminal.screen();
  EXPECT_THAT(terminal.screen(), HasSubstr("web is deleted"));
}

TEST_F(Removal, NoIsTheDefault) {
  auto terminal = on_terminal({"rm", "web"});
  EXPECT_TRUE(terminal.shows("[y/N]"));
  terminal.type("\n");
  EXPECT_EQ(terminal.status(), 130);
  EXPECT_THAT(terminal.screen(), HasSubstr("nothing was deleted, web is kept"));
  EXPECT_THAT(daemon_->calls(), Not(testing::Contains("DELETE /v1/environments/web?confirmed=true")));
}

TEST_F(Removal, CtrlCIsANo) {
  auto terminal = on_terminal({"rm", "web"});
  EXPECT_TRUE(terminal.shows("[y/N]"));
  terminal.type("y\x7fye\x03");
  EXPECT_EQ(terminal.status(), 130);
  EXPECT_THAT(terminal.screen(), HasSubstr("Delete it all? [y/N] ye\n"));
  EXPECT_THAT(terminal.screen(), HasSubstr("nothing was deleted, web is kept"));
}

TEST_F(Removal, RefusesWithoutATerminalAndObeysYes) {
  auto output = piped({"rm", "web"});
  EXPECT_EQ(output.status, 4);
  EXPECT_THAT(output.err, HasSubstr("  2 files not committed\n"));
  EXPECT_THAT(output.err, HasSubstr("  devenv rm --yes web deletes it all\n"));
  EXPECT_EQ(piped({"rm", "--yes", "web"}).status, 0);
}

class Interrupted : public Screens {
 protected:
  Interrupted() {
    daemon_->answers("POST /v1/environments", to_json(operation("up", "running")), 202);
    daemon_->streams("GET /v1/operations/op1/events", [this](const Stream& stream) {
      stream.event("progress", wire::to_json(Progress{"image", "debian:12", "12 MB of 48 MB", 12, 48}));
      end_.wait();
      stream.event("end", wire::to_json(operation("up", "cancelled")));
    });
    daemon_->answers("DELETE /v1/operations/op1", nullptr, 204);
  }
  ~Interrupted() override {
    if (!end_.try_wait()) end_.count_down();
    daemon_.reset();  // its threads wait on the latch
  }
  std::latch end_{1};
};

TEST_F(Interrupted, OnceCancelsAndSaysWhatWasKept) {
  auto terminal = on_terminal({"up", "https://git.example.org/acme/web"});
  EXPECT_TRUE(terminal.shows("25 %")) << terminal.screen();
  terminal.type("\x03");
  EXPECT_TRUE(daemon_->called("DELETE /v1/operations/op1"));
  EXPECT_TRUE(terminal.shows("stopping (Ctrl-C again leaves at once)"));
  end_.count_down();
  EXPECT_EQ(terminal.status(), 130);
  EXPECT_THAT(terminal.screen(), HasSubstr("devenv: interrupted\n  web is kept (running)\n"));
}

TEST_F(Interrupted, TwiceLeavesAtOnce) {
  auto terminal = on_terminal({"up", "https://git.example.org/acme/web"});
  EXPECT_TRUE(terminal.shows("25 %"));
  terminal.type("\x03");
  EXPECT_TRUE(daemon_->called("DELETE /v1/operations/op1"));
  terminal.type("\x03");
  EXPECT_EQ(terminal.status(), 130);
  EXPECT_THAT(terminal.screen(), Not(HasSubstr("is kept")));
}

TEST_F(Interrupted, AResizeRedrawsWithinTheNewWidth) {
  auto terminal = on_terminal({"up", "https://git.example.org/acme/web"}, 100);
  EXPECT_TRUE(terminal.shows("25 %"));
  terminal.resize(24);
  EXPECT_TRUE(terminal.shows("  image    debian:…  ")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("\n           12 MB of 48…\n")) << terminal.screen();
  terminal.resize(44);
  EXPECT_TRUE(terminal.shows("  25 %\n           12 MB of 48 MB\n")) << terminal.screen();
  end_.count_down();
  EXPECT_EQ(terminal.status(), 130);
}

}  // namespace
}  // namespace photon::test
