# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, values


@case("ZT-GK-002", "chart gatekeeper", "nothing is synced", "preflight")
def gk_002(b):
    values(b, "gatekeeper", auditFromCache=True)


@case("ZT-GK-002", "chart gatekeeper", "neither true nor false", "preflight")
def gk_002_3(b):
    values(b, "gatekeeper", auditFromCache="flase")


@case("ZT-GK-002", "chart gatekeeper", "not every kind is synced of no-privileged", "preflight")
def gk_002_2(b):
    values(b, "gatekeeper", auditFromCache=True)
    b["api"]["gatekeeper"]["sync_sets"] = {"s": {"gvks": [{"group": "", "version": "v1", "kind": "Namespace"}]}}


@case("ZT-GK-029", "K8sPrivileged no-privileged", "last audited 3600 s ago")
def gk_029(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["audited"] = "2026-11-22T18:00:00Z"


@case("ZT-GK-029", "K8sPrivileged no-privileged", "never audited")
def gk_029_2(b):
    b["api"]["gatekeeper"]["constraints"]["K8sPrivileged"]["no-privileged"]["audited"] = None
