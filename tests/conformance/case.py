"""A case: its folder, made as the file says, and its command lines."""

import os
import re
import shutil
import subprocess
import tomllib

MODES = {"plain": [], "merged": ["--include-merged-configuration"],
         "features": ["--include-features-configuration"]}
KNOWN = {"name", "config", "files", "hex", "links", "words", "folder", "modes", "image", "container", "env", "git", "start",
         "refused", "differs", "command", "writes", "compose"}


def compose_program():
    """What the reference asks about compose files."""
    return shutil.which("docker-compose") or shutil.which("docker-compose", path="/usr/libexec/docker/cli-plugins")


class Case:
    def __init__(self, theme, number, said):
        unknown = set(said) - KNOWN
        if unknown:
            raise SystemExit(f"{theme}: {said.get('name')}: no such key: {', '.join(sorted(unknown))}")
        self.theme, self.number, self.said = theme, number, said
        self.name = said["name"]
        self.differs = said.get("differs")
        self.start = said.get("command", ["read-configuration"])
        self.modes = said.get("modes", ["plain"] if "command" in said else ["plain", "merged"])
        self.refused = said.get("refused", [])
        self.image = None
        self.compose = said.get("compose", False)

    def __str__(self):
        return f"{self.theme}: {self.name}"

    def make(self, base, engine, shelf):
        """The folder is called "web" in a folder of its own, so that names in the output are short."""
        self.shelf = shelf
        self.base = os.path.join(base, f"{self.theme}-{self.number}")
        self.folder = os.path.join(self.base, "web")
        os.makedirs(self.folder)
        if self.said.get("image") is not None:
            self.image = engine.image(f"conformance/{self.theme}-{self.number}", self.said["image"])
        files = {path: text.encode() for path, text in self.said.get("files", {}).items()}
        files.update({path: bytes.fromhex(text) for path, text in self.said.get("hex", {}).items()})
        if "config" in self.said:
            files[".devcontainer/devcontainer.json"] = self.said["config"].encode()
        self.files = {path: self._filled(content) for path, content in files.items()}
        self._put(self.files)
        for path, target in self.said.get("links", {}).items():
            os.makedirs(os.path.dirname(os.path.join(self.folder, path)), exist_ok=True)
            os.symlink(target, os.path.join(self.folder, path))
        for path in self.said.get("git", []):
            subprocess.run(["git", "init", "-q", os.path.join(self.folder, path)], check=True,
                           env={**engine.environment, "GIT_CONFIG_GLOBAL": "/dev/null"})
        if "container" in self.said:
            self._make_container(engine)

    def _put(self, files):
        for path, content in files.items():
            place = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(content)

    def _taken(self):
        """What a program wrote, and all is as it was before."""
        found = {}
        for path in self.said.get("writes", []):
            place = os.path.join(self.folder, path)
            found[path] = None
            if os.path.exists(place):
                with open(place, "rb") as file:
                    found[path] = file.read()
                os.remove(place)
        self._put({path: content for path, content in self.files.items() if path in found})
        return found

    def _make_container(self, engine):
        said = self.said["container"]
        labels = {name: self._text(value) for name, value in said.get("labels", {}).items()}
        engine.container(self.image or "conformance/plain", labels, said.get("env", {}))

    def _filled(self, content):
        return self.shelf.fill(content.decode("latin-1")).encode("latin-1").replace(
            b"@image", (self.image or "conformance/plain").encode())

    def _text(self, text):
        return re.sub(r"^@|(?<==)@", self.folder, self.shelf.fill(text))

    def command(self, program, mode):
        folder = self.said.get("folder", "@")
        words = [program, *(self._text(word) for word in self.start)] + (["--workspace-folder", self._text(folder)] if folder else [])
        words += [self._text(word) for word in self.said.get("words", [])] + MODES[mode]
        return words + (["--docker-compose-path", compose_program()] if self.compose else [])

    def answer(self, program, mode, environment, temporary):
        """Exit status, standard output, what was written, and standard error; the time in the name of the reference's folder is taken out."""
        env = {**environment, **self.said.get("env", {}), "TMPDIR": temporary}
        start = os.path.normpath(os.path.join(self.folder, self.said.get("start", ".")))
        done = subprocess.run(self.command(program, mode), env=env, cwd=start, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, check=False)
        text = re.sub(rb"(container-features/[0-9.]+)-[0-9]+", rb"\1-TIME", done.stdout)
        return done.returncode, text, self._taken(), done.stderr


def read_cases(folder, themes):
    """The cases, and what of packages and archives they name."""
    cases, packages, archives = [], [], []
    for file in sorted(os.listdir(folder)):
        theme = file.removesuffix(".toml")
        if themes and theme not in themes:
            continue
        with open(os.path.join(folder, file), "rb") as source:
            said = tomllib.load(source)
        cases += [Case(theme, number, one) for number, one in enumerate(said["case"])]
        packages += said.get("package", [])
        archives += said.get("archive", [])
    names = [str(case) for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"two cases of one name: {', '.join(sorted(twice))}")
    return cases, packages, archives
