// What an `up` tells on standard error.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/devcontainer/story.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::devcontainer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Everything that is written to standard error while `body` runs.
std::string told(LogFormat format, const std::function<void(Story&)>& body) {
  fixtures::TempFolder folder;
  auto file = open_fd(folder.path + "/err", O_RDWR | O_CREAT);
  EXPECT_TRUE(file);
  Fd before(::dup(2));
  ::dup2(file->get(), 2);
  Log log({.format = format}, "");
  Story story(log);
  body(story);
  ::dup2(before.get(), 2);
  return read_file(folder.path + "/err").value_or("");
}

/// name, status and detail of each progress event
std::vector<std::string> progress_in(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    auto event = parse_json(text.substr(at, end - at), "an event").value();
    at = end + 1;
    if (text_or(event, "type") == "progress")
      found.push_back(text_or(event, "name") + "|" + text_or(event, "status") + "|" +
                      text_or(event, "stepDetail"));
  }
  return found;
}

Progress hook(std::string subject, std::string detail = {}, bool finished = false) {
  return {"hook", std::move(subject), std::move(detail), 0, 0, finished};
}

TEST(Story, ProgramsHearWhenACommandBeginsAndEnds) {
  auto text = told(LogFormat::json, [](Story& story) {
    story.tell(hook("initializeCommand"));
    story.tell(hook("initializeCommand", "", true));
    story.tell(hook("onCreateCommand: make: all"));
    story.tell(hook("onCreateCommand: make: all", "compiling"));
    story.tell(hook("onCreateCommand: make: all", "", true));
    story.tell(hook("postCreateCommand: a"));
    story.tell(hook("postCreateCommand: b"));
    story.tell(hook("postCreateCommand: a", "", true));
    story.tell(hook("postCreateCommand: b", "::step::deep"));
    story.end(true);
  });
  EXPECT_THAT(
      progress_in(text),
      ElementsAre("Running onCreateCommand...|running|make: all", "Running onCreateCommand...|succeeded|",
                  "Running postCreateCommand...|running|a", "Running postCreateCommand...|running|b",
                  "Running postCreateCommand...|running|deep", "Running postCreateCommand...|failed|"));
  EXPECT_THAT(text, HasSubstr(R"("text":"compiling\r\n","channel":"postCreate")"));
}

TEST(Story, PeopleReadLines) {
  auto text = told(LogFormat::text, [](Story& story) {
    story.tell({"image", "debian:12", "12 MB", 1, 2, false});
    story.tell({"image", "debian:12", "pulled", 2, 2, true});
    story.tell(hook("postCreateCommand: x"));
    story.tell(hook("postCreateCommand: x", "line\x1b[2J"));
    story.tell(hook("postCreateCommand: x", "", true));
    story.end(false);
  });
  EXPECT_THAT(text, HasSubstr("] image debian:12: pulled\n"));
  EXPECT_THAT(text, Not(HasSubstr("12 MB")));
  EXPECT_THAT(text, HasSubstr("] Running the postCreateCommand...\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Story, WhatFeaturesAndBuildsPrintIsShown) {
  auto text = told(LogFormat::text, [](Story& story) {
    story.tell({"build", "Dockerfile", "", 0, 0, false});
    story.tell({"build", "Dockerfile", "STEP 2/3: RUN make", 0, 0, false});
    story.tell({"feature", "tools", "unpacking", 0, 0, false});
    story.tell({"image", "debian", "12 MB", 0, 0, false});
  });
  EXPECT_THAT(text, HasSubstr("STEP 2/3: RUN make"));
  EXPECT_THAT(text, HasSubstr("unpacking"));
  EXPECT_THAT(text, Not(HasSubstr("12 MB"))) << "what moves is for a screen";
}

}  // namespace
}  // namespace photon::devcontainer
