"""Serves a switch and runs SONiC's code on it, where checkouts are given.

    SONIC_COMMON=CHECKOUT SONIC_DAEMONS=CHECKOUT python3 run.py

`SHORELINE` may name a built program; it is built without. Without the checkouts nothing is run, and the
exit code is 77.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUTS = {
    "SONIC_COMMON": ("sonic-net/sonic-platform-common", "sonic_platform_base"),
    "SONIC_DAEMONS": ("sonic-net/sonic-platform-daemons", "sonic-xcvrd"),
}
NOT_RUN = 77


def checkouts():
    found, missing = [], []
    for name, (repository, folder) in CHECKOUTS.items():
        path = os.environ.get(name)
        if not path:
            missing.append(f"{name}, a checkout of {repository}")
        elif not (Path(path) / folder).is_dir():
            sys.exit(f"{name}={path} is no checkout of {repository}: it has no {folder}")
        else:
            found.append(str(Path(path).resolve()))
    if missing:
        print(f"NOT RUN: platform_common.py and daemons.py need {' and '.join(missing)}")
        print("Their recorded accesses are gone through by `cargo test -p shoreline --test sonic_trace`.")
        sys.exit(NOT_RUN)
    return found


def program():
    if "SHORELINE" in os.environ:
        return str(Path(os.environ["SHORELINE"]).resolve())
    root = HERE.parent.parent
    subprocess.run(["cargo", "build", "--release", "--bin", "shoreline"], cwd=root, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    return str(root / target / "release" / "shoreline")


# Engines and laser modules as devices of their own; laser modules behind their engines, with ports that are
# broken out, on the pages of documents and on those of SONiC's own map; two laser modules at each interface.
SYSTEMS = (
    ["cpo-51t"],
    ["spectrum-x-102t"],
    ["spectrum-x-102t", "--mirrors", "davisson"],
    ["bailly-51t"],
)


@contextlib.contextmanager
def served(shoreline, folder, system):
    """A switch as files and sockets, and the platform that goes with it."""
    arguments = ["--optoe", "dev", "--sonic", "platform", "--cmis-sockets", "sockets", "--allow-inject"]
    command = [shoreline, "serve", *system, *arguments]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:
            if line.startswith("Ctrl-C"):
                break
        else:
            sys.exit(f"the server did not come up: {server.wait()}")
        # The daemon of a switch starts long after its hardware: it asks once what a device can do, and takes
        # one that does not answer yet to have nothing.
        for file in (folder / "dev" / "by-name").glob("*/eeprom"):
            wait_until_it_answers(file)
        yield
    finally:
        server.terminate()
        server.wait()


def wait_until_it_answers(file):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with open(file, "rb", buffering=0) as bytes_of:
                if bytes_of.read(1):
                    return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{file} does not answer")


def run(script, *arguments):
    print(f"  {script}:", flush=True)
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, HERE / script, *arguments], env=environment).returncode


def main():
    common, daemons = checkouts()
    shoreline = program()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        image = folder / "new.bin"
        subprocess.run([shoreline, "cmis", "firmware", "2.1.0", "--out", image], check=True, stdout=subprocess.DEVNULL)
        devices = folder / "dev" / "by-name"
        with served(shoreline, folder, SYSTEMS[0]):
            files = ["--engine", devices / "oe0" / "eeprom", "--laser", devices / "els0" / "eeprom"]
            failed += run("platform_common.py", "--common", common, *files, "--firmware", image)
        for system in SYSTEMS:
            places = ["--platform", folder / "platform", "--sockets", folder / "sockets"]
            with served(shoreline, folder, system):
                failed += run("daemons.py", "--common", common, "--daemons", daemons, *places)
    sys.exit(bool(failed))


main()
