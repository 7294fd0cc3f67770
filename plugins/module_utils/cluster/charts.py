# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the charts that are to be installed: what docs/evidence_cluster.md lists under `charts`."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..evidence import chart as charts
from ..evidence import chart_forms, rendering, secret_values
from . import chart_knowledge, chart_source, helm_command, program

# Nothing but CRDs and a validation webhook; a megabyte of YAML that no rule reads.
_NOT_RENDERED = ("base",)


def collect(given: Mapping[str, Mapping[str, Any]], helm: str, kubernetes: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Read and render every given chart."""
    binary = shutil.which(helm or "helm")
    with ThreadPoolExecutor(2) as pool:
        read = list(pool.map(lambda entry: _one(entry[0], entry[1], binary, helm, kubernetes), given.items()))
    found: dict[str, Any] = {}
    missing: list[dict[str, str]] = []
    for name, one, gaps in read:
        found[name] = one
        missing += gaps
    return found, missing


def _one(
    name: str, given: Mapping[str, Any], binary: str | None, helm: str, kubernetes: str
) -> tuple[str, dict[str, Any], list[dict[str, str]]]:
    if given.get("unknown"):
        named = {"user_values_name": given["user_values_name"]}
        return name, named, [{"path": f"charts.{name}", "reason": str(given["unknown"])}]
    values = given.get("values") or {}
    user_values = given.get("user_values") or {}
    one: dict[str, Any] = {
        "ref": str(given.get("ref") or ""),
        "repo_url": secret_values.redact(str(given.get("repo_url") or "")),
        "version": str(given.get("version") or ""),
        "release": given.get("release") or name,
        "namespace": given.get("namespace") or "default",
        "values": secret_values.redact(values),
        "user_values": secret_values.redact(user_values),
        "user_values_name": given.get("user_values_name") or f"the values of {name}",
        "origins": given.get("origins") or {},
    }
    missing: list[dict[str, str]] = []

    def gap(key: str, reason: str) -> None:
        missing.append({"path": f"charts.{name}.{key}", "reason": reason})

    try:
        path = chart_source.locate(one["ref"], str(given.get("repo_url") or ""), one["version"], binary)
        chart = chart_knowledge.read(path)
    except charts.ChartError as error:
        missing.append({"path": f"charts.{name}", "reason": str(error)})
        return name, one, missing
    one["chart"] = {"name": chart.name, "version": chart.version, "app_version": chart.app_version}
    one["effective"] = secret_values.redact(charts.effective(chart, values))
    one["problems"] = charts.problems(chart, user_values, name)
    one["forms"] = chart_forms.problems(chart, values, user_values)
    if name in _NOT_RENDERED:
        return name, one, missing
    if binary is None:
        for key in ("rendered", "render_error"):
            gap(key, f"helm was not found ({helm or 'not in the path'}), so the chart was not rendered")
        return name, one, missing
    rendered, refusal = _render(binary, path, one, values, kubernetes)
    one["render_error"] = refusal
    if rendered is None:
        gap("rendered", f"helm template failed: {refusal}")
    else:
        one["rendered"] = rendered
    return name, one, missing


def _render(
    binary: str, path: str, one: Mapping[str, Any], values: Mapping[str, Any], kubernetes: str
) -> tuple[dict[str, Any] | None, str | None]:
    """Run `helm template`, away from any cluster and from the user's own Helm settings."""
    with tempfile.TemporaryDirectory(prefix="zerotrust-helm-") as home:
        values_file = os.path.join(home, "values.json")
        with open(os.open(values_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(values, file)
        command = [
            binary,
            "template",
            str(one["release"]),
            path,
            "--namespace",
            str(one["namespace"]),
            "--values",
            values_file,
        ]
        if kubernetes:
            command += ["--kube-version", kubernetes]
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "KUBE"))},
            "HELM_CACHE_HOME": home,
            "HELM_CONFIG_HOME": home,
            "HELM_DATA_HOME": home,
        }
        try:
            done = program.run(command, environment)
        except (OSError, program.Refused) as error:
            return None, str(error)
    if done.code:
        return None, helm_command.refusal(done.said)
    try:
        documents = charts.load_documents(done.output)
    except ValueError as error:
        return None, f"what it renders is not YAML: {str(error)[:300]}"
    return rendering.describe(documents), None
