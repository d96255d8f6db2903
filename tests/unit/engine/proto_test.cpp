// Our copies of containerd's API against those of Debian's -dev package: what we have must be there, with the
// same number, type and label. (It reads text: the package's files do not pass protoc's C++ generator.)
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>

#include "devenv/core/fd.hpp"

namespace photon {
namespace {

namespace fs = std::filesystem;
const fs::path theirs = "/usr/share/gocode/src/github.com/containerd/containerd";
const fs::path ours = fs::path(PHOTON_SOURCE_DIR) / "devenv/engine/containerd/proto";

/// "package.Message.field" → "type = number"; enum values and rpc lines likewise.
using Items = std::map<std::string, std::string>;

/// Words and signs, without comments, options in brackets and white space.
std::vector<std::string> tokens(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      i = std::min(text.find("*/", i), text.size() - 2) + 2;
    } else if (text[i] == '[') {
      i = text.find(']', i) + 1;
    } else if (text[i] == '"') {
      const std::size_t end = text.find('"', i + 1);
      out.push_back(text.substr(i, end + 1 - i));
      i = end + 1;
    } else if (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_' || text[i] == '.') {
      std::size_t end = i;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_' || text[end] == '.'))
        ++end;
      out.push_back(text.substr(i, end - i));
      i = end;
    } else {
      if (!std::isspace(static_cast<unsigned char>(text[i]))) out.emplace_back(1, text[i]);
      ++i;
    }
  }
  return out;
}

void read_proto(const fs::path& path, Items& items) {
  const auto text = read_file(path.string());
  ASSERT_TRUE(text) << text.error().message;
  std::string package;
  std::vector<std::string> scope;
  std::vector<std::string> line;
  auto name = [&](const std::string& last) {
    std::string out = package;
    for (const auto& part : scope) out += "." + part;
    return out + "." + last;
  };
  for (const std::string& token : tokens(*text)) {
    if (token == "{") {
      // the body of an rpc (empty) has its name in front of brackets
      scope.push_back(line.size() >= 2 ? line[1] : "?");
      line.clear();
    } else if (token == "}") {
      scope.pop_back();
      line.clear();
    } else if (token != ";") {
      line.push_back(token);
    } else {
      if (line.size() == 2 && line[0] == "package") package = line[1];
      if (!line.empty() && line[0] == "rpc") {
        std::string rest;
        for (std::size_t i = 2; i < line.size(); ++i) rest += line[i] + " ";
        items[name(line[1])] = rest;
      } else if (line.size() >= 3 && line[line.size() - 2] == "=" && line[0] != "option" &&
                 line[0] != "syntax") {
        std::string type;
        for (std::size_t i = 0; i + 3 < line.size(); ++i) type += line[i] + " ";
        items[name(line[line.size() - 3])] = type + "= " + line.back();
      }
      line.clear();
    }
  }
}

Items all_below(const fs::path& folder) {
  Items items;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".proto") read_proto(entry.path(), items);
  return items;
}

TEST(Proto, IsContainerdsApi) {
  Items wanted = all_below(theirs / "api");
  // 1.6 keeps the runtime's options beside its API, 1.7 within.
  if (fs::exists(theirs / "runtime/v2/runc/options/oci.proto"))
    read_proto(theirs / "runtime/v2/runc/options/oci.proto", wanted);
  const Items have = all_below(ours);
  ASSERT_GT(wanted.size(), 300U);
  ASSERT_GT(have.size(), 150U);
  for (const auto& [name, type] : have) {
    ASSERT_TRUE(wanted.contains(name)) << name << " is not in containerd's API";
    EXPECT_EQ(type, wanted[name]) << name;
  }
}

TEST(Proto, TheComparisonSeesNumbersAndTypes) {
  const Items have = all_below(ours);
  EXPECT_EQ(have.at("containerd.services.tasks.v1.CreateTaskRequest.rootfs"),
            "repeated containerd.types.Mount = 3");
  EXPECT_EQ(have.at("containerd.services.containers.v1.Container.Runtime.name"), "string = 1");
  EXPECT_EQ(have.at("containerd.types.Descriptor.annotations"), "map < string , string > = 5");
  EXPECT_EQ(have.at("containerd.v1.types.Status.PAUSED"), "= 4");
  EXPECT_EQ(have.at("containerd.services.content.v1.Content.Write"),
            "( stream WriteContentRequest ) returns ( stream WriteContentResponse ) ");
}

}  // namespace
}  // namespace photon
