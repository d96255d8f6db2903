"""Each spec in packages/specs: sources pinned by digest, a licence, a date to build by, nothing from the network."""
import datetime
import pathlib
import re
import tomllib

SPECS = "packages/specs/"
NETWORK = re.compile(r"^[^#]*\b(curl|wget|git (?:clone|fetch)|pip3? install|npm (?:i|ci|install)|go (?:get|mod download)|apt(?:-get)?)\b")
MORE = {"otherwise": "import", "when": "asked"}
KEYS = {"file", "sha256", "url", "apt", "apt_file", "tree"}


def expand(text, value):
    """%{name}, %{version} and %global names: what file names are made of."""
    macros = dict(re.findall(r"^%(?:global|define)\s+(\w+)\s+(.+)$", text, re.M))
    macros |= {k.lower(): v.strip() for k, v in re.findall(r"^(Name|Version|Release|URL):\s*(.+)$", text, re.M)}
    for _ in range(4):
        value = re.sub(r"%\{(\w+)\}", lambda m: macros.get(m.group(1), m.group(0)), value)
    return value.strip()


def check_pin(path, source):
    """What sources.toml says of one file."""
    name = source.get("file", "?")
    for key in source.keys() - KEYS:
        yield f"{path}:1: {name}: unknown key {key}"
    if "/" in name or name in ("?", ""):
        yield f"{path}:1: a source has a file name of its own, without a folder"
    if source.get("tree"):
        if source.get("sha256"):
            yield f"{path}:1: {name}: what is of this tree has no digest"
        return
    if not re.fullmatch(r"[0-9a-f]{64}", source.get("sha256", "")):
        yield f"{path}:1: {name}: sha256 is 64 digits of the file's digest"
    if not source.get("url") and not source.get("apt"):
        yield f"{path}:1: {name}: neither url nor apt says where it comes from"
    if bool(source.get("apt")) != bool(source.get("apt_file")):
        yield f"{path}:1: {name}: apt and apt_file go together"
    if source.get("url") and not source["url"].startswith("https://"):
        yield f"{path}:1: {name}: an upstream is named by https"


def check_date(path, text):
    """rpm takes SOURCE_DATE_EPOCH from the newest entry; a wrong weekday is a typing error in the date."""
    found = re.search(r"^%changelog\s*\n\* (\w{3}) (\w{3}) +(\d+) (\d{4}) \S", text, re.M)
    try:
        day = datetime.datetime.strptime(" ".join(found.groups()[1:]), "%b %d %Y") if found else None
    except ValueError:
        day = None
    if not day:
        yield f"{path}:1: %changelog begins with `* Fri Nov 27 2026 Who - version`: the build's date comes from it"
    elif day.strftime("%a") != found.group(1):
        yield f"{path}:1: {' '.join(found.groups())}: that day was a {day.strftime('%a')}"


def check_spec(tree, path, local, pinned):
    text = tree.text(path)
    for tag in ("Name", "Version", "Release", "Summary", "License"):
        if not re.search(rf"^{tag}:\s*\S", text, re.M):
            yield f"{path}:1: {tag}: is missing"
    stem = pathlib.PurePosixPath(path).stem
    if expand(text, "%{name}") != stem or pathlib.PurePosixPath(path).parent.name != stem:
        yield f"{path}:1: folder, spec and Name are one word"
    if "%files" in text and "%license" not in text and pinned:  # what is all ours has the tree's licence, by its tag
        yield f"{path}:1: no %license among the files"
    yield from check_date(path, text)
    used = set()
    for number, line in tree.lines(path):
        found = re.match(r"(?:Source|Patch)\d*:\s*(\S+)", line)
        if found:
            name = expand(text, found.group(1)).rsplit("/", 1)[-1]
            used.add(name)
            if name not in local | pinned:
                yield f"{path}:{number}: {name} is neither in sources.toml nor beside the spec"
        if NETWORK.search(line) and not re.match(r"\w+:|%|#", line):
            yield f"{path}:{number}: “{NETWORK.search(line).group(1)}”: a build has no network"
        if re.search(r"%\{?optflags|RPM_OPT_FLAGS", line):
            yield f"{path}:{number}: %optflags is rpm's own; the hardening is in %build_cflags"
    for name in sorted((local | pinned) - used):
        yield f"{path}:1: {name} is used by no Source or Patch line"


def check(tree):
    folders = {}
    for path in tree.files:
        if path.startswith(SPECS) and path.count("/") >= 3:
            folders.setdefault(path.split("/")[2], []).append(path)
    for folder, files in sorted(folders.items()):
        spec, sources = f"{SPECS}{folder}/{folder}.spec", f"{SPECS}{folder}/sources.toml"
        if spec not in files:
            yield f"{SPECS}{folder}:1: there is no {folder}.spec"
            continue
        pinned = set()
        if sources in files:
            try:
                document = tomllib.loads(tree.text(sources))
                entries = document.pop("source", [])
            except tomllib.TOMLDecodeError as error:
                yield f"{sources}:1: {error}"
                continue
            for key, value in document.items():
                if MORE.get(key) != value:
                    yield f'{sources}:1: besides [[source]] there is only otherwise = "import" and when = "asked"'
            for source in entries:
                yield from check_pin(sources, source)
            pinned = {source.get("file", "") for source in entries}
        local = {f.rsplit("/", 1)[-1] for f in files} - {f"{folder}.spec", "sources.toml", "README.md"}
        local |= {f.name for f in (tree.root / SPECS / folder).iterdir() if f.is_symlink() and f.is_file()}  # shared with another
        for path in (f for f in files if f.endswith(".patch")):
            if not tree.text(path).startswith("Subject: "):
                yield f"{path}:1: a patch begins with `Subject: ` and says why it is there"
        yield from check_spec(tree, spec, local, pinned)
