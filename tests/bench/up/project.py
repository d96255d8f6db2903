"""The folder that both tools bring up: the same image and the same hook."""

import json
import os


def make(folder, **more):
    """`more` is what one of the tools needs besides."""
    os.makedirs(f"{folder}/.devcontainer")
    settings = {"image": "devenv/base:latest", "remoteUser": "root", "postCreateCommand": "true", **more}
    with open(f"{folder}/.devcontainer/devcontainer.json", "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=2)
    return folder
