"""Every library and package has its reason, every folder its README, and what they name exists."""
import re

DEPENDENCIES = "docs/dependencies.md"
MOST_LINES = 40
TOP = ("devenv", "devcontainers", "desktop-lite", "kernel", "packages", "images", "tests", "docs")
# What find_package and pkg_check_modules call it, where documents use another word.
NAMES = {"PkgConfig": None, "Threads": None, "Boost": "Boost.JSON", "OpenSSL": "OpenSSL", "GTest": "GoogleTest",
         "sqlite3": "SQLite", "grpc++": "gRPC"}


def libraries(tree):
    for number, line in tree.lines("cmake/dependencies.cmake"):
        found = re.match(r"\s*find_package\((\w+)", line)
        if found:
            yield number, found.group(1)
        found = re.match(r"\s*pkg_check_modules\(\w+ REQUIRED IMPORTED_TARGET ([^)]+)\)", line)
        for name in found.group(1).split() if found else []:
            yield number, name


def packages(tree):
    """Words of the lists NAME_packages="…" and of boost_packages() in ./photon."""
    text = tree.text("photon")
    for found in re.finditer(r'^\w+_packages="([^"]*)"', text, re.M):
        for word in found.group(1).split():
            yield text.count("\n", 0, found.start()) + 1, word
    for found in re.finditer(r"\becho ((?:lib[\w.+-]+ ?)+)", text):
        for word in found.group(1).split():
            yield text.count("\n", 0, found.start()) + 1, word


def check_used(tree):
    """A library that nothing links is not asked for."""
    linked = "".join(tree.text(f) for f in tree.files if f.endswith("CMakeLists.txt"))
    for number, line in tree.lines("cmake/dependencies.cmake"):
        found = re.match(r"\s*pkg_check_modules\((\w+)", line)
        if found and f"PkgConfig::{found.group(1)}" not in linked:
            yield f"cmake/dependencies.cmake:{number}: nothing links PkgConfig::{found.group(1)}"


def check_dependencies(tree):
    document = tree.text(DEPENDENCIES)
    for number, name in libraries(tree):
        word = NAMES.get(name, name)
        if word and word.lower() not in document.lower():
            yield f"cmake/dependencies.cmake:{number}: {DEPENDENCIES} does not say why {word} is here"
    for number, name in packages(tree):
        if not re.search(r"(?<![\w-])`?%s(?![\w+-])" % re.escape(name), document):
            yield f"photon:{number}: {DEPENDENCIES} does not say why the package {name} is here"


def check_readmes(tree):
    folders = tree.folders()
    wanted = [f for f in TOP] + [m.group(1) for _, l in tree.lines("docs/layers.toml")
                                 if (m := re.match(r'^"([^"]+)"', l)) and m.group(1) in folders]
    for folder in wanted:
        path = f"{folder}/README.md"
        if path not in tree.files:
            yield f"{path}:1: missing: a screen that says what lives there, who calls it, what it must never know"
        elif tree.text(path).count("\n") > MOST_LINES:
            yield f"{path}:{MOST_LINES + 1}: longer than one screen ({MOST_LINES} lines)"


def check_paths(tree):
    """A path in backticks that begins with a folder of ours exists, or has its row among the layers."""
    layers = tree.text("docs/layers.toml")
    wanted = re.compile(r"`((?:%s)/[\w./-]*)`" % "|".join(TOP))
    for path in tree.files:
        if not path.endswith(".md") or path == "CHANGELOG.md":
            continue
        for number, line in tree.lines(path):
            for found in wanted.finditer(line):
                if not (tree.root / found.group(1)).exists() and f'"{found.group(1)}" =' not in layers:
                    yield f"{path}:{number}: there is no {found.group(1)}"


def check(tree):
    yield from check_dependencies(tree)
    yield from check_used(tree)
    yield from check_readmes(tree)
    yield from check_paths(tree)
