# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A made-up machine: a root folder, canned netlink answers, and commands that are only recorded."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node"
RELEASE = "6.12.107+deb13-cloud-amd64"
_FORWARDING, _REDIRECTS = "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/accept_redirects"


class Machine(Host):
    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.commands: list[list[str]] = []
        self.answers: dict[tuple[int, int], list[bytes]] = {}
        self.outputs: dict[str, str] = {}
        self.refuse_commands: set[str] = set()
        self.broken_keys: set[str] = set()

    def put(self, path: str, content: str | bytes = "") -> None:
        target = Path(self.root + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def get(self, path: str) -> str:
        return Path(self.root + path).read_text()

    def tree(self) -> dict[str, str]:
        """Every file below /etc and /var, and the settings."""
        found = {}
        for top in ("/etc", "/var", "/proc/sys"):
            for folder, _folders, names in os.walk(self.root + top):
                found[folder[len(self.root) :]] = ""
                found.update({f"{folder[len(self.root) :]}/{name}": Path(folder, name).read_text().strip() for name in names})
        return found

    def tool(self, *names: str) -> str | None:
        return f"/usr/sbin/{names[0]}"

    def netlink(self, protocol: int, kind: int, payload: bytes, dump: bool = True) -> list[bytes]:
        return self.answers.get((protocol, kind), [])

    def run(self, command) -> str:
        self.commands.append(list(command))
        name = command[0].rsplit("/", 1)[-1]
        if name in self.refuse_commands:
            raise Unreadable(f"{name}: exit code 1: refused")
        if name == "modprobe" and "-r" not in command:
            self.put("/proc/modules", self.get("/proc/modules") + f"{command[-1]} 16384 0 - Live 0x0\n")
        if name == "modprobe" and "-r" in command:
            kept = [line for line in self.get("/proc/modules").splitlines() if line.split()[0] != command[-1]]
            self.put("/proc/modules", "".join(line + "\n" for line in kept))
        return self.outputs.get(name, "")

    def set(self, path: str, value: str) -> None:
        if path in self.broken_keys:
            raise OSError(22, "invalid argument", path)
        if not os.path.exists(self.root + path):
            raise FileNotFoundError(2, "No such file or directory", path)
        if path == _FORWARDING and self.get(path).strip() != value:
            # As the kernel does, whatever it was before (inet_forward_change).
            self.put(_REDIRECTS, "0\n" if value == "1" else "1\n")
        self.put(path, value + "\n")


def debian(root: Path) -> Machine:
    """A Debian 13 node without Kubernetes."""
    machine = Machine(root)
    machine.put("/proc/sys/kernel/osrelease", RELEASE + "\n")
    machine.put("/proc/sys/kernel/hostname", "node1\n")
    os.makedirs(f"{machine.root}/run/systemd/system")
    machine.put("/proc/sys/kernel/modules_disabled", "0\n")
    machine.put(_FORWARDING, "0\n")
    machine.put(_REDIRECTS, "1\n")
    for link, value in (("all", "2"), ("default", "2"), ("eth0", "2"), ("lxc1", "2")):
        machine.put(f"/proc/sys/net/ipv4/conf/{link}/rp_filter", value + "\n")
    machine.put("/proc/modules", "nf_tables 1 0 - Live 0x0\n")
    machine.put("/proc/meminfo", "MemTotal:        4034524 kB\n")
    mounts = "/dev/vda1 / ext4 rw,relatime 0 0\nbpf /sys/fs/bpf bpf rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"
    machine.put("/proc/self/mounts", mounts)
    for path, text in (
        ("sys/fs/file-nr", "1376\t0\t9223372036854775807\n"),
        ("sys/net/ipv4/neigh/default/gc_thresh3", "1024\n"),
        ("sys/kernel/pid_max", "4194304\n"),
        ("sys/kernel/threads-max", "30892\n"),
        ("loadavg", "0.08 0.03 0.01 2/312 4711\n"),
        ("net/arp", "IP address       HW type     Flags       HW address            Mask     Device\n"),
    ):
        machine.put(f"/proc/{path}", text)
    machine.put("/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
    machine.put("/etc/os-release", 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
    machine.put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    machine.put(f"/boot/config-{RELEASE}", (FIXTURES / "config-debian13").read_bytes())
    folder = f"/lib/modules/{RELEASE}"
    machine.put(f"{folder}/modules.builtin", (FIXTURES / "modules.builtin").read_bytes())
    machine.put(f"{folder}/modules.dep", (FIXTURES / "modules.dep").read_bytes())
    for line in (FIXTURES / "modules.dep").read_text().splitlines():
        machine.put(f"{folder}/{line.partition(':')[0]}", "")
    for path in ("/etc/modules-load.d/modules.conf", "/etc/sysctl.d/README.sysctl"):
        machine.put(path, "")
    return machine


def process(machine: Machine, number: int, name: str, *arguments: str, sockets: tuple[int, ...] = ()) -> None:
    machine.put(f"/proc/{number}/comm", name[:15] + "\n")
    machine.put(f"/proc/{number}/cmdline", "\0".join((name, *arguments)) + "\0")
    os.makedirs(f"{machine.root}/proc/{number}/fd", exist_ok=True)
    for descriptor, inode in enumerate(sockets, start=3):
        os.symlink(f"socket:[{inode}]", f"{machine.root}/proc/{number}/fd/{descriptor}")
