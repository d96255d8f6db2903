// The merge: each property by its rule, with the entries of an image's label in front.
#include "devenv/spec/reference/merge.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

/// `member` of the merge of these entries, or all of it.
std::string merge(std::string_view entries, std::string_view member = {}) {
  auto list = json(entries);
  auto done = merged(json("{}"), *list.list());
  if (!done) return "error: " + done.error().message;
  if (member.empty()) return write(*done);
  return done->at(member).undefined() ? "undefined" : write(done->at(member));
}

struct Rule {
  const char* entries;
  const char* member;
  const char* merged;
};

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.entries; }

class MergeRule : public testing::TestWithParam<Rule> {};

TEST_P(MergeRule, Holds) {
  const auto& [entries, member, expected] = GetParam();
  EXPECT_EQ(merge(entries, member), expected);
}

const Rule rules[] = {
    {R"([{"init":"no"},{"init":false}])", "init", "true"},
    {R"([{"init":0},{"init":""}])", "init", "false"},
    {R"([{"privileged":true},{}])", "privileged", "true"},
    {R"([{"capAdd":["B","A"]},{"capAdd":"C"},{"capAdd":["A","D"]}])", "capAdd", R"(["B","A","C","D"])"},
    {R"([{"capAdd":[]}])", "capAdd", "undefined"},
    {R"([{"securityOpt":["a",1,"1",1,null,null]}])", "securityOpt", R"(["a",1,"1",null])"},
    {R"([{"entrypoint":"/a"},{"entrypoint":""},{"entrypoint":"/b"}])", "entrypoints", R"(["/a","/b"])"},
    {R"([{"mounts":["type=bind,src=/a,dst=/x","type=volume,target=/y"]},{"mounts":[{"source":"b","target":"/x"}]}])",
     "mounts", R"(["type=volume,target=/y",{"source":"b","target":"/x"}])"},
    {R"([{"mounts":["type=tmpfs",{"type":"volume"}]}])", "mounts", R"([{"type":"volume"}])"},
    {R"([{"mounts":["a=b,destination=/x=y,target=/z"]},{"mounts":"dst=/z"}])", "mounts", R"(["dst=/z"])"},
    {R"([{"mounts":[null]}])", "mounts",
     "error: TypeError: Cannot read properties of null (reading 'target')"},
    {R"([{"customizations":{"vscode":{"a":1},"x":2}},{"customizations":{"vscode":[3]}}])", "customizations",
     R"({"vscode":[{"a":1},[3]],"x":[2]})"},
    {R"([{"customizations":{"toString":1}}])", "customizations",
     "error: TypeError: obj[key].push is not a function"},
    {R"([{"postCreateCommand":""},{"postCreateCommand":{}},{"postCreateCommand":[]},{"postCreateCommand":"x"}])",
     "postCreateCommands", R"([{},[],"x"])"},
    {R"([{}])", "onCreateCommands", "[]"},
    {R"([{"remoteUser":"a"},{"remoteUser":""}])", "remoteUser", R"("a")"},
    {R"([{"containerUser":"a"},{"containerUser":"b"}])", "containerUser", R"("b")"},
    {R"([{"waitFor":"x"},{"waitFor":null}])", "waitFor", R"("x")"},
    {R"([{"overrideCommand":false},{"overrideCommand":"true"}])", "overrideCommand", "false"},
    {R"([{"updateRemoteUserUID":true},{"updateRemoteUserUID":false}])", "updateRemoteUserUID", "false"},
    {R"([{"remoteEnv":{"A":"1","B":"2"}},{"remoteEnv":{"A":null,"1":"c"}}])", "remoteEnv",
     R"({"1":"c","A":null,"B":"2"})"},
    {R"([{}])", "containerEnv", "{}"},
    {R"([{"portsAttributes":{"3000":{"label":"a","x":1}}},{"portsAttributes":{"3000":{"label":"b"}}}])",
     "portsAttributes", R"({"3000":{"label":"b"}})"},
    {R"([{"otherPortsAttributes":{"a":1}},{"otherPortsAttributes":{"b":1}}])", "otherPortsAttributes",
     R"({"b":1})"},
    {R"([{"forwardPorts":[3000,"3001","db:5432"]},{"forwardPorts":["localhost:3000",3001]}])", "forwardPorts",
     R"([3000,"3001","db:5432",3001])"},
    {R"([{"forwardPorts":["mylocalhost:77"]}])", "forwardPorts", "[null]"},
    {R"([{"shutdownAction":"none"},{"shutdownAction":"stopContainer"}])", "shutdownAction",
     R"("stopContainer")"},
    {R"([])", "hostRequirements", R"({"cpus":null,"memory":"-Infinity","storage":"-Infinity"})"},
    {R"([{}])", "hostRequirements", "undefined"},
    {R"([{"hostRequirements":{"cpus":2,"memory":"8gb"}},{"hostRequirements":{"cpus":"4","memory":"512mb","storage":"1.5tb"}}])",
     "hostRequirements", R"({"cpus":4,"memory":"8589934592"})"},
    {R"([{"hostRequirements":{"memory":"4GB","storage":1024}}])", "hostRequirements",
     R"({"cpus":0,"storage":"1024"})"},
    {R"([{"hostRequirements":{"gpu":"optional"}},{"hostRequirements":{"gpu":true}}])", "hostRequirements",
     R"({"cpus":0,"gpu":{}})"},
    {R"([{"hostRequirements":{"gpu":{"cores":2,"memory":"2gb"}}}])", "hostRequirements",
     R"({"cpus":0,"gpu":{"cores":2,"memory":"2gb"}})"},
    {R"([{"hostRequirements":{"gpu":{"cores":2,"memory":"2gb"}}},{"hostRequirements":{"gpu":{"cores":1,"memory":"4gb"}}}])",
     "hostRequirements", R"({"cpus":0,"gpu":{"cores":2,"memory":"4294967296"}})"},
    {R"([{"hostRequirements":{"gpu":"optional"}},{"hostRequirements":{"gpu":"optional"}}])",
     "hostRequirements", R"({"cpus":0,"gpu":"optional"})"},
};
INSTANTIATE_TEST_SUITE_P(All, MergeRule, testing::ValuesIn(rules));

TEST(Merge, KeepsWhatTheFileAloneHasInItsPlace) {
  auto config = json(
      R"({"name":"n","init":true,"postCreateCommand":"x","image":"i","mounts":[],"unknown":1,"remoteUser":"u"})");
  auto entries = metadata_entries({}, {}, config, {});
  ASSERT_TRUE(entries);
  EXPECT_EQ(
      write(*merged(config, *entries)),
      R"({"name":"n","init":true,"image":"i","unknown":1,"remoteUser":"u","privileged":false,"onCreateCommands":[],)"
      R"("updateContentCommands":[],"postCreateCommands":["x"],"postStartCommands":[],"postAttachCommands":[],)"
      R"("remoteEnv":{},"containerEnv":{},"portsAttributes":{}})");
}

TEST(Merge, TheLabelIsAListOrOneObject) {
  std::vector<std::string> told;
  auto tell = [&](std::string_view text) { told.emplace_back(text); };
  EXPECT_EQ(write(label_entries(R"([{"init":true},{}])", tell)), R"([{"init":true},{}])");
  EXPECT_EQ(write(label_entries(R"({"init":true})", tell)), R"([{"init":true}])");
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(write(label_entries("5", tell)), "[]");
  EXPECT_EQ(write(label_entries("{broken", tell)), "[]");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], "Invalid image metadata: 5");
  EXPECT_TRUE(told[1].starts_with("Error parsing image metadata: "));
}

TEST(Merge, EntriesThatAreNoObjectsCountAsInTheReference) {
  EXPECT_EQ(write(*metadata_entries(*json(R"([5,"ab",[1],{}])").list(), {}, json("{}"), {})),
            R"(["ab",[1]])");
  EXPECT_FALSE(metadata_entries(*json("[null]").list(), {}, json("{}"), {}));
}

}  // namespace
}  // namespace photon::spec::reference
