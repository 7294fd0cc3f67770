# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about kernel settings: what they are now, and which file has the last word at the next boot."""

from __future__ import annotations

from ..evidence import sysctl
from ..evidence.bundle import Evidence, View
from . import facts
from .facts import VERIFY, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")


NODE_042 = CATALOGUE.rule(
    "ZT-NODE-042",
    "high",
    stages=("node", "network"),
    title="No file takes the platform's kernel settings back",
    why="A hardening role or ufw that sets ip_forward=0 or rp_filter=1 in a file that is applied last does nothing until the "
    "next boot or the next reload; then pods lose their network on this node.",
    remediation="Take the line out of that file, or set it to what the platform needs there; the node role never changes it.",
    source="https://docs.cilium.io/en/stable/operations/system_requirements/",
)

_WANTED = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    # The link of a pod that does not exist yet.
    "net.ipv4.conf.lxc*.rp_filter": "0",
}
_WANTED_IPV6 = {"net.ipv6.conf.all.disable_ipv6": "0", "net.ipv6.conf.all.forwarding": "1"}


@NODE_042.check(each=facts.answering_nodes)
def _taken_back(evidence: Evidence, host: str) -> Answer:
    sysctls = evidence.node(host).view("sysctls")
    wanted = {**_WANTED, **(_WANTED_IPV6 if facts.family(evidence, "ipv6") else {})}
    wrong = []
    for key, value in wanted.items():
        last = _last_word(sysctls.view(key), evidence.moment)
        if last is not None and str(last["value"]) != value:
            wrong.append(f"{last['path']} sets {last.get('pattern') or key} = {last['value']} at the next boot{_origin(last)}")
    now = str(sysctls.view("net.ipv4.ip_forward")["value"])
    if evidence.moment == "verify" and now != "1":
        wrong.append(f"net.ipv4.ip_forward is {now} now")
    return Fail("; ".join(wrong)) if wrong else Pass(f"nothing speaks against {listed(wanted)}")


def _last_word(setting: View, moment: str) -> View | None:
    """The assignment that wins. Before the node role has run, only one that will win over its file counts."""
    found = list(setting.view("files"))
    if not found:
        return None
    last: View = found[-1]
    return last if moment == "verify" or sysctl.after_ours(str(last["path"])) else None


def _origin(entry: View) -> str:
    """Where a file comes from, as far as the node could tell."""
    if "mtime" not in entry:
        return ""
    package = entry.get("package")
    return f" (changed {facts.moment_of(entry['mtime'])}{f', of package {package}' if package else ''})"


NODE_056 = CATALOGUE.rule(
    "ZT-NODE-056",
    "high",
    stages=("node", "network"),
    title="The kernel's settings are those that the node role wrote",
    why="Its file is right and another value is in force: a later file, an agent or somebody's sysctl -w has changed it since, "
    "and pods feel it before the next boot puts it right.",
    remediation="Take the line out of the file named, or stop the program that sets it; then run site.yml --tags node.",
    source="https://man7.org/linux/man-pages/man5/sysctl.d.5.html",
)


@NODE_056.check(each=facts.answering_nodes, moments=VERIFY)
def _in_force(evidence: Evidence, host: str) -> Answer:
    wrong, ours = [], 0
    for key, setting in evidence.node(host).view("sysctls").items():
        files = list(setting.view("files"))
        written = [str(one["value"]) for one in files if one["path"] == sysctl.OURS]
        # No link has the name of a pattern; the links themselves are ZT-NODE-018.
        if not written or sysctl.is_pattern(key):
            continue
        ours += 1
        now = str(setting["value"])
        if not sysctl.same(now, written[-1]):
            wrong.append(f"{key} is {now}, and {sysctl.OURS} says {written[-1]}: {_who(files, now)}")
    return Fail("; ".join(wrong)) if wrong else Pass(f"{ours} settings are as they were written")


def _who(files: list[View], now: str) -> str:
    """The last file that says what is in force."""
    said = [one for one in files if one["path"] != sysctl.OURS and sysctl.same(str(one["value"]), now)]
    if not said:
        return "no file says so, it was set by hand or by a program since boot"
    return f"{said[-1]['path']} says so{_origin(said[-1])}"


NODE_059 = CATALOGUE.rule(
    "ZT-NODE-059",
    "medium",
    stages=("node", "network"),
    title="The kernel's tables that all pods share have room",
    why="When one is full, new connections or processes of every pod fail, and the cause shows in the kernel's log alone. "
    "kube-proxy raised the table of connections with the number of processors; where Cilium has replaced it, nobody does.",
    remediation="Raise it by node_sysctls of the node role: net.netfilter.nf_conntrack_max for connections (kube-proxy's is "
    "32768 a processor, at least 131072), fs.file-max, kernel.pid_max and kernel.threads-max, net.ipv4.neigh.default.gc_thresh3.",
    source="https://github.com/gardener/gardener/pull/10431",
)

_FULL = 0.8


@NODE_059.check(each=facts.answering_nodes)
def _room(evidence: Evidence, host: str) -> Answer:
    limits = evidence.node(host).view("limits")
    full = [
        f"{name}: {one['used']} of {one['limit']}"
        for name, one in ((name, limits.view(name)) for name in limits)
        if int(one["used"]) > _FULL * int(one["limit"])
    ]
    return Fail(f"nearly full: {listed(full)}") if full else Pass(f"{listed(sorted(limits))} are below {_FULL:.0%}")


NODE_043 = CATALOGUE.rule(
    "ZT-NODE-043",
    "high",
    stages=("node",),
    title="The kubelet starts with the kernel settings there are",
    why="With protectKernelDefaults the kubelet does not set what it needs but refuses to start where it is otherwise; the "
    "node is gone after the next restart.",
    remediation="Set these in a file in /etc/sysctl.d (node_sysctls of the node role does), or protectKernelDefaults: false.",
    source="https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/",
)

_KUBELET = {
    "vm.overcommit_memory": "1",
    "vm.panic_on_oom": "0",
    "kernel.panic": "10",
    "kernel.panic_on_oops": "1",
    "kernel.keys.root_maxkeys": "1000000",
    "kernel.keys.root_maxbytes": "25000000",
}


@NODE_043.check(each=facts.answering_nodes)
def _protected_defaults(evidence: Evidence, host: str) -> Answer:
    if not facts.is_true(facts.kubelet(evidence, host, "protect-kernel-defaults", "protectKernelDefaults", False)):
        return Pass("the kubelet sets them itself")
    sysctls = evidence.node(host).view("sysctls")
    found = {key: str(sysctls.view(key)["value"]) for key in _KUBELET}
    wrong = [f"{key} is {found[key]} and not {value}" for key, value in _KUBELET.items() if found[key] != value]
    return Fail(listed(wrong)) if wrong else Pass(f"all {len(_KUBELET)} are as the kubelet wants them")
