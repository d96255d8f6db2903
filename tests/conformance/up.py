"""up, exec and run-user-commands: the same folder brought up by the reference and by ours, one after the other; what can be seen
of it is compared. What is known to differ has a name, and what each of both does is written down."""

import os
import subprocess
import traceback

import up_case
import up_compose  # noqa: F401
import up_cases  # noqa: F401  its cases enter themselves
import up_differences
import up_lifecycle  # noqa: F401
import up_set_up  # noqa: F401
from boxes import Box, Ours, Reference, make_root
from registry import Registry

CASES = up_case.CASES + up_differences.CASES
DIFFERENCES = {name for _, name, _ in up_differences.CASES}


def images(reference, ours, registry, base):
    """The same archives for both."""
    make_root(f"{base}/root.tar")
    labelled = '[{"postCreateCommand":"echo image >> log","remoteEnv":{"OF_IMAGE":"1"},"customizations":{"t":{"a":1}}}]'
    wanted = {"conformance/up": ["ENV OF_ENV=image"], "conformance/up-user": ["USER dev"],
              "conformance/up-label": ['LABEL devcontainer.metadata="' + labelled.replace('"', '\\"') + '"']}
    for name, changes in wanted.items():
        words = [word for change in changes for word in ("--change", change)]
        subprocess.run(["docker", "import", *words, f"{base}/root.tar", name], env=reference.environment, check=True, capture_output=True)
        archive = f"{base}/image.tar"
        subprocess.run(["docker", "save", "-o", archive, name], env=reference.environment, check=True, capture_output=True)
        ours.run("image", "import", archive, "--name", name)
        os.remove(archive)
    # A build takes what it begins with from a registry, in both.
    for words in (("tag", "conformance/up", f"{registry.host}/up"), ("push", f"{registry.host}/up")):
        subprocess.run(["docker", *words], env=reference.environment, check=True, capture_output=True)


def seen_by(side, case, sides, base):
    """Both sides, for a case may have the other one start what this one has built."""
    before = {one: set(one.containers()) for one in sides}
    box = Box(side, base)
    box.before = before[side]
    try:
        return list(case(box))
    finally:
        for one in sides:
            one.end([container for container in one.containers() if container not in before[one]])


def compare(name, differs, case, sides, base):
    seen = []
    for side in sides:
        try:
            seen.append(seen_by(side, case, sides, f"{base}/{name}"))
        except Exception:  # of any case: the others still count
            return f"{side.program}: {traceback.format_exc(limit=-2)}"
    theirs, mine = seen
    if not differs:
        at = next((i for i, (a, b) in enumerate(zip(theirs, mine)) if a != b), None)
        if at is None and len(theirs) == len(mine):
            return ""
        return f"at {at}: reference {theirs[at] if at is not None else theirs}\n    ours      {mine[at] if at is not None else mine}"
    wanted = case.reference, case.mine
    if theirs == mine:
        return f"the known difference {differs} is none any more: {mine}"
    return "" if (theirs, mine) == wanted else f"known difference {differs}: reference {theirs}, ours {mine}; expected {wanted}"


def check(program, environment, base, word=""):
    base = f"{base}/up"
    os.mkdir(base)
    reference, ours = Reference(environment), Ours(program, environment, f"{base}/ours")
    with Registry(f"{base}/registry") as registry:
        reference.registry = ours.registry = registry.host
        try:
            images(reference, ours, registry, base)
            for name, differs, case in CASES:
                if word in name and (wrong := compare(name, differs, case, (reference, ours), base)):
                    yield f"{name}: {wrong}"
        finally:
            ours.shut_down()
