"""What clang-format and shellcheck say. Both versions are in Debian 12 and 13; ./photon setup installs them."""
import concurrent.futures
import re
import shutil
import subprocess

FORMAT = "clang-format-19"  # other versions break some lines elsewhere


def run(program, *words, folder):
    found = shutil.which(program)
    if not found:
        return [f"{program} is not installed: ./photon setup"]
    done = subprocess.run([found, *words], cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def formatted(tree, paths):
    lines = run(FORMAT, "--dry-run", "--Werror", "--style=file", *paths, folder=tree.root)
    places = [re.match(r"(.+?:\d+):\d+: error", line) for line in lines]
    files = {p.group(1).split(":")[0]: p.group(1) for p in reversed(places) if p}
    return [f"{place}: {FORMAT} -i {file}" for file, place in sorted(files.items())] or lines


def is_script(tree, path):
    first = tree.text(path)[:64].split("\n")[0]
    return path.endswith(".sh") or (first.startswith("#!") and re.search(r"\b(ba|da)?sh\b", first))


def check(tree):
    paths = tree.cpp()
    parts = [part for part in (paths[0::2], paths[1::2]) if part]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda part: formatted(tree, part), parts):
            yield from found
    scripts = [f for f in tree.files if is_script(tree, f)]
    if scripts:
        yield from run("shellcheck", "--format=gcc", "--severity=warning", *scripts, folder=tree.root)
