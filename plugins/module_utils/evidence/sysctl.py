# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""sysctl.d: which assignment wins at boot, as systemd-sysctl decides it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Optional

# The first folder that has a file of some name hides the others' file of that name.
FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")

# Our own file. Behind Cilium's own 99-zzz-override_cilium.conf.
OURS = "/etc/sysctl.d/99-zzzz-zerotrust.conf"

KEYS = (
    "net.ipv4.ip_forward",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.default.rp_filter",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.all.disable_ipv6",
    "net.bridge.bridge-nf-call-iptables",
    "net.bridge.bridge-nf-call-ip6tables",
    "net.core.bpf_jit_enable",
    "net.netfilter.nf_conntrack_max",
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "kernel.modules_disabled",
    "kernel.unprivileged_bpf_disabled",
    "kernel.panic",
    "kernel.panic_on_oops",
    "kernel.keys.root_maxbytes",
    "kernel.keys.root_maxkeys",
    "vm.overcommit_memory",
    "vm.panic_on_oom",
)

# No name in a folder is longer.
NAME = 255

_GLOB = re.compile(r"[*?\[]")


class Assignment(NamedTuple):
    """One line. A `value` of None takes the key out of every pattern's reach."""

    key: str
    value: Optional[str]

    @property
    def pattern(self) -> bool:
        return is_pattern(self.key)


def canonical(key: str) -> str:
    """`net.ipv4.conf.eth0/1.x` and `net/ipv4/conf/eth0.1/x` are one key: the path below /proc/sys."""
    first = re.search(r"[./]", key)
    if first and first[0] == ".":
        return key.translate({ord("."): "/", ord("/"): "."})
    return key


def is_pattern(key: str) -> bool:
    return bool(_GLOB.search(key))


def matches(pattern: str, key: str) -> bool:
    """Both canonical; like glob(7), a star does not reach over a slash."""
    wanted, parts = pattern.split("/"), key.split("/")
    # To translate a pattern takes time with the square of its length.
    if len(wanted) != len(parts) or max(map(len, wanted)) > NAME:
        return False
    return all(map(fnmatch.fnmatchcase, parts, wanted))


def parse(text: str) -> list[Assignment]:
    """The lines of one file; what systemd would skip with a warning is skipped."""
    assignments = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        key, equals, value = line.partition("=")
        key = key.strip()
        excluded = key.startswith("-")
        key = key[1:].strip() if excluded else key
        if not key or (not equals and not excluded):
            continue
        assignments.append(Assignment(canonical(key), value.strip() if equals else None))
    return assignments


def after_ours(path: str) -> bool:
    """Whether this file is applied after ours. ufw applies its own when it starts, after all of sysctl.d."""
    return path.rsplit("/", 1)[-1] > OURS.rsplit("/", 1)[-1]


def order(folders: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """Paths in the order they are applied, from the names found in each folder (folders in FOLDERS order)."""
    chosen: dict[str, str] = {}
    for folder, names in folders:
        for name in names:
            if name.endswith(".conf"):
                chosen.setdefault(name, f"{folder}/{name}")
    return [chosen[name] for name in sorted(chosen)]


def effective(key: str, files: Sequence[tuple[str, Sequence[Assignment]]]) -> list[dict[str, Any]]:
    """The assignments that count for one key, the last of them wins. A line that names the key beats every pattern."""
    key = canonical(key)
    named = [(path, line) for path, lines in files for line in lines if line.key == key]
    if named:
        return [{"path": path, "value": line.value} for path, line in named if line.value is not None]
    return [
        {"path": path, "value": line.value, "pattern": dotted(line.key)}
        for path, lines in files
        for line in lines
        if line.pattern and line.value is not None and matches(line.key, key)
    ]


def dotted(key: str) -> str:
    """A canonical key as people write it."""
    return key.translate({ord("/"): ".", ord("."): "/"})


def same(left: str, right: str) -> bool:
    """Values compare by their words: the kernel answers with tabs."""
    return left.split() == right.split()


def winner(entries: Sequence[Mapping[str, Any]]) -> Optional[Mapping[str, Any]]:
    return entries[-1] if entries else None
