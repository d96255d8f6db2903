"""Each file fits a head: at most 400 lines, headers that say what they are for, no words left for later."""
import re

MOST_LINES = 400
UNBOUND = ("LICENSE", "packages/imports/lock.toml")  # not ours to split, and written by a program
DATA = "tests/fuzz/corpus/"  # bytes as strangers send them
# Written from parts: a checker that names them would find itself.
LATER = re.compile(r"\b(%s)\b" % "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")))
HOSTS = re.compile("|".join(re.escape(".".join(parts)) for parts in (
    ("docker", "io"), ("docker", "com"), ("ghcr", "io"), ("gcr", "io"), ("quay", "io"), ("registry", "k8s"),
    ("mcr", "microsoft"), ("public", "ecr"), ("npmjs", "org"), ("npmjs", "com"), ("pypi", "org"),
    ("deb", "debian"), ("ftp", "debian"), ("snapshot", "debian"), ("security", "debian"),
    ("archive", "ubuntu"), ("crates", "io"), ("proxy", "golang"))))
WORKSHOP = re.compile("/work/" + r"(?:wt|main|shared|\.library|\.mirror)\b")


def check_header(path, text):
    if not text.startswith("//"):
        yield f"{path}:1: a header begins with a comment that says what it is for"
    if "#pragma once" not in text:
        yield f"{path}:1: #pragma once is missing"


def check(tree):
    for path in tree.files:
        text = tree.text(path)
        count = text.count("\n")
        if count > MOST_LINES and path not in UNBOUND:
            yield f"{path}:{count}: more than {MOST_LINES} lines; split it by what changes together"
        if path.endswith(".hpp"):
            yield from check_header(path, text)
        if text and not text.endswith("\n") and not path.startswith(DATA):
            yield f"{path}:{count + 1}: the last line has no end"
        for number, line in tree.lines(path):
            for pattern, what in ((LATER, "do it now, or open an issue"), (WORKSHOP, "a path of one machine"),
                                  (HOSTS, "no registry or archive is named: it comes from the user or the machine")):
                found = pattern.search(line)
                if found:
                    yield f"{path}:{number}: “{found.group(0)}”: {what}"
            if line.rstrip() != line and not path.endswith((".md", ".patch")) and not path.startswith(DATA):
                yield f"{path}:{number}: blanks at the end of the line"
