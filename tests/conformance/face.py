"""What is no answer: the log's formats, help and version. Of both, side by side."""

import json
import os
import pty
import re
import subprocess

BROKEN = '{\n  "image": "conformance/plain"\n  "name": "n"\n}\n'
THERE = [["up"], ["build"], ["set-up"], ["exec"], ["run-user-commands"], ["read-configuration"], ["outdated"], ["upgrade"], ["features", "package"], ["features", "publish"], ["features", "info"], ["features", "test"],
         ["features", "resolve-dependencies"], ["features", "generate-docs"], ["templates", "apply"], ["templates", "publish"],
         ["templates", "metadata"], ["templates", "generate-docs"]]


def make(base):
    folder = os.path.join(base, "face")
    os.makedirs(f"{folder}/.devcontainer")
    with open(f"{folder}/.devcontainer/devcontainer.json", "w", encoding="utf-8") as file:
        file.write(BROKEN)
    return folder


class Face:
    """One program in that folder."""

    def __init__(self, program, folder, environment):
        self.program, self.folder, self.environment = program, folder, environment

    def run(self, *words):
        return subprocess.run([self.program, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

    def events(self, *words):
        """Lines of standard error as (keys, type, level, whether the time is one of milliseconds)."""
        story = self.run("read-configuration", "--log-format", "json", *words).stderr
        read = [json.loads(line) for line in story.splitlines()]
        return [(list(event), event["type"], event["level"], event["timestamp"] > 1e12) for event in read]

    def on_terminal(self):
        """What it says on standard error when its answer goes to a terminal."""
        ours, theirs = pty.openpty()
        with subprocess.Popen([self.program, "read-configuration"], cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE) as running:
            story = running.stderr.read().decode()
        os.close(theirs)
        os.close(ours)
        return story


def check_logs(reference, ours):
    for words in ([], ["--config", "none.json"]):
        theirs, mine = reference.events(*words), ours.events(*words)
        if theirs[0] != mine[0]:
            yield f"the first event of the log: {theirs[0]} of the reference, {mine[0]} of ours"
        text = [event for event in mine if event[1] == "text"]
        if len(mine) != len(text) or any(event[0] != theirs[0][0] for event in text):
            yield f"an event of another form: {mine}"
    line = re.compile(r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] \S")
    for face in (reference, ours):
        told = [text for text in face.run("read-configuration").stderr.splitlines() if text]
        if not told or not all(line.match(text) for text in told):
            yield f"{face.program}: a line without its time: {told}"
        if not re.match(r"\[\x1b\[1m\x1b\[38;2;99;143;79m\d+ ms\x1b\[39m\x1b\[22m\] [^\n]*\r\n", face.on_terminal()):
            yield f"{face.program}: on a terminal its log begins otherwise: {face.on_terminal()!r}"


def check_places(ours):
    told = ours.run("read-configuration").stderr
    place = f"{ours.folder}/.devcontainer/devcontainer.json:3:3: a ',' is missing"
    if place not in told:
        yield f"ours does not say {place}: {told}"
    quiet = ours.run("read-configuration", "--override-config", "/dev/null").stderr
    if "not found" not in quiet:
        yield f"ours does not say why it failed: {quiet}"


def check_words(reference, ours):
    for words in (["--version"], ["read-configuration", "--version"]):
        theirs, mine = reference.run(*words), ours.run(*words)
        if (theirs.returncode, theirs.stdout) != (mine.returncode, mine.stdout):
            yield f"{' '.join(words)}: {theirs.stdout!r} of the reference, {mine.stdout!r} of ours"
    wrong = [["features", "nonsense"], ["features", "package"], ["features", "publish", "."], ["features", "info", "tags"],
             ["features", "info", "tags", "x", "y"], ["templates", "apply"], ["templates", "metadata"], ["features", "generate-docs"],
             ["upgrade", "--nonsense"], ["outdated", "--output-format", "xml"], ["outdated", "--terminal-rows", "5"]]
    for words in [["--help"], [], ["nonsense"], ["--nonsense"], ["features"], ["templates"], *wrong, *([*one, "--help"] for one in THERE)]:
        theirs, mine = reference.run(*words), ours.run(*words)
        if theirs.returncode != mine.returncode:
            yield f"{' '.join(words)}: status {theirs.returncode} of the reference, {mine.returncode} of ours"
        if bool(theirs.stdout) != bool(mine.stdout) or bool(theirs.stderr) != bool(mine.stderr):
            yield f"{' '.join(words)}: not on the same streams"
    # The options of the reference are ours, too.
    option = re.compile(r"^ +(?:-[a-z], )?--([a-z-]+)", re.M)
    for command in THERE:
        listed = set(option.findall(reference.run(*command, "--help").stdout))
        missing = {name for name in listed if f"--{name} " not in ours.run(*command, "--help").stdout}
        if missing or not listed:
            yield f"options of {' '.join(command)} that ours lacks: {', '.join(sorted(missing))}"


def check(program, environment, base):
    folder = make(base)
    reference, ours = Face("devcontainer", folder, environment), Face(program, folder, environment)
    yield from check_logs(reference, ours)
    yield from check_places(ours)
    yield from check_words(reference, ours)
