"""build: images of the same folders by the reference and by ours, and each of them started by the other one."""

import os

import image_case
import image_cases  # noqa: F401  its cases enter themselves
import up
from boxes import Ours, Reference
from registry import Registry

CASES = image_case.CASES + image_case.DIFFERENCES
DIFFERENCES = {name for _, name, _ in image_case.DIFFERENCES}


def check(program, environment, base, word=""):
    base = f"{base}/image"
    os.mkdir(base)
    reference, ours = Reference(environment), Ours(program, environment, f"{base}/ours")
    reference.other, ours.other = ours, reference
    with Registry(f"{base}/registry") as registry:
        reference.registry = ours.registry = registry.host
        try:
            up.images(reference, ours, registry, base)
            for name, differs, case in CASES:
                if word in name and (wrong := up.compare(name, differs, case, (reference, ours), base)):
                    yield f"{name}: {wrong}"
        finally:
            ours.shut_down()
