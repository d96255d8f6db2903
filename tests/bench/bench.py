"""What benches in Python share: rows, rounds, and the words on stderr. The format of a row: README.md."""

import json
import os
import statistics
import subprocess
import sys
import time

BUILD = os.environ.get("PHOTON_BUILD", os.path.join(os.path.dirname(__file__), "../../build/release"))
BIN = os.path.abspath(os.path.join(BUILD, "bin"))


def rounds(usual):
    return int(os.environ.get("PHOTON_ROUNDS") or usual)


def say(words):
    print(words, file=sys.stderr, flush=True)


def row(what, unit, ours, peer=None, **fields):
    """Lists of readings become their medians; without readings there is no such field."""
    values = {"ours": ours, "peer": peer, "floor": fields.pop("floor", None)}
    for name, value in values.items():
        if isinstance(value, list):
            value = statistics.median(value) if value else None
        if value is not None:
            fields[name] = round(value, 2)
    print(json.dumps({"what": what, "unit": unit, **fields}), flush=True)


def milliseconds(work):
    begin = time.monotonic()
    work()
    return (time.monotonic() - begin) * 1000


def run(*command, **options):
    """A command that must succeed; what it said is shown when it does not."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


class Readings:
    """Named series of readings, taken in turn: `take` runs its measures in an order that changes each round."""

    def __init__(self):
        self.series = {}
        self.turn = 0

    def __getitem__(self, name):
        return self.series.get(name, [])

    def add(self, name, value):
        self.series.setdefault(name, []).append(value)

    def take(self, **measures):
        self.turn += 1
        order = sorted(measures) if self.turn % 2 else sorted(measures, reverse=True)
        for name in order:
            self.add(name, milliseconds(measures[name]))
