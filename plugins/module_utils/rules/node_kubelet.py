# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about who may command the kubelet of a node."""

from __future__ import annotations

from ..evidence.bundle import Evidence
from . import facts
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("node")


NODE_060 = CATALOGUE.rule(
    "ZT-NODE-060",
    "high",
    stages=("node",),
    title="The kubelet obeys nobody it does not know",
    why="Who may ask a kubelet runs commands in every pod of its node, past every policy and the mesh. Its firewall rule lets "
    "in pods too, for those that scrape its metrics.",
    remediation="In the kubelet's configuration: authentication.anonymous.enabled: false, authorization.mode: Webhook, "
    "readOnlyPort: 0; without a configuration file the flags of the same names. Then restart it.",
    source="https://github.com/aquasecurity/kube-bench/blob/main/cfg/cis-1.12/node.yaml",
)


@NODE_060.check(each=facts.answering_nodes)
def _authority(evidence: Evidence, host: str) -> Answer:
    kubelet = evidence.node(host).view("kubelet")
    if not kubelet["running"]:
        return None
    arguments = [str(one) for one in kubelet.view("args").raw]
    # What is not said is safe in the form of the configuration file, and not in that of the old flags alone.
    written = any(one.startswith("--config=") for one in arguments)
    config = kubelet.view("config") if written else None

    def said(flag: str, path: str, default: object) -> object:
        values = [one.partition("=")[2] or "true" for one in arguments if one.partition("=")[0] == f"--{flag}"]
        return values[-1] if values else config.find(path, default) if config is not None else default

    wrong = []
    if not facts.is_false(said("anonymous-auth", "authentication.anonymous.enabled", not written)):
        wrong.append("it answers without a name (anonymous)")
    if str(mode := said("authorization-mode", "authorization.mode", "Webhook" if written else "AlwaysAllow")) == "AlwaysAllow":
        wrong.append(f"it lets everybody do everything (authorization {mode})")
    if str(port := said("read-only-port", "readOnlyPort", 0)) != "0":
        wrong.append(f"it answers without TLS on port {port}")
    return Fail("; ".join(wrong)) if wrong else Pass("no anonymous access, and the API server is asked")
