# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""What a node is, down to the byte, and who gets in where."""

from __future__ import annotations

import subprocess
import time

STRANGER = "192.168.66.200"

# Files that systemd, sshd and the kubelet write on their own are none of a role's doing.
_FILES = (
    "find /etc /var/lib/zerotrust /opt/cni /usr/local -xdev -type f -exec sha256sum {} + 2>/dev/null | sort -k2;"
    " find /etc /var/lib/zerotrust -xdev -printf '%p %y %m %u %l\\n' 2>/dev/null | sort"
)
_SETTINGS = "sysctl -a 2>/dev/null | grep -E '^(net\\.ipv[46]\\.(conf|ip_forward)|fs\\.inotify)' | sort"
# kube-proxy writes its chains into the tables of iptables anew all the while: of these, INPUT, ours and ufw's.
_RULES = (
    "nft -s list ruleset | awk '/^table ip6? (filter|nat|mangle|raw|security) /{theirs=1} !theirs && !/^#/; /^}/{theirs=0}';"
    " for save in iptables-save ip6tables-save; do"
    " $save -t filter | grep -E '^(:INPUT|-A INPUT|:ZERO|-A ZERO|:ufw|-A ufw)' | grep -v KUBE- | sed 's/ \\[.*//'; done; true"
)


def fingerprint(host) -> dict[str, str]:
    """Files below /etc and of ours, settings of the network, and the packet filter's rules."""
    return {
        name: host.check_output(f"bash -c {quoted(command)}")
        for name, command in {"files": _FILES, "settings": _SETTINGS, "rules": _RULES}.items()
    }


def quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"


def said(host, command: str) -> str:
    """What a command prints; nothing while the node cannot be reached, which testinfra takes for an error."""
    try:
        return host.run(command).stdout.strip()
    except RuntimeError:
        return ""


def put(host, path: str, text: str) -> None:
    host.check_output(f"sh -c {quoted(f'cat > {path} <<TEXT{chr(10)}{text}{chr(10)}TEXT')}")


def difference(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [line for name in before for line in set(before[name].splitlines()) ^ set(after[name].splitlines())]


def listen(host, port: int) -> None:
    """Something that answers on this port until the node is rebooted or `deafen` is called."""
    serve(host, f"listen-{port}", port, "'echo heard'")


def serve(host, unit: str, port: int, program: str) -> None:
    """By the name of the platform's own: another's would be found to have taken the port."""
    host.check_output("sh -c '[ -e /root/cilium-socat ] || cp $(command -v socat) /root/cilium-socat'")
    listening = f"/root/cilium-socat TCP-LISTEN:{port},fork,reuseaddr EXEC:{program}"
    host.check_output(f"systemd-run --quiet --collect --unit={unit} {listening}")
    wait(lambda: host.check_output(f"ss -Htnl sport = :{port}"))


def deafen(host, port: int) -> None:
    host.run(f"systemctl stop listen-{port}")


def node_reaches(host, address: str, port: int) -> bool:
    return "heard" in host.run(f"timeout 5 socat -T3 - TCP:{address}:{port},connect-timeout=3").stdout


def stranger_reaches(cluster, address: str, port: int) -> bool:
    """From an address of the lab's network that is no node's, pod's or API server's."""
    done = subprocess.run(stranger_calls(cluster, address, port, "print(call.recv(9))"), capture_output=True, check=False)
    return b"heard" in done.stdout


def stranger_calls(cluster, address: str, port: int, then: str) -> list[str]:
    """The command that connects from there and then runs this Python."""
    program = f"import socket, time; call = socket.create_connection(('{address}', {port}), 3, ('{STRANGER}', 0)); {then}"
    return cluster.namespace.inside("python3", "-c", program)


def wait(true, seconds: float = 60, pause: float = 0.5) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(pause)
