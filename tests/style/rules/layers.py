"""Includes follow docs/layers.toml: every folder is listed, none runs upwards, nothing runs in a circle."""
import re

TABLE = "docs/layers.toml"
OURS = ("devenv/", "packages/", "images/")
GENERATED = re.compile(r"(\.grpc)?\.pb\.h$")
ROW = re.compile(r'^"([^"]+)" = \[(.*)\]$')


def read_table(tree):
    rows = {}
    for _, line in tree.lines(TABLE):
        found = ROW.match(line)
        if found:
            rows[found.group(1)] = re.findall(r'"([^"]+)"', found.group(2))
    return rows


def layer_of(path, rows):
    """The longest listed folder that holds the file."""
    folder = path.rpartition("/")[0]
    while folder and folder not in rows:
        folder = folder.rpartition("/")[0]
    return folder


def circle(edges):
    """The first circle of a graph {node: [nodes]}, or nothing."""
    done = set()

    def visit(node, way):
        if node in way:
            return way[way.index(node):] + [node]
        if node in done:
            return None
        for after in edges.get(node, []):
            found = visit(after, way + [node])
            if found:
                return found
        done.add(node)
        return None

    for node in sorted(edges):
        found = visit(node, [])
        if found:
            return found
    return None


def check_table(rows):
    for folder, uses in rows.items():
        for used in uses:
            if used not in rows:
                yield f"{TABLE}: {folder} lists {used}, which has no line of its own"
    found = circle(rows)
    if found:
        yield f"{TABLE}: a circle: {' → '.join(found)}"


def check_names(tree):
    for path in tree.cpp():
        for number, name, quoted in tree.includes(path):
            beside = f"{path.rpartition('/')[0]}/{name}"
            if quoted and "/" not in name and beside in tree.files:
                yield f'{path}:{number}: files of ours are included from the top: "{beside}"'


def check(tree):
    rows = read_table(tree)
    yield from check_names(tree)
    yield from check_table(rows)
    inner = {}
    for path in tree.cpp(*OURS):
        own = layer_of(path, rows)
        if not own:
            yield f"{path}:1: no folder above this file is listed in {TABLE}"
            continue
        for number, name, quoted in tree.includes(path):
            if name.startswith("tests/"):
                yield f"{path}:{number}: {own} may not include a test's file"
            if not name.startswith(OURS):
                continue
            if not quoted:
                yield f'{path}:{number}: files of ours are included as "{name}"'
            if not (tree.root / GENERATED.sub(".proto", name)).is_file():
                yield f"{path}:{number}: there is no {name}"
                continue
            target = layer_of(name, rows)
            if target == own:
                inner.setdefault(path, []).append(name)
            elif target not in rows[own]:
                yield f"{path}:{number}: {own} may not include {target} ({TABLE})"
    found = circle(inner)
    if found:
        yield f"{found[0]}:1: files that include each other: {' → '.join(found)}"
