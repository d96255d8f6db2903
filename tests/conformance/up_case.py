"""What every case of up begins with: its name, and configurations whose commands can be followed."""

CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", "-"), None, function))
    return function


def log(*names):
    """Each lifecycle command writes its name."""
    return {name: f"echo {name} >> log" for name in names}


ALL = ["initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"]
