# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


@case("ZT-VER-001", "chart istiod", "supports 1.32 to 1.37", "preflight")
def ver_001(b):
    b["api"]["version"] = "v1.31.4"


@case("ZT-VER-002", "chart istiod", "1.28.10; known are", "preflight")
def ver_002(b):
    b["charts"]["istiod"]["version"] = "1.28.10"


@case("ZT-VER-002", "chart gatekeeper", "3.21.1; known are")
def ver_002_2(b):
    b["charts"]["gatekeeper"]["version"] = "3.21.1"


@case("ZT-VER-011", "gatekeeper_values: nodeSelector", "at several places", "preflight")
def ver_011_3(b):
    b["charts"]["gatekeeper"]["problems"] = [
        {
            "path": "nodeSelector",
            "suggestion": "",
            "why": "the chart has it at several places, and not at this one",
            "places": ["controllerManager.nodeSelector", "audit.nodeSelector"],
        }
    ]


@case("ZT-VER-011", "cilium_values: cni.chained", "chart cilium 1.20.2 does not know this key", "preflight")
def ver_011(b):
    b["charts"]["cilium"]["problems"] = [{"path": "cni.chained", "suggestion": "", "why": "it is a value of the istio-cni chart"}]


@case("ZT-VER-011", "gatekeeper_values: audit.auditInterval", "(group_vars/all.yml:7)", "preflight")
def ver_011_2(b):
    b["charts"]["gatekeeper"]["problems"] = [{"path": "audit.auditInterval", "suggestion": "auditInterval", "why": ""}]
    b["charts"]["gatekeeper"]["origins"] = {"audit.auditInterval": "group_vars/all.yml:7"}


def forms(b, name, given, over=()):
    """What the form of values says, with the chart's defaults as they are."""
    b["charts"][name]["forms"] = [{"path": path, "why": why, "write": write} for path, why, write in given]
    b["charts"][name]["origins"] = dict(over)


@case("ZT-VER-017", "istio_istiod_values: taint.enabled", "not empty counts as true (group_vars/all.yml:9)", "preflight")
def ver_017(b):
    why = "true or false is wanted, and this is the text 'false': a text that is not empty counts as true"
    forms(b, "istiod", [("taint.enabled", why, "write false")], {"taint.enabled": "group_vars/all.yml:9"})


@case("ZT-VER-017", "cilium_values: hubble.metrics", "a mapping is wanted")
def ver_017_2(b):
    forms(b, "cilium", [("hubble.metrics", "a mapping is wanted, and this is a text: the chart refuses it", "write a mapping")])


@case("ZT-VER-015", "chart cilium", "got string, want object", "preflight")
def ver_015(b):
    b["charts"]["cilium"]["render_error"] = (
        "values don't meet the specifications of the schema: at '/hubble/metrics': got string, want object"
    )


@case("ZT-VER-016", "chart istiod", "is pending-upgrade")
def ver_016(b):
    b["api"]["releases"]["istio-system"]["istiod"]["status"] = "pending-upgrade"


@case("ZT-VER-016", "chart ztunnel", "there is no release istio-system/ztunnel")
def ver_016_2(b):
    del b["api"]["releases"]["istio-system"]["ztunnel"]
