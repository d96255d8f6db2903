"""Our packages and images: a repository of the checkout's, images out of it, and the same after a change of one package."""

import glob
import json
import os
import re
import shutil
import subprocess
import time

from bench import BIN, run

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
CHANGED = "packages/specs/photon-hardening/photon-hardening.spec"  # part of every image, and cheap to build


class Ours:
    def __init__(self, folder):
        self.folder, self.repository, self.copy = folder, folder + "/repository", folder + "/checkout"
        self.number = 0
        # Its own, warmed by the first image: imager keeps what it knows of each repository, and this one goes away.
        self.environment = {**os.environ, "XDG_CACHE_HOME": folder + "/cache"}

    def publish(self, top=TOP):
        return timed(lambda: run(f"{BIN}/forge", "publish", "--packages", f"{top}/packages", "--output", self.repository))[0]

    def image(self, name, form, output):
        """Seconds that it took, and NAME.json."""
        taken, _ = timed(lambda: run(f"{BIN}/imager", "build", name, "--format", form, "--repository", self.repository,
                                     "--definitions", f"{TOP}/images/definitions", "--output", output,
                                     env=self.environment))
        with open(f"{output}/{name}.json", encoding="utf-8") as file:
            return taken, json.load(file)

    def devenv_rpm(self):
        found = glob.glob(self.repository + "/**/devenv-[0-9]*.rpm", recursive=True)
        if len(found) != 1:
            raise SystemExit(f"bench image: {self.repository} has {len(found)} packages of devenv, one was expected")
        return found[0]

    def copy_checkout(self):
        """What is built of the checkout is built of its tracked files, so the copy has to be a checkout, too."""
        files = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
        for file in filter(None, files.split("\0")):
            if not os.path.lexists(f"{TOP}/{file}"):
                continue
            os.makedirs(os.path.dirname(f"{self.copy}/{file}"), exist_ok=True)
            shutil.copy2(f"{TOP}/{file}", f"{self.copy}/{file}", follow_symlinks=False)
        run("git", "-C", self.copy, "init", "--quiet")
        run("git", "-C", self.copy, "add", "--all")

    def change(self):
        """A release of one package that never was: its number rises, and the moment is in it, so that no cache has it."""
        if not os.path.isdir(self.copy):
            self.copy_checkout()
        self.number += 1
        with open(f"{TOP}/{CHANGED}", encoding="utf-8") as file:
            text = file.read()
        text, count = re.subn(r"(?m)^(Release: +)1%", rf"\g<1>1.{self.number}%", text)
        if count != 1:
            raise SystemExit(f"{CHANGED}: no line “Release: 1%{{?dist}}” to change")
        with open(f"{self.copy}/{CHANGED}", "w", encoding="utf-8") as file:
            file.write(f"# {time.time_ns()}\n{text}")
        return self.publish(self.copy)


def timed(work):
    begin = time.monotonic()
    result = work()
    return time.monotonic() - begin, result
