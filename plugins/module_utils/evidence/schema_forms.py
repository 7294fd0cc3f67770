# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms that the schema of a bundle is written in, as JSON Schema 2020-12.

Nothing refers to anything: where a value is wrong, its form is found by walking the schema beside it. `x-holds` says of a text
and `x-keys` of the names in a mapping what they are to somebody who may not know the site: `redaction` goes by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Form = dict[str, Any]

TEXT: Form = {"type": "string"}


def text(holds: str) -> Form:
    return {**TEXT, "x-holds": holds}


# A word of the field: a version, a kind, a state, a setting's value that only programs choose. It stays.
WORD = text("word")
# The name of a node, namespace, pod, service or of anything else that somebody named, alone or as `namespace/name`.
NAME = text("name")
# An address, a network, a host, with a port or as a URL.
ADDRESS = text("address")
# A network interface.
LINK = text("link")
# What a user set, where only some words are everybody's.
VALUE = text("value")
# `--name=value`.
ARGUMENT = text("argument")
# The key of something that a user may set: a chart's own, or one that nobody knows.
SETTING = text("setting")
IMAGE = text("image")
# A file of a folder that is read in the order of names, beside one of ours.
FILE = text("file")
# The key of a label, annotation or taint.
LABEL = text("label")
# What a program said of an error: it stays but for names, hosts and addresses in it.
SAID = text("said")
# A dotted path into the bundle.
PATH = text("path")
# Hexadecimal, and of one machine or certificate.
IDENTITY = text("identity")
PUBLIC_KEY = text("public key")
# `CN=...,O=...`
SUBJECT = text("subject")
WHOLE: Form = {"type": "integer"}
NUMBER: Form = {"type": "number"}
SWITCH: Form = {"type": "boolean"}
# What a user or another program wrote, kept as it is.
ANYTHING: Form = {}
MAPPING: Form = {"type": "object"}
# A user may write anything that YAML reads without quotes.
SCALAR: Form = {"type": ["string", "number", "boolean", "null"], "x-holds": "value"}
TIME: Form = {
    "type": "string",
    "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$",
    "description": "a time as 2026-11-22T19:00:00Z",
}


def listed(entry: Form) -> Form:
    return {"type": "array", "items": entry}


def keyed(keys: Form, value: Form) -> Form:
    """A mapping from names to values that are all of one form."""
    return {"type": "object", "additionalProperties": value, "x-keys": keys["x-holds"]}


def mapping(properties: Mapping[str, Form], required: Sequence[str] = ()) -> Form:
    """A mapping of known keys. Others are left alone: a later collection of the same schema version may have added them."""
    return {"type": "object", "properties": dict(properties), **({"required": list(required)} if required else {})}


def excerpt(properties: Mapping[str, Form], required: Sequence[str] = ()) -> Form:
    """What is read of a mapping that is kept as it was written; its other keys are anything."""
    return {**mapping(properties, required), "additionalProperties": ANYTHING}


def one_of(*values: str) -> Form:
    return {"type": "string", "enum": list(values)}


def or_null(form: Form) -> Form:
    """It was looked for, and may not be there."""
    types = form["type"] if isinstance(form["type"], list) else [form["type"]]
    return {**form, "type": list(dict.fromkeys((*types, "null")))}


WORDS, NAMES, ADDRESSES, VALUES = listed(WORD), listed(NAME), listed(ADDRESS), listed(VALUE)
LABELS = keyed(LABEL, SCALAR)
MISSING = listed(mapping({"path": PATH, "reason": SAID}, ["path", "reason"]))
