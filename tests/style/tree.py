"""The tree as the rules see it: its text files, and C++ without comments and strings."""
import functools
import os
import pathlib
import re

SKIPPED = {".git", "build", ".cache", "__pycache__", "node_modules"}
CPP = (".cpp", ".hpp")

# Comments, string and character literals of C++; raw strings first, for they may hold anything.
LITERAL = re.compile(
    r'R"(?P<d>[^()\s\\]{0,16})\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S)


def blank(match):
    """Same length and line breaks, so that places stay true."""
    return re.sub(r"[^\n]", " ", match.group(0))


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(self._walk())

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED and not f.endswith(".sock")]
            for name in set(files) - SKIPPED:  # .git is a file in a worktree
                path = pathlib.Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self.root).as_posix()

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        """Empty for what is no text."""
        data = (self.root / path).read_bytes()
        return "" if b"\0" in data[:4096] else data.decode(errors="replace")

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        """C++ with comments and literals blanked out."""
        return LITERAL.sub(blank, self.text(path))

    def cpp(self, *below):
        return [f for f in self.files if f.endswith(CPP) and (not below or f.startswith(below))]

    def folders(self):
        """Every folder that holds a file, directly or below."""
        return {p.as_posix() for f in self.files for p in pathlib.PurePosixPath(f).parents} - {"."}

    def includes(self, path):
        """(line, the name, whether in quotes) of every #include."""
        for number, line in self.lines(path):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                yield number, found.group(2), found.group(1) == '"'
