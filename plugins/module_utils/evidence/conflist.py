# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CNI configuration files, judged as libcni and istio-cni judge them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Optional, Union

EXTENSIONS = (".conf", ".conflist", ".json")
LEFTOVER = ".cilium_bak"

# Their whole objects are evidence; of any other plugin only the type is.
OURS = ("cilium-cni", "istio-cni")

# Whose agent writes a file with this plugin in it. Others (bridge, portmap ...) may be anybody's.
_WRITERS = {
    "antrea": "Antrea",
    "aws-cni": "Amazon VPC CNI",
    "azure-vnet": "Azure CNI",
    "calico": "Calico",
    "cilium-cni": "Cilium",
    "flannel": "Flannel",
    "istio-cni": "Istio",
    "kube-ovn": "Kube-OVN",
    "linkerd-cni": "Linkerd",
    "multus": "Multus",
    "multus-shim": "Multus",
    "ovn-k8s-cni-overlay": "OVN-Kubernetes",
    "weave-net": "Weave",
}

# libcni allows far more, but no real chain comes near, and everything behind us recurses.
DEPTH = 32

Source = Union[str, bytes, Mapping[str, Any]]


class Invalid(ValueError):
    """The runtime would refuse this file."""


def runtime_order(names: Iterable[str]) -> list[str]:
    """The names that containerd reads, in its order: the first is the default network."""
    return sorted((name for name in names if _extension(name) in EXTENSIONS), key=os.fsencode)


def leftovers(names: Iterable[str]) -> list[str]:
    """What Cilium put aside because cni.exclusive was on."""
    return sorted(name for name in names if name.endswith(LEFTOVER))


def istio_reads(files: Iterable[Mapping[str, Any]]) -> Optional[str]:
    """The file istio-cni takes as primary: the first valid one; it does not look at .json."""
    for file in files:
        if file["valid"] and _extension(file["name"]) in (".conf", ".conflist"):
            return str(file["name"])
    return None


def types(chain: Mapping[str, Any]) -> list[str]:
    return [str(plugin["type"]) for plugin in chain["plugins"]]


def writers(chain: Mapping[str, Any]) -> list[str]:
    """Who writes such a file, as far as its plugins tell."""
    return list(dict.fromkeys(_WRITERS[kind] for kind in types(chain) if kind in _WRITERS))


def parse(source: Source, name: str = "") -> dict[str, Any]:
    """Read one file. `name` decides its kind; without one, a top-level `type` makes it a single plugin."""
    chain: dict[str, Any] = {"valid": False, "error": None, "cni_name": None, "cni_version": None, "plugins": []}
    try:
        document = _document(source)
        chain["cni_name"] = _text(document.get("name"))
        chain["cni_version"] = _text(document.get("cniVersion"))
        single = _extension(name) in (".conf", ".json") if _extension(name) in EXTENSIONS else "type" in document
        plugins = [document] if single else _plugins(document)
        chain["plugins"] = [_plugin(plugin) for plugin in plugins]
        _require(document, plugins, single)
        chain["valid"] = True
    except Invalid as invalid:
        chain["error"] = str(invalid)
    return chain


def _document(source: Source) -> Mapping[str, Any]:
    if isinstance(source, Mapping):
        document: Any = source
    else:
        text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
        try:
            document = json.loads(text, parse_constant=_refuse)
        except RecursionError:
            raise Invalid("nested too deeply") from None
        except ValueError as error:
            raise Invalid(f"not JSON: {error}") from None
    if not isinstance(document, Mapping):
        raise Invalid("not a JSON object")
    if _deeper(document, DEPTH):
        raise Invalid("nested too deeply")
    return document


def _plugins(document: Mapping[str, Any]) -> list[Any]:
    plugins = document.get("plugins")
    if plugins is None:
        raise Invalid("no plugins in list")
    if not isinstance(plugins, list):
        raise Invalid("plugins is not a list")
    if not plugins:
        raise Invalid("no plugins in list")
    return plugins


def _plugin(plugin: Any) -> dict[str, Any]:
    kind = plugin.get("type") if isinstance(plugin, Mapping) else None
    kind = kind if isinstance(kind, str) and kind else None
    if kind in OURS:
        return dict(plugin)
    return {"type": kind}


def _require(document: Mapping[str, Any], plugins: list[Any], single: bool) -> None:
    if not single:
        if "name" not in document:
            raise Invalid("no name")
        if not isinstance(document["name"], str):
            raise Invalid("name is not a string")
    if not isinstance(document.get("cniVersion", ""), str):
        raise Invalid("cniVersion is not a string")
    for index, plugin in enumerate(plugins):
        where = "the plugin" if single else f"plugin {index}"
        if not isinstance(plugin, Mapping):
            raise Invalid(f"{where} is not an object")
        kind = plugin.get("type")
        if not isinstance(kind, str) or not kind:
            raise Invalid(f"{where} has no type")


def _extension(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None


def _refuse(constant: str) -> Any:
    raise Invalid(f"not JSON: {constant}")


def _deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _step in range(limit):
        below: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return False
        level = below
    return True
