"""Where both are alike: a case is a function that does something with a box and yields what is seen of it."""

import json

from up_case import case, log


@case
def least(box):
    box.config()
    yield box.up().seen
    yield box.inside("pwd; id -un; ls -d .devcontainer")
    yield box.up().seen


@case
def the_answer_for_scripts(box):
    box.config(remoteUser="dev", workspaceFolder="/workspaces/web/.devcontainer")
    done = box.up()
    yield done.seen, done.out.count("\n"), len(done.answer["containerId"]) >= 12
    yield box.inside("pwd; id -un; echo $HOME")
    by_id = box.run("exec", "--container-id", done.answer["containerId"], "id", "-un")
    yield by_id.status, by_id.out


@case
def user_of_the_image(box):
    box.config(image="conformance/up-user")
    yield box.up().seen
    yield box.inside("id -un")


@case
def container_user(box):
    box.config(containerUser="dev", postCreateCommand="id -un > /tmp/who")
    yield box.up().seen
    yield box.inside("cat /tmp/who; id -un")


@case
def dockerfile(box):
    box.write(".devcontainer/Dockerfile", f"FROM {box.side.registry}/up AS first\nARG WORD=none\nRUN echo $WORD > /built\n"
              "COPY said /said\nENV OF_BUILD=yes\nFROM first\nUSER dev\nFROM first AS last\n")
    box.write(".devcontainer/said", "copied")
    build = {"dockerfile": "Dockerfile", "args": {"WORD": "given"}, "target": "last", "options": ["--network=none"]}
    box.write(".devcontainer/devcontainer.json", json.dumps({"build": build, "runArgs": ["--network=none"], "postCreateCommand": "cat /built > log"}))
    yield box.up().seen, box.read("log")
    yield box.inside("cat /built /said; echo; echo $OF_BUILD $OF_ENV; id -un")
    yield box.up().seen


@case
def dockerfile_that_fails(box):
    box.write(".devcontainer/Dockerfile", f"FROM {box.side.registry}/up\nRUN exit 7\n")
    box.write(".devcontainer/devcontainer.json", '{"build":{"dockerfile":"Dockerfile","options":["--network=none"]}}')
    done = box.up()
    yield done.status, done.answer["outcome"]


@case
def environment_of_processes(box):
    box.config(containerEnv={"C": "c d", "EMPTY": ""}, remoteUser="dev",
               remoteEnv={"R": "${containerEnv:C}!", "P": "${containerEnv:PATH}:/more", "L": "${localEnv:FROM_HERE:none}",
                          "F": "${containerWorkspaceFolder} ${localWorkspaceFolderBasename}"})
    yield box.up(env={"FROM_HERE": "here"}).seen
    done = box.exec("env", env={"FROM_HERE": "here"})
    ours_more = {"USER", "LOGNAME", "SHELL", "HOSTNAME", "OLDPWD", "SHLVL", "_", "PWD"}
    yield done.status, sorted(line for line in done.out.splitlines() if line.split("=")[0] not in ours_more)
    yield box.inside("env | grep -c ^C=")


@case
def id_of_the_container(box):
    box.config(remoteEnv={"A": "1"}, containerEnv={"ID": "${devcontainerId}"}, postCreateCommand="echo ${devcontainerId} > id")
    yield box.up().seen, box.read("id")
    yield box.inside("echo $ID")


@case
def profile_of_the_shell(box):
    for probe in ("none", "loginShell"):
        box.config(userEnvProbe=probe, remoteUser="dev")
        yield box.up("--remove-existing-container").seen
        yield probe, box.inside("echo $FROM_PROFILE $FROM_HOME")
    box.config(remoteUser="dev")
    yield box.up("--remove-existing-container", "--default-user-env-probe", "none").seen
    yield box.inside("echo $FROM_PROFILE $FROM_HOME") if box.ours else box.exec(
        "sh", "-c", "echo $FROM_PROFILE $FROM_HOME", before=("--default-user-env-probe", "none")).seen


@case
def remote_env(box):
    box.config(remoteEnv={"A": "file"}, postCreateCommand="echo $A $B > hook")
    yield box.up("--remote-env", "A=flag", "--remote-env", "B=b=c").seen, box.read("hook")
    yield box.inside("echo $A:$B")
    yield box.inside("echo $A:$B", before=("--remote-env", "A=flag", "--remote-env", "B="))
    yield box.up("--remote-env", "none").status, box.exec("true", before=("--remote-env", "=x")).status


@case
def secrets(box):
    box.config(remoteEnv={"A": "file"}, postCreateCommand="echo $A:$S > hook; echo shown $S")
    box.write("../secrets.json", '{"A":"over","S":"hush-hush"} // a comment')
    done = box.up("--secrets-file", f"{box.base}/secrets.json")
    yield done.seen, box.read("hook"), "shown ********" in done.story, "hush-hush" in done.story
    yield box.inside("echo $A:$S")
    yield box.up("--secrets-file", f"{box.base}/none.json").seen
    box.write("../secrets.json", "{broken")
    yield box.up("--secrets-file", f"{box.base}/secrets.json").seen


@case
def remove_existing(box):
    box.config(postCreateCommand="echo made >> log")
    yield box.up().seen
    yield box.inside("touch /opt/kept")
    yield box.up().seen, box.inside("test -e /opt/kept")[0]
    yield box.up("--remove-existing-container").seen, box.inside("test -e /opt/kept")[0], box.read("log")


@case
def expect_existing(box):
    box.config()
    yield box.up("--expect-existing-container").seen
    yield box.exec("true").status
    yield box.up().seen
    yield box.up("--expect-existing-container").seen


@case
def id_labels(box):
    box.config(containerEnv={"ID": "${devcontainerId}"})
    for name in ("a", "b"):
        yield box.up("--id-label", f"conformance={name}", "--id-label", "both=yes").seen
        yield box.run("exec", "--id-label", f"conformance={name}", "sh", "-c", f"echo $ID; touch /opt/{name}; ls /opt").seen
    yield box.exec("true").status, box.run("exec", "--id-label", "conformance=c", "true").status
    yield box.up("--id-label", "novalue").status


@case
def mounts(box):
    box.config(mounts=[{"type": "tmpfs", "target": "/memory"}, "type=volume,source=conformance-up,target=/kept",
                       "type=bind,source=${localWorkspaceFolder}/.devcontainer,target=/configuration"])
    box.write("../given/file", "given\n")
    yield box.up("--mount", f"type=bind,source={box.base}/given,target=/given", "--mount",
                 "type=volume,source=conformance-more,target=/more,external=false").seen
    yield box.inside("cat /given/file; ls /configuration; for d in /memory /kept /more; do grep -c \" $d \" /proc/mounts; done")
    yield box.up("--mount", "source=x,target=/y").status


@case
def workspace_elsewhere(box):
    box.config(workspaceMount="source=${localWorkspaceFolder},target=/src,type=bind", workspaceFolder="/src/.devcontainer")
    yield box.up().seen
    yield box.inside("pwd; ls")


@case
def root_of_git(box):
    box.write(".git/HEAD", "ref: refs/heads/main\n")
    for folder in ("objects", "refs"):
        box.write(f".git/{folder}/.keep", "")
    box.config("sub/.devcontainer/devcontainer.json")
    box.write("sub/file", "")
    yield box.up(folder=f"{box.web}/sub").seen
    yield box.exec("pwd", folder=f"{box.web}/sub").seen
    yield box.up("--remove-existing-container", "--mount-workspace-git-root", "false", folder=f"{box.web}/sub").seen


@case
def another_file(box):
    box.config(containerEnv={"OF": "usual"})
    box.config(".devcontainer/api/devcontainer.json", containerEnv={"OF": "api"})
    box.config("other.json")
    other = ("--config", f"{box.web}/.devcontainer/api/devcontainer.json")
    yield box.up(*other).seen
    yield box.inside("echo $OF", before=other), box.exec("true").status
    yield box.up().seen, box.inside("echo $OF"), box.inside("echo $OF", before=other)
    yield box.up("--config", f"{box.web}/other.json").seen


@case
def override(box):
    box.config("../override.json", containerEnv={"OF": "override"}, postCreateCommand="echo override > log")
    words = ("--override-config", f"{box.base}/override.json")
    yield box.up().seen
    yield box.up(*words).seen, box.read("log")
    yield box.inside("echo $OF", before=words)


@case
def at_the_root(box):
    box.config(".devcontainer.json", postCreateCommand="echo here > log")
    yield box.up().seen, box.read("log")
    yield box.run("up").seen, box.run("exec", "pwd").seen


@case
def nothing_there(box):
    yield box.up().seen, box.exec("true").status, box.commands().seen
    box.config()
    yield box.exec("true").status, box.commands().seen
    yield box.exec("true", folder=f"{box.base}/none").status, box.up(folder=f"{box.base}/none").seen
    box.write(".devcontainer/devcontainer.json", '{"name":"no image"}')
    yield box.up().seen
    box.write(".devcontainer/devcontainer.json", "[]")
    yield box.up().seen


@case
def tolerant(box):
    box.write(".devcontainer/devcontainer.json", """{
        // as people write them
        "image": "conformance/up" "runArgs": ["--network=none",],
        "unknown": {"a": 1}, "postCreateCommand": "echo ran > log",,
    } and more""")
    yield box.up().seen, box.read("log")


@case
def exit_statuses(box):
    box.config()
    yield box.up().seen
    for script in ("exit 0", "exit 7", "kill -9 $$", "kill -15 $$", "exit 255"):
        yield script, box.inside(script)
    yield box.exec("no-such-program").status, box.exec("/etc/passwd").status
    yield box.exec("true", before=("--nonsense",)).status


@case
def streams_of_exec(box):
    box.config()
    yield box.up().seen
    done = box.exec("sh", "-c", "cat; echo out; echo err >&2", given="given\n")
    yield done.status, done.out, done.story.strip()
    done = box.exec("sh", "-c", "test -t 0 || test -t 1 || echo none")
    yield done.status, done.out
    yield box.exec("echo", "--workspace-folder", "x", "-n", "--", "é ü").out
    yield box.exec("--", "echo", "a").seen, box.exec("echo", "007").out
    done = box.exec("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x")
    yield done.status, len(done.out)


@case
def configurations_in_the_answer(box):
    box.config(image="conformance/up-label", remoteUser="root", containerEnv={"C": "c"}, remoteEnv={"R": "${containerEnv:C}"},
               name="${localWorkspaceFolderBasename} ${devcontainerId}", mounts=["type=tmpfs,target=/m"], customizations={"t": {"b": 2}},
               forwardPorts=[3000], **log("postCreateCommand", "postStartCommand"))
    for words in (["--include-configuration"], ["--include-merged-configuration"], ["--include-configuration", "--include-merged-configuration"]):
        done = box.up(*words)
        yield done.seen, done.answer.get("configuration"), done.answer.get("mergedConfiguration")


@case
def merge_of_features(box):
    box.config(features={"./one": {}}, postCreateCommand="true")
    box.write(".devcontainer/one/devcontainer-feature.json",
              json.dumps({"id": "one", "version": "1.0.0", "capAdd": ["SYS_PTRACE"], "postCreateCommand": "true",
                          "customizations": {"t": {"one": True}}}))
    box.write(".devcontainer/one/install.sh", "#!/bin/sh\n", 0o755)
    done = box.up("--include-merged-configuration")
    yield done.seen, done.answer.get("mergedConfiguration")


@case
def more_features(box):
    box.config()
    box.write(".devcontainer/one/devcontainer-feature.json", json.dumps({"id": "one", "version": "1.0.0", "options": {
        "greeting": {"type": "string", "default": "hello"}}}))
    box.write(".devcontainer/one/install.sh", "#!/bin/sh\necho $GREETING > /opt/one\n", 0o755)
    yield box.up("--additional-features", '{"./one": {"greeting": "moin"}}').seen
    yield box.inside("cat /opt/one")


@case
def dotfiles(box):
    box.config(remoteUser="dev", mounts=[f"type=bind,source={box.base}/dots,target=/dots"], postCreateCommand="true", postStartCommand="true")
    box.write("../dots/a/install.sh", "#!/bin/sh\necho installed $0 >> ~/done\n", 0o755)
    box.write("../dots/b/own", "#!/bin/sh\necho own >> ~/done\n", 0o755)
    box.write("../dots/c/.mine", "mine\n")
    yield box.up("--dotfiles-repository", "/dots/a").seen, box.inside("cat ~/done; ls ~")
    yield box.up("--dotfiles-repository", "/dots/a").seen, box.inside("cat ~/done")
    yield box.up("--remove-existing-container", "--dotfiles-repository", "/dots/b", "--dotfiles-install-command", "own",
                 "--dotfiles-target-path", "/tmp/b").seen, box.inside("cat ~/done; ls /tmp/b")
    yield box.up("--remove-existing-container", "--dotfiles-repository", "/dots/c").seen, box.inside("cat ~/.mine")
    yield box.up("--remove-existing-container", "--dotfiles-repository", "/dots/none").seen


@case
def words_that_are_wrong(box):
    box.config()
    for words in (["--nonsense"], ["--terminal-rows", "5"], ["--no-lockfile", "--frozen-lockfile"], ["--default-user-env-probe", "x"],
                  ["--id-label", "x"], ["--mount", "x"], ["stray"]):
        done = box.up(*words)
        yield words, done.status, done.out
    yield box.commands("--nonsense").seen, box.run("exec").status, box.run("exec", "--help").status
