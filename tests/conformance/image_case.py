"""Images that are built: what both must agree on, and how one's image comes to the other."""

import json
import os
import subprocess
import tarfile

CASES, DIFFERENCES = [], []


def case(function):
    CASES.append((function.__name__.replace("_", "-"), None, function))
    return function


def differs(name, reference, ours):
    def added(function):
        function.reference, function.mine = reference, ours
        DIFFERENCES.append((function.__name__.replace("_", "-"), name, function))
        return function
    return added


def build(box, *words, **more):
    """The outcome; of its answer the names, but for the sum of a folder's path."""
    return box.run("build", "--workspace-folder", box.web, *words, **more)


def answer(done):
    told = done.answer
    if told is None:
        return done.status, done.out
    return done.status, list(told), told.get("outcome"), told.get("imageName")


def _archive(box, name):
    path = f"{box.base}/image.tar"
    if os.path.exists(path):
        os.remove(path)
    if box.ours:
        box.side.run("image", "export", name, path)
    else:
        subprocess.run(["docker", "save", "-o", path, name], env=box.side.environment, check=True, capture_output=True)
    return path


def config(box, name):
    """The config of an image, without what only one tool writes."""
    with tarfile.open(_archive(box, name)) as tar:
        listed = json.load(tar.extractfile("manifest.json"))
        said = json.load(tar.extractfile(listed[0]["Config"]))["config"]
    told = {key: said.get(key) or None for key in ("User", "Env", "Cmd", "Entrypoint", "WorkingDir", "Labels")}
    return {**told, "User": said.get("User") or ""}


def label(box, name):
    return (config(box, name)["Labels"] or {}).get("devcontainer.metadata")


def digest(box, name):
    """Of the image's config."""
    with tarfile.open(_archive(box, name)) as tar:
        return json.load(tar.extractfile("manifest.json"))[0]["Config"]


def feature(box, name, install="", **said):
    box.write(f".devcontainer/{name}/devcontainer-feature.json", json.dumps({"id": name, "version": "1.0.0", **said}))
    box.write(f".devcontainer/{name}/install.sh", f"#!/bin/sh\nset -e\n{install}\n", 0o755)


def hand_over(box, name, other):
    """The image to the other engine."""
    path = _archive(box, name)
    if other.ours:
        other.run("image", "import", path, "--name", name)
    else:
        subprocess.run(["docker", "load", "-i", path], env=other.environment, check=True, capture_output=True)
