# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of an evidence bundle: code, because Ansible brings no other file to a module; docs has it as JSON.

Version 1 grows: a key may be added, and what was collected without it stays readable. A key that goes away or comes to mean
something else makes version 2.
"""

from __future__ import annotations

from .bundle import SCHEMA
from .schema_api import API
from .schema_forms import (
    ADDRESS,
    ADDRESSES,
    MAPPING,
    MISSING,
    NAME,
    NAMES,
    PATH,
    SAID,
    SCALAR,
    SWITCH,
    TIME,
    VALUE,
    WHOLE,
    WORD,
    Form,
    keyed,
    listed,
    mapping,
    one_of,
    or_null,
)
from .schema_node import NODE
from .schema_objects import RENDERED

_DESIRED = mapping(
    {
        "cluster": NAME,
        "nodes": keyed(NAME, mapping({"node_name": NAME, "ips": ADDRESSES, "opens": SWITCH})),
        "pod_cidrs": ADDRESSES,
        "service_cidrs": ADDRESSES,
        "api": mapping({"host": ADDRESS, "port": {"type": "integer", "minimum": 1, "maximum": 65535}}),
        "features": mapping(
            dict.fromkeys(("wireguard", "kube_proxy_replacement", "routing", "tunnel_protocol", "ambient"), SCALAR)
        ),
        "certificates": mapping({"days": WHOLE, "outage_hours": WHOLE}),
        "namespaces": mapping({"protected": NAMES, "mesh": NAMES}),
        "stages": listed(one_of("node", "network", "policy", "mesh", "enforcement")),
    }
)
_CHART = mapping(
    {
        **dict.fromkeys(("version", "user_values_name"), WORD),
        **dict.fromkeys(("release", "namespace"), NAME),
        **dict.fromkeys(("ref", "repo_url"), VALUE),
        "values": MAPPING,
        "user_values": MAPPING,
        "origins": keyed(PATH, VALUE),
        "chart": mapping({"name": WORD, "version": WORD, "app_version": VALUE}),
        "effective": MAPPING,
        "problems": listed(mapping({"path": PATH, "suggestion": PATH, "why": SAID, "places": listed(PATH)}, ["path"])),
        "forms": listed(mapping({"path": PATH, "why": SAID, "write": SAID}, ["path", "why"])),
        "rendered": RENDERED,
        "render_error": or_null(VALUE),
    }
)
PARTS: dict[str, Form] = {
    "schema": one_of(SCHEMA),
    "cluster": NAME,
    "moment": one_of("plan", "preflight", "verify"),
    "collected_at": TIME,
    "desired": _DESIRED,
    "nodes": keyed(NAME, NODE),
    "api": API,
    "charts": keyed(WORD, _CHART),
    "missing": MISSING,
    "notes": listed(SAID),
}
BUNDLE: Form = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": SCHEMA,
    **mapping(PARTS, [name for name in PARTS if name != "notes"]),
}
