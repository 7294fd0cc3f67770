# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions: what is pinned, what supports what, and how two of them compare.

This is the one place where a version of the platform is written down.
"""

from __future__ import annotations

import re

# What the roles install when nothing else is asked for. Charts of one project share one version.
PINNED = {
    "cilium": "1.20.2",
    "istio": "1.31.0",
    "gatekeeper": "3.23.0",
}

# Chart name -> project, for the projects that ship several charts.
PROJECT_OF_CHART = {
    "cilium": "cilium",
    "base": "istio",
    "istiod": "istio",
    "cni": "istio",
    "ztunnel": "istio",
    "gatekeeper": "gatekeeper",
}

# Versions of each project that these rules and roles were written for: [first, first that is not].
SUPPORTED = {
    "cilium": ("1.18.0", "1.21.0"),
    "istio": ("1.29.7", "1.32.0"),
    "gatekeeper": ("3.22.0", "3.24.0"),
}

# Kubernetes minors that a project's minor supports: [first, last], from its own support table.
KUBERNETES = {
    "istio": {
        "1.29": ("1.31", "1.35"),
        "1.30": ("1.32", "1.36"),
        "1.31": ("1.32", "1.37"),
    },
    "cilium": {
        "1.18": ("1.30", "1.34"),
        "1.19": ("1.32", "1.35"),
        "1.20": ("1.33", "1.36"),
    },
    # "Current Kubernetes supported versions"; its generated admission policies need 1.30.
    "gatekeeper": {
        "3.22": ("1.30", "1.36"),
        "3.23": ("1.30", "1.36"),
    },
}

# The day on which a minor gets its last fix. None: nobody had named one by the day below.
END_OF_LIFE_SEEN = "2026-11-26"
END_OF_LIFE: dict[str, dict[str, str | None]] = {
    # Six weeks after the next but one.
    "istio": {"1.28": "2026-07-01", "1.29": "2026-10-12", "1.30": None, "1.31": None},
    # The three newest.
    "cilium": {"1.17": "2026-07-29", "1.18": None, "1.19": None, "1.20": None},
    # The two newest.
    "gatekeeper": {"3.21": "2026-07-09", "3.22": None, "3.23": None},
    "kubernetes": {"1.33": "2026-06-28", "1.34": "2026-10-27", "1.35": "2027-02-28", "1.36": None, "1.37": None},
}

# Kernel that a feature needs, and who says so.
KERNEL = {
    "cilium": ("5.10", "Cilium 1.18 and newer"),
    "wireguard": ("5.6", "WireGuard in the kernel (Cilium has no user-space fallback since 1.17)"),
    "host_namespace_only": ("5.7", "socketLB.hostNamespaceOnly"),
    "native_nftables": ("5.13", "global.nativeNftables of Istio"),
}

# What kubeadm asks of a control-plane node (ControlPlaneMem of its preflight): 2 GiB less what the machine keeps.
MEMORY_MB = 1700

# Kernels on which Cilium's agent does not come up: [first, first that is not], the first release of each minor of Cilium that
# gets along all the same, and who reported it.
BROKEN_KERNELS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("6.18.5", "6.18.6", {}, "https://github.com/cilium/cilium/issues/44216"),
    (
        "7.2",
        "7.3",
        {"1.18": "1.18.14", "1.19": "1.19.8", "1.20": "1.20.2"},
        "https://github.com/cilium/cilium/issues/48016",
    ),
)

# A number of more digits is none of a version, and beyond 4,300 of them Python makes none of it.
_NUMBERS = re.compile(r"^\s*v?([0-9]{1,18}(?:\.[0-9]{1,18})*)(?![0-9]|\.[0-9])(?:-([0-9A-Za-z.-]+))?")
_NUMBER = re.compile(r"[0-9]{1,18}")


def parse(text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int | str], ...]] | None:
    """Return a key that orders versions as semver does, or None when there is no version in the text.

    `1.20.0-rc.1 < 1.20.0`, `1.9 < 1.10`, build metadata and what follows the numbers (`+k3s1`) do not count.
    """
    match = _NUMBERS.match(text.split("+", 1)[0]) if isinstance(text, str) else None
    if not match:
        return None
    numbers = [int(part) for part in match.group(1).split(".")]
    numbers += [0] * (3 - len(numbers))
    if not match.group(2):
        # A release comes after all of its pre-releases.
        return tuple(numbers), ((2, ""),)
    return tuple(numbers), tuple((0, int(part)) if _NUMBER.fullmatch(part) else (1, part) for part in match.group(2).split("."))


def numbers(text: str) -> tuple[int, ...] | None:
    """Return only the numbers of a version: (1, 20, 2), or None."""
    parsed = parse(text)
    return parsed[0] if parsed else None


def minor(text: str) -> str | None:
    """Return `1.20` of `v1.20.2-rc.1`, or None."""
    parsed = numbers(text)
    return None if parsed is None else f"{parsed[0]}.{parsed[1]}"


def at_least(text: str, floor: str) -> bool | None:
    """Return whether a version's numbers reach the floor; None when either is no version.

    Pre-releases count as the release they lead to: 1.20.0-rc.1 already behaves as 1.20.
    """
    have, need = numbers(text), numbers(floor)
    return None if have is None or need is None else have >= need


def compare(left: str, right: str) -> int | None:
    """Return -1, 0 or 1 as semver orders the two; None when either is no version."""
    one, two = parse(left), parse(right)
    if one is None or two is None:
        return None
    return (one > two) - (one < two)


def known(project: str, version: str) -> bool:
    """Return whether this version of a project is none that came after what is written down here."""
    return not at_least(version, SUPPORTED[project][1])


def kubernetes_range(project: str, version: str) -> tuple[str, str] | None:
    """Return the first and last Kubernetes minor that this version of the project supports, or None when not known."""
    have = minor(version)
    return KUBERNETES.get(project, {}).get(have) if have else None


def broken_kernel(kernel: tuple[int, ...], cilium: str) -> str | None:
    """Return the report about this kernel when this version of Cilium does not run on it, else None."""
    for first, end, fixed, report in BROKEN_KERNELS:
        if (numbers(first) or ()) <= kernel < (numbers(end) or ()):
            repaired = fixed.get(minor(cilium) or "")
            if repaired is None or not at_least(cilium, repaired):
                return report
    return None


def in_minor_range(version: str, first: str, last: str) -> bool | None:
    """Return whether a version's minor lies between two minors, both included."""
    have, low, high = numbers(version), numbers(first), numbers(last)
    if have is None or low is None or high is None:
        return None
    return low[:2] <= have[:2] <= high[:2]


def pinned(name: str) -> str:
    """Return the pinned version of a project or of one of its charts."""
    project = PROJECT_OF_CHART.get(name, name)
    if project not in PINNED:
        raise KeyError(name)
    return PINNED[project]
