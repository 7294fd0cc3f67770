# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""QEMU of one known release on every machine, with hardware virtualization where it really works, else emulated."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import textwrap
from pathlib import Path

from ztlab import paths
from ztlab.artifacts import Artifact, digest
from ztlab.console import run_logged, step

# QEMU 10 emulates a fork four times and a hash three times as fast as the 7.2 of Debian 12.
_SUITE = "trixie"
_PACKAGES = ("qemu-system-x86", "qemu-utils")
_PROBE_SECONDS = 15
_PROBE_PROOF = b"Run /bin/true as init process"
# Kernel 6.12 panics in kmalloc under emulation when the CPU claims cmpxchg16b.
_EMULATED = ("-machine", "q35", "-accel", "tcg,tb-size=1024", "-cpu", "max,la57=off,cx16=off")
_VIRTUAL = ("-machine", "q35", "-accel", "kvm", "-cpu", "host")

# Runs by its own C library, so that the machine's release does not matter.
_WRAPPER = textwrap.dedent("""\
    #!/bin/sh
    root=$(dirname "$(dirname "$(readlink -f "$0")")")/root/usr
    libraries=$root/lib/x86_64-linux-gnu
    export QEMU_MODULE_DIR="$libraries/qemu"
    exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/bin/@PROGRAM@" @OPTIONS@ "$@"
    """)
# Program -> what its wrapper adds.
_OPTIONS = {"qemu-system-x86_64": '-L "$root/share/qemu" -L "$root/share/seabios"', "qemu-img": ""}


def programs() -> Artifact:
    """`bin/qemu-system-x86_64` and `bin/qemu-img`."""

    def build(folder: Path) -> None:
        run_logged(
            [
                "mmdebstrap",
                "--variant=extract",
                "--components=main",
                '--aptopt=APT::Install-Recommends "false"',
                f"--include={','.join(_PACKAGES)}",
                _SUITE,
                str(folder / "root"),
            ],
            paths.LOGS / "qemu.log",
        )
        (folder / "bin").mkdir()
        for program, options in _OPTIONS.items():
            wrapper = folder / "bin" / program
            wrapper.write_text(_WRAPPER.replace("@PROGRAM@", program).replace("@OPTIONS@", options))
            wrapper.chmod(0o755)
        for unused in ("dev", "tmp", "var"):
            shutil.rmtree(folder / "root" / unused, ignore_errors=True)

    return Artifact("qemu", digest(_SUITE, *_PACKAGES, _WRAPPER, *_OPTIONS.values()), build, "unpacking QEMU")


def program(name: str) -> str:
    return str(programs().ensure() / "bin" / name)


def machine(disk: Path) -> tuple[str, ...]:
    """The machine and CPU to ask for. /dev/kvm may exist and not work: a short boot tells, once a boot of this machine."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    answer = paths.CACHE / "kvm" / boot
    if not answer.exists():
        answer.parent.mkdir(parents=True, exist_ok=True)
        works = _kvm_boots(disk) if Path("/dev/kvm").exists() else False
        answer.write_text("kvm" if works else "tcg")
    return _VIRTUAL if answer.read_text() == "kvm" else _EMULATED


def _kvm_boots(disk: Path) -> bool:
    boot = ("-kernel", f"{disk}/vmlinuz", "-initrd", f"{disk}/initrd", "-append", "console=ttyS0 panic=-1 rdinit=/bin/true")
    command = [program("qemu-system-x86_64"), *_VIRTUAL, "-m", "512", "-display", "none", "-serial", "stdio", "-no-reboot", *boot]
    with step("probing hardware virtualization with a short boot"), tempfile.TemporaryFile() as serial:
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=serial, stderr=subprocess.STDOUT, timeout=_PROBE_SECONDS, check=False
            )
        serial.seek(0)
        return _PROBE_PROOF in serial.read()
