# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of cases, and what several of them need."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Case:
    rule: str
    change: Callable
    subject: str
    says: str
    moment: str = "verify"


CASES: list[Case] = []


def case(rule, subject, says, moment="verify"):
    def register(change):
        CASES.append(Case(rule, change, subject, says, moment))
        return change

    return register


def values(bundle, chart, **values):
    for kind in ("values", "effective"):
        bundle["charts"][chart].setdefault(kind, {}).update(copy.deepcopy(values))


def hook(bundle, name):
    return next(one for one in bundle["api"]["webhooks"] if one["name"] == name)


def policy(bundle, kind, namespace, **spec):
    bundle["api"]["policies"][kind].append({"namespace": namespace, "name": "one", "spec": spec})


def enrolled_alone(bundle, namespace="desk", **labels):
    """A pod that is in the mesh by a label of its own, in a namespace that is not."""
    bundle["api"]["namespaces"][namespace] = {"labels": {}, "dataplane_annotation": None, "phase": "Active"}
    labels = {"app": "web", "istio.io/dataplane-mode": "ambient", **labels}
    pod = {**copy.deepcopy(bundle["api"]["pods"]["shop"][0]), "namespace": namespace, "labels": labels}
    bundle["api"]["enrolled_pods"].append(pod)


def cni_file(bundle, host):
    return bundle["nodes"][host]["cni"]["files"][0]


def cilium_config(bundle, **values):
    bundle["api"]["cilium"]["config"].update({key.replace("_", "-"): value for key, value in values.items()})


CONFIG = "ConfigMap kube-system/cilium-config"
