# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of an evidence bundle: code, because Ansible brings no other file to a module; docs has it as JSON.

Version 1 grows: a key may be added, and what was collected without it stays readable. A key that goes away or comes to mean
something else makes version 2.
"""

from __future__ import annotations

from .bundle import SCHEMA
from .schema_api import API
from .schema_forms import MAPPING, MISSING, SCALAR, TEXT, TEXTS, TIME, Form, keyed, listed, mapping, one_of, or_null
from .schema_node import NODE
from .schema_objects import RENDERED

_DESIRED = mapping(
    {
        "cluster": TEXT,
        "nodes": keyed(mapping({"node_name": TEXT, "ips": TEXTS})),
        "pod_cidrs": TEXTS,
        "service_cidrs": TEXTS,
        "api": mapping({"host": TEXT, "port": {"type": "integer", "minimum": 1, "maximum": 65535}}),
        "features": mapping(
            dict.fromkeys(("wireguard", "kube_proxy_replacement", "routing", "tunnel_protocol", "ambient"), SCALAR)
        ),
        "namespaces": mapping({"protected": TEXTS, "mesh": TEXTS}),
        "stages": listed(one_of("node", "network", "policy", "mesh", "enforcement")),
    }
)
_CHART = mapping(
    {
        **dict.fromkeys(("ref", "repo_url", "version", "release", "namespace", "user_values_name"), TEXT),
        "values": MAPPING,
        "user_values": MAPPING,
        "origins": keyed(TEXT),
        "chart": mapping({"name": TEXT, "version": TEXT, "app_version": TEXT}),
        "effective": MAPPING,
        "problems": listed(mapping({"path": TEXT, "suggestion": TEXT, "why": TEXT}, ["path"])),
        "rendered": RENDERED,
        "render_error": or_null(TEXT),
    }
)
PARTS: dict[str, Form] = {
    "schema": one_of(SCHEMA),
    "cluster": TEXT,
    "moment": one_of("preflight", "verify"),
    "collected_at": TIME,
    "desired": _DESIRED,
    "nodes": keyed(NODE),
    "api": API,
    "charts": keyed(_CHART),
    "missing": MISSING,
    "notes": TEXTS,
}
BUNDLE: Form = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": SCHEMA,
    **mapping(PARTS, [name for name in PARTS if name != "notes"]),
}
