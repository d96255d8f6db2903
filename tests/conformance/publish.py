"""What is made and given away: packages, collections, their pages, templates. Made by the reference and by ours in turn, and
read by the other one."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import urllib.request

from registry import Registry

FEATURES = {
    "plain/devcontainer-feature.json": '{\n  // a comment\n  "id": "plain", "version": "1.0.0", "name": "Plain",\n  "description": "of $& and $$ and $\' and `x`",\n'
                                       '  "options": {"version": {"type": "string", "default": "", "description": "which"}, "on": {"type": "boolean", "default": true}, "n": {"default": 1.50}},\n'
                                       '  "customizations": {"vscode": {"extensions": ["a.b", "c.d"]}}, }\n',
    "plain/install.sh": "#!/bin/sh\necho plain\n",
    "plain/lib/deep/er.txt": "deep",
    "plain/.hidden": "h",
    "plain/NOTES.md": "Notes of #{Version} and $1.\n",
    "renamed/devcontainer-feature.json": '{"id":"renamed","version":"2.1.0","name":"","legacyIds":["before","older"],"deprecated":true}',
    "renamed/install.sh": "",
    "named/devcontainer-feature.json": '{"legacyIds":["old-named"],"id":"named","version":"0.3.0","name":"Named","options":{}}',
    "named/install.sh": "",
    "nothing/README.md": "no feature",
    ".git/devcontainer-feature.json": "{}",
    "a-file": "x",
}
TEMPLATES = {
    "web/devcontainer-template.json": '{"id":"web","version":"1.0.0","name":"Web","options":{"variant":{"type":"string","default":"bookworm"},"empty":{"type":"string","default":""},"flag":{"type":"boolean","default":true},"off":{"type":"boolean","default":false}},"optionalPaths":[".github/*","more/*","x.txt"]}',
    "web/.devcontainer/devcontainer.json": '{\n  // ${templateOption:variant}\n  "image": "x:${templateOption: variant }",\n  "features": {\n    "ghost.example/a/b:1": {}\n  }, // behind\n  "name": "${templateOption:flag}${templateOption:none}${templateOption:off}|${templateOption:empty}|${templateOption:bad name}"\n}\n',
    "web/.github/dependabot.yml": "x: ${templateOption:variant}",
    "web/more/a": "1", "web/more/b": "2", "web/x.txt": "3", "web/README.md": "read", "web/NOTES.md": "notes", "web/sub/README.md": "kept",
    "web/run.sh": "#!/bin/sh\n",
    "bare/devcontainer-template.json": '{"id":"bare","version":"1.0.0","name":"Bare"}',
    "bare/.devcontainer.json": '{"build":{"dockerfile":"D"}}',
    "compose/devcontainer-template.json": '{"id":"compose","version":"0.1.0","name":"Compose","description":"of services"}',
    "compose/.devcontainer/devcontainer.json": '{"dockerComposeFile":"c.yml","features":{"localhost:1/a/b:2":{},"./l":{}},"service":"app",}',
    "compose/.devcontainer/c.yml": "services: {}\n",
}


def make(folder, files):
    for name, text in files.items():
        place = os.path.join(folder, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(place, 0o755 if name.endswith(".sh") else 0o644)
    return folder


def tree(folder):
    """Files by name, with whether they run."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = (file.read(), os.stat(path).st_mode & 0o111 != 0)
    return found


def entries(data):
    """Of an archive, in the order of their names; documents as values, for lists of files have no order."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return sorted((one.name, one.type, one.mode & 0o111 != 0 if one.isfile() else None,
                       value(archive.extractfile(one).read()) if one.isfile() else None) for one in archive)


def value(data):
    try:
        return sort_files(json.loads(data))
    except ValueError:
        return data


def sort_files(said):
    if isinstance(said, dict):
        return {name: sorted(one) if name == "files" else sort_files(one) for name, one in said.items()}
    return [sort_files(one) for one in said] if isinstance(said, list) else said


class Two:
    def __init__(self, program, environment, base):
        self.programs, self.environment, self.base = {"reference": "devcontainer", "ours": program}, environment, base

    def run(self, who, *words, cwd=None, **variables):
        done = subprocess.run([self.programs[who], *words], cwd=cwd or self.base, env={**self.environment, **variables},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def same(self, what, *words, expected=0, cwd=None, after=None):
        """Faults: another status or output. `after` gives what else is compared, and clears it."""
        answers = []
        for who in self.programs:
            status, text, story = self.run(who, *words, cwd=cwd)
            answers.append((status, text, after() if after else None))
        if answers[0][0] != expected:
            yield f"{what}: status {answers[0][0]} of the reference, which was not expected"
        if answers[0] != answers[1]:
            yield f"{what}: the reference {answers[0]}\n    ours {answers[1]} {story[-600:]}"


def check_package(two):
    source = make(f"{two.base}/source", FEATURES)
    out = f"{two.base}/out"

    def taken():
        found = {}
        for name, (data, _) in tree(out).items():
            found[name] = entries(data) if name.endswith(".tgz") else data
        shutil.rmtree(out, ignore_errors=True)
        return found

    yield from two.same("package", "features", "package", source, "-o", out, expected=1, after=lambda: shutil.rmtree(out, True))
    with open(f"{source}/renamed/devcontainer-feature.json", "w", encoding="utf-8") as file:
        file.write(FEATURES["renamed/devcontainer-feature.json"].replace('"name":""', '"name":"Renamed"'))
    yield from two.same("package", "features", "package", source, "--output-folder", out, after=taken)
    yield from two.same("package of one", "features", "package", f"{source}/plain", "-o", out, after=taken)
    yield from two.same("package of what is not there", "features", "package", f"{source}/none", "-o", out, expected=1, after=taken)
    yield from two.same("package of nothing", "features", "package", f"{source}/plain/lib", "-o", out, expected=1)
    yield from two.same("package where something is", "features", "package", source, "-o", out, expected=1, after=lambda: os.listdir(out))
    yield from two.same("package where something was", "features", "package", source, "-f", "-o", out, after=taken)
    for name, text in (("x/devcontainer-feature.json", '{"id":"x","version":"1.0.0","name":"X"}'), ("x/devcontainer-feature.json", "")):
        lacking = make(f"{two.base}/lacking", {name: text, **({} if text else {"x/install.sh": ""})})
        yield from two.same("package of what lacks something", "features", "package", lacking, "-f", "-o", out, expected=1)
        shutil.rmtree(lacking)
    lacking = make(f"{two.base}/lacking", {"x/devcontainer-feature.json": "{}", "x/install.sh": ""})
    if two.run("ours", "features", "package", lacking, "-f", "-o", out)[0] != 1 or os.path.exists(out):
        yield "package: something is left of what failed"
    first = two.run("ours", "features", "package", source, "-f", "-o", out) and tree(out)
    second = two.run("ours", "features", "package", source, "-f", "-o", out) and tree(out)
    if first != second or not first:
        yield "package: twice the same source, and not the same bytes"


def fetch(registry, path):
    request = urllib.request.Request(f"http://127.0.0.1:{registry.port}/v2/{path}",
                                     headers={"Accept": "application/vnd.oci.image.manifest.v1+json"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def published(registry, name):
    """Tags of a package, each with its manifest; what differs by the time of the reference's packing is left out."""
    tags = json.loads(fetch(registry, f"{name}/tags/list"))["tags"]
    found = {}
    for tag in tags:
        manifest = json.loads(fetch(registry, f"{name}/manifests/{tag}"))
        layer = manifest["layers"][0]
        data = fetch(registry, f"{name}/blobs/{layer.pop('digest')}")
        del layer["size"]
        if "annotations" in manifest:
            manifest["annotations"]["dev.containers.metadata"] = sort_files(json.loads(manifest["annotations"]["dev.containers.metadata"]))
        found[tag] = (manifest, entries(data) if layer["mediaType"].endswith("+tar") else value(data))
    return found


def results(text):
    """Of publish: without digests."""
    return json.loads(re.sub(r'"digest":"sha256:[0-9a-f]{64}"', '"digest":""', text)) if text else text


def check_publish(two, registry):
    source = make(f"{two.base}/publish", {**FEATURES, "renamed/devcontainer-feature.json":
                                          FEATURES["renamed/devcontainer-feature.json"].replace('"name":""', '"name":"Renamed"')})
    place = f"{source}/plain/devcontainer-feature.json"
    names = ("plain", "renamed", "before", "older", "named", "old-named")
    # Each version by another program than the one before; in the other namespace the other way round.
    for turn, version in enumerate(("1.0.0", "1.1.0", "1.0.5", "2.0.0-rc.1", "1.1.0", "2.0.0")):
        with open(place, "w", encoding="utf-8") as file:
            file.write(FEATURES["plain/devcontainer-feature.json"].replace("1.0.0", version))
        answers = {}
        for number, who in enumerate(two.programs):
            space = ("one", "two")[(turn + number) % 2]
            status, text, story = two.run(who, "features", "publish", source, "-r", registry.host, "--namespace", f"pub/{space}")
            answers[who] = (status, results(text))
        if answers["reference"] != answers["ours"] or answers["reference"][0] != 0:
            yield f"publish of {version}: {answers} {story[-600:]}"
    for name in [f"/{one}" for one in names] + [""]:
        one, other = published(registry, f"pub/one{name}"), published(registry, f"pub/two{name}")
        if one != other:
            yield f"published as {name or 'the collection'}: {one}\n    {other}"
    for number in ("one", "two"):
        yield from two.same(f"reading of pub/{number}", "features", "info", "verbose", f"{registry.host}/pub/{number}/plain", "--output-format", "json")
    with open(place, "w", encoding="utf-8") as file:
        file.write(FEATURES["plain/devcontainer-feature.json"].replace("1.0.0", "1.0"))
    yield from two.same("publish of a version that is none", "features", "publish", source, "-r", registry.host, "-n", "pub/bad", expected=1)
    wrong = make(f"{two.base}/wrong", {"folder/devcontainer-feature.json": '{"id":"other","version":"1.0.0","name":"O"}', "folder/install.sh": ""})
    yield from two.same("publish of a folder with another name", "features", "publish", wrong, "-r", registry.host, "-n", "pub/bad", expected=1)
    yield from two.same("publish under a name that is none", "features", "publish", source, "-r", registry.host, "-n", "Pub/-bad", expected=1)
    yield from two.same("publish where nobody is", "features", "publish", source, "-r", "localhost:1", "-n", "pub/bad", expected=1)


def check_docs(two):
    for sort, files, words in (("features", FEATURES, ["-n", "own/er", "-r", "r.example"]), ("templates", TEMPLATES, [])):
        folder = make(f"{two.base}/docs-{sort}", files)

        def taken(folder=folder, files=files):
            found = {name: data for name, data in tree(folder).items() if name.endswith("README.md")}
            shutil.rmtree(folder)
            make(folder, files)
            return found

        yield from two.same(f"{sort}: pages", sort, "generate-docs", "-p", folder, *words, after=taken)
        yield from two.same(f"{sort}: pages with a link", sort, "generate-docs", "--project-folder", f"./docs-{sort}", *words,
                            "--github-owner", "o", "--github-repo", "r", after=taken)
        yield from two.same(f"{sort}: pages of nothing", sort, "generate-docs", "-p", f"{folder}/none", *words, expected=1)


def check_templates(two, registry):
    source = make(f"{two.base}/templates", TEMPLATES)
    answers = {who: two.run(who, "templates", "publish", source, "-r", registry.host, "-n", f"tem/{who}") for who in two.programs}
    if results(answers["reference"][1]) != results(answers["ours"][1]) or answers["ours"][0] != 0:
        yield f"templates publish: {answers}"
    for name in ("/web", "/bare", "/compose", ""):
        one, other = published(registry, f"tem/reference{name}"), published(registry, f"tem/ours{name}")
        if one != other:
            yield f"templates published as {name}: {one}\n    {other}"
    out = f"{two.base}/applied"

    def taken():
        found = tree(out) if os.path.isdir(out) else {}
        shutil.rmtree(out, ignore_errors=True)
        return found

    features = '[{"id":"r.example/a/b:1"},{"id":"r.example/c/d","options":{"x":"1","y":true}},{"id":"ghost.example/a/b:1","options":{"z":"2"}}]'
    for space in ("reference", "ours"):
        for name in ("web", "bare", "compose"):
            yield from two.same(f"metadata of {space}/{name}", "templates", "metadata", f"{registry.host}/tem/{space}/{name}")
            for words in ([], ["--template-args", '{"variant":"trixie","flag":"false","none":"n","off":"o"}', "-f", features],
                          ["--omit-paths", '[".github/*","x.txt","more/a"]', "-a", "{}"]):
                yield from two.same(f"apply of {space}/{name} {words}", "templates", "apply", "-w", out, "-t", f"{registry.host}/tem/{space}/{name}:1",
                                    *words, expected=0 if name != "compose" else 1, after=taken)
    yield from two.same("apply of compose", "templates", "apply", "-w", out, "-t", f"{registry.host}/tem/ours/compose", "-f", features, after=taken)
    for what, words in (("no package", ["-t", f"{registry.host}/tem/none"]), ("no name", ["-t", "x"]), ("arguments", ["-t", "x", "-a", '{"a":1}']),
                        ("broken arguments", ["-t", f"{registry.host}/tem/ours/web", "-a", '{"a"']), ("features", ["-t", "x", "-f", "{}"]),
                        ("features without an id", ["-t", f"{registry.host}/tem/ours/web", "-f", "[{}]"]),
                        ("paths", ["-t", f"{registry.host}/tem/ours/web", "--omit-paths", '"x"'])):
        yield from two.same(f"apply of wrong {what}", "templates", "apply", "-w", out, *words, expected=1, after=taken)
    for name in (f"{registry.host}/tem/ours/none", "x", "localhost:1/a/b"):
        yield from two.same(f"metadata of {name}", "templates", "metadata", name, expected=1)
    for what, text in (("no configuration", {"x/devcontainer-template.json": '{"id":"x","version":"1.0.0","name":"X"}'}),
                       ("no image", {"x/devcontainer-template.json": '{"id":"x","version":"1.0.0","name":"X"}', "x/.devcontainer.json": "{}"})):
        lacking = make(f"{two.base}/lacking", text)
        yield from two.same(f"templates with {what}", "templates", "publish", lacking, "-r", registry.host, "-n", "tem/bad", expected=1)
        shutil.rmtree(lacking)


def check_safety(two, registry):
    """What `templates apply` of ours does better than the reference: files that are no text, links that are in the way."""
    picture = b"\xff\xfe\x00 ${templateOption:x} \x80"
    source = make(f"{two.base}/safe", {"safe/devcontainer-template.json": '{"id":"safe","version":"1.0.0","name":"S"}',
                                       "safe/.devcontainer.json": '{"image":"x"}', "safe/d/file": "text", "safe/plain": "new"})
    with open(f"{source}/safe/picture.png", "wb") as file:
        file.write(picture)
    two.run("ours", "templates", "publish", source, "-r", registry.host, "-n", "safe")
    out, outside = f"{two.base}/safe-out", f"{two.base}/outside"
    os.makedirs(out)
    os.makedirs(outside)
    with open(f"{outside}/file", "w", encoding="utf-8") as file:
        file.write("old")
    words = ("templates", "apply", "-w", out, "-t", f"{registry.host}/safe/safe")
    os.symlink(f"{outside}/file", f"{out}/plain")
    status, _, story = two.run("ours", *words)
    found = tree(out)
    if status != 0 or found["picture.png"][0] != picture or os.path.islink(f"{out}/plain") or tree(outside)["file"][0] != b"old":
        yield f"apply where a link is in the way: {status} {found} {story}"
    shutil.rmtree(f"{out}/d")
    os.symlink(outside, f"{out}/d")
    status, _, story = two.run("ours", *words)
    if status != 1 or "where a folder is wanted" not in story or tree(outside)["file"][0] != b"old":
        yield f"apply where a folder is a link: {status} {story}"


LAYOUTS = ["{}", "{\n}\n", '{"a":1}', '{"a":1,}', '{\n\t"a": 1\n}', '{\n    "a": [1, 2], // c\n    "b": {"c": 1} /* d */\n}\n', '// top\n{ "a": "x" /* y */ }',
           '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n', '{"features":{}}', '{\n  "features": {},\n  "b": 2\n}', '{\n  "features": { "x": {} }\n}',
           '{\n      "features": {\n            "x": "1", // one\n            "y": 2\n      }\n}', '{"features":{"r.example/a/b:1":{"old":true}},"z":1}',
           '{"features":null}', '{\n  "features": {\n    // nothing\n  }\n}', '{ "image": "x", /* c */ "features": { /* d */ "x": [] /* e */ } /* f */ }',
           '{"a":"x"}\n// end', '{\n  "a": 1 // last\n}', '{\n  "a": 1\n\n\n}', '{"a":{"b":[{"c":1},{"d":2}]}}']
BROKEN = ["{'a':1}", '{"a" 1}', '{"a":1', "[]"]


def check_layouts(two, registry):
    """A feature is put into configurations of many forms."""
    source = f"{two.base}/layouts"
    files = {}
    for number, text in enumerate(LAYOUTS + BROKEN):
        files[f"l{number}/devcontainer-template.json"] = json.dumps({"id": f"l{number}", "version": "1.0.0", "name": "L"})
        # What makes it a template is behind the configuration that is changed, in an archive that is sorted.
        files[f"l{number}/.a.devcontainer.json"] = text
        files[f"l{number}/.devcontainer.json"] = '{"image":"x"}'
    make(source, files)
    status, text, story = two.run("ours", "templates", "publish", source, "-r", registry.host, "-n", "lay")
    if status != 0:
        yield f"layouts: {text} {story}"
        return
    out = f"{two.base}/laid-out"
    features = '[{"id":"r.example/a/b:1","options":{"x":"1","y":[true,{}]}},{"id":"r.example/c/d"}]'
    for number, form in enumerate(LAYOUTS):
        answers = []
        for who in two.programs:
            answer = two.run(who, "templates", "apply", "-w", out, "-t", f"{registry.host}/lay/l{number}", "-f", features)
            answers.append((answer[0], tree(out) if os.path.isdir(out) and answer[0] == 0 else {}))
            shutil.rmtree(out, ignore_errors=True)
        if answers[0] != answers[1]:
            yield f"layout of {form!r}: the reference {answers[0]}\n    ours {answers[1]} {answer[2][-300:]}"
    # Into what is broken the reference writes something that is more so.
    for number, form in enumerate(BROKEN, len(LAYOUTS)):
        status, _, story = two.run("ours", "templates", "apply", "-w", out, "-t", f"{registry.host}/lay/l{number}", "-f", features)
        if status != 1 or os.path.exists(out):
            yield f"a feature for {form!r}: status {status}, {story}"


def check(program, environment, base):
    base = f"{base}/publish"
    os.makedirs(base)
    two = Two(program, environment, base)
    yield from check_package(two)
    yield from check_docs(two)
    with Registry(f"{base}/registry") as registry:
        yield from check_publish(two, registry)
        yield from check_templates(two, registry)
        yield from check_safety(two, registry)
        yield from check_layouts(two, registry)
