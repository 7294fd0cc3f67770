# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the driver reads beyond a folder that is judged: charts, reports to compare, what is accepted, filters."""

from __future__ import annotations

import copy
import datetime
import functools
import gzip
import io
import json
import tarfile
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import damage
import yaml
from ansible.errors import AnsibleFilterError
from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.action import certificate as certificate_action
from ansible_collections.zerotrust.baremetal.plugins.filter import certificate, cni_chain, disruption_budget
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart, chart_forms, duration
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.plain import plain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.saved_bundle import SavedBundleError
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import cni_chain as chain
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.report import compared_files, comparison, json_report, text
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES

_NOW = "2026-11-22T19:00:00Z"
# What ends a reading in words.
REFUSALS = (
    AnsibleFilterError,
    chart.ChartError,
    comparison.ReportError,
    engine.InputError,
    SavedBundleError,
)


# --- Charts ---

_CHART = {
    "Chart.yaml": "name: cilium\nversion: 1.20.2\nappVersion: 1.20.2\ndependencies:\n  - {name: sub, alias: other}\n",
    "values.yaml": "# -- What it is\ncni:\n  exclusive: true\n  # chained: false\nencryption: {enabled: false}\nport: 80\n",
    "values.schema.json": json.dumps(
        {
            "type": "object",
            "properties": {
                "port": {"type": ["integer", "string"], "minimum": 1, "enum": [80, "x"]},
                "cni": {"additionalProperties": False, "properties": {"exclusive": {"type": "boolean"}}},
                "open": {"type": "object", "patternProperties": {"^a": {"type": "string"}}},
            },
        }
    ),
    "templates/one.yaml": '{{- with .Values.cni }}\na: {{ .exclusive | default "x" }}\n{{- end }}\nb: {{ .Values.port }}\n',
    "charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n",
    "charts/sub/values.yaml": "a: {b: 1}\n",
}
_ISTIO = {
    **_CHART,
    "values.yaml": "_internal_defaults_do_not_set:\n  profile: ''\n  pilot: {env: {}}\n  global: {}\n",
    "files/profile-ambient.yaml": "pilot: {env: {A: 'true'}}\n",
    "templates/zzy_descope_legacy.yaml": '{{- $x := index $.Values "pilot" }}\n',
}
_GIVEN = {"cni": {"exclusive": False, "chained": True}, "port": "x", "profile": "ambient", "global": {"platform": "k3s"}}


def damaged_chart(random: Random) -> bytes:
    files = {name: content.encode() for name, content in random.choice((_CHART, _ISTIO)).items()}
    whole = random.random() < 0.8
    if whole:
        name = random.choice(list(files))
        if name.endswith(".json") or random.random() < 0.5:
            found = damage.value(json.loads(files[name]) if name.endswith(".json") else {"x": files[name].decode()}, random)
            files[name] = json.dumps(found).encode()
        if random.random() < 0.7:
            files[name] = damage.text(files[name], random)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cilium/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue() if whole else damage.text(packed.getvalue(), random)


def read_chart(content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as path:
        file = Path(path, "cilium-1.20.2.tgz")
        file.write_bytes(content)
        found = chart.read(str(file))
    json.dumps([found.name, found.version, chart.effective(found, _GIVEN)])
    json.dumps([chart.problems(found, _GIVEN, "cilium"), chart_forms.problems(found, _GIVEN, _GIVEN)])


# --- Reports to compare, and what the inventory accepts ---


@functools.cache
def _report() -> str:
    bundle = healthy("verify")
    del bundle["api"]["webhooks"]
    result = engine.run(Evidence(bundle), RULES, "verify", ["policy", "enforcement"])
    engine.gate(result)
    return json_report.render(result, bundle, ["policy", "enforcement"])


def damaged_report(random: Random) -> bytes:
    if random.random() < 0.3:
        return damage.text(_report().encode(), random)
    content = json.dumps(damage.value(json.loads(_report()), random)).encode()
    return content if random.random() < 0.8 else gzip.compress(content, 1)


def read_report(content: bytes) -> None:
    whole = (_report().encode(), "whole.json")
    for before, after in ((content, whole[0]), (whole[0], content)):
        compared = comparison.compare(*compared_files.read((before, "x.json"), (after, "x.json"))[:2])
        text.plain(comparison.lines(compared)).encode()
        comparison.message(compared).encode()


_ENTRIES = [
    {"id": "ZT-GK-003", "layer": None, "subject": "*", "reason": "ticket", "until": "2027-01-31"},
    {"id": None, "layer": "policy", "subject": "webhook *", "reason": "ticket", "until": "2026-11-01"},
]


def damaged_entries(random: Random) -> bytes:
    # The module's own specification makes texts of what stands there.
    found = damage.value(copy.deepcopy(_ENTRIES), random)
    kept = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return json.dumps([{str(key): value if value is None else str(value) for key, value in one.items()} for one in kept]).encode()


@functools.cache
def _findings() -> engine.Result:
    bundle = healthy("verify")
    bundle["api"]["webhooks"][0]["failure_policy"] = "Ignore"
    return engine.run(Evidence(bundle), RULES, "verify", ["policy"])


def read_entries(content: bytes) -> None:
    result = copy.deepcopy(_findings())
    engine.accept(result, json.loads(content), IDS, datetime.date(2026, 11, 22))
    engine.gate(result)


# --- What modules and filters are given that look at one thing each ---


class _Node(Host):
    """A node whose folder of CNI has one file, twice."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    def names_or_none(self, path: str) -> list[str]:
        return ["05-cilium.conflist", "10-other.conf", "10-flannel.conflist.cilium_bak"]

    def read(self, path: str, limit: int = 0) -> bytes:
        return self._content


def read_chain(content: bytes) -> None:
    found = plain(chain.read(_Node(content), "/etc/cni/net.d", ["/opt/cni/bin"]))
    json.dumps([found, chain.wrong(found, ["cilium-cni", "istio-cni"])], ensure_ascii=False, allow_nan=False).encode()
    cni_chain.cni_chain(content.decode("utf-8", "replace"))


def read_certificates(content: bytes) -> None:
    said = content.decode("utf-8", "replace")
    kept = certificate._only("the text", said)
    json.dumps(certificate_action.judge({"/x.pem": kept}, kept, duration.with_days(said[:40]), _NOW), ensure_ascii=False).encode()
    json.dumps(certificate.certificate(said, said), ensure_ascii=False).encode()


_BUDGET = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "minAvailable": "50%",
        "maxUnavailable": None,
        "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
    },
    "status": {"disruptionsAllowed": 1, "expectedPods": 3, "currentHealthy": 3, "desiredHealthy": 2},
}


def damaged_budget(random: Random) -> bytes:
    found = copy.deepcopy(_BUDGET)
    if random.random() < 0.5:
        key = random.choice(("minAvailable", "maxUnavailable"))
        said = random.choice(("50%", "100%", "0%", "3"))
        found["spec"][key] = damage.text(said.encode(), random).decode("utf-8", "replace")  # type: ignore[index]
    else:
        found = damage.value(found, random)
    return json.dumps(found).encode()


def read_budget(content: bytes) -> None:
    found: Any = yaml.safe_load(content) if content.isascii() and len(content) < 2000 else json.loads(content)
    for replicas in (None, 0, 3):
        json.dumps(disruption_budget.disruption_budget(found, replicas), allow_nan=False)
