# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Gatekeeper is, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..evidence import admission, gatekeeper_objects
from . import reading, secrets
from .reading import Reader, Reads

_WEBHOOK_SERVER = "gatekeeper-webhook-server-cert"


class Gatekeeper:
    """Reads it in its namespace."""

    def __init__(self, reader: Reader, namespace: str) -> None:
        self._reader = reader
        self._namespace = namespace

    def reads(self) -> Reads:
        reader, here = self._reader, self._namespace
        templates = "/apis/templates.gatekeeper.sh/v1/constrainttemplates"
        return [
            ("gatekeeper/webhook_server", lambda: secrets.certificates(reader, here, _WEBHOOK_SERVER, "tls.crt", "ca.crt")),
            ("gatekeeper/controller", lambda: reader.workload(here, "deployments", "gatekeeper-controller-manager")),
            ("gatekeeper/audit", lambda: reader.workload(here, "deployments", "gatekeeper-audit")),
            ("gatekeeper/templates", lambda: reader.by_name(templates, gatekeeper_objects.constraint_template)),
            ("gatekeeper/config", self._config),
            ("gatekeeper/other_configs", self._other_configs),
            ("gatekeeper/admission_policies", self._admission_policies),
            ("gatekeeper/sync_sets", lambda: reader.by_name("/apis/syncset.gatekeeper.sh/v1alpha1/syncsets", reading.spec)),
        ]

    def constraints(self, templates: Mapping[str, Any]) -> Reads:
        """What the templates that were read are asked for."""
        return [(f"gatekeeper/constraints/{one['kind']}", self._constraints(one["kind"])) for one in templates.values()]

    def _config(self) -> dict[str, Any] | None:
        found = self._reader.get(f"/apis/config.gatekeeper.sh/v1alpha1/namespaces/{self._namespace}/configs/config")
        return None if found is None else reading.spec(found)

    def _other_configs(self) -> list[str] | None:
        """Return where Configs are that nobody reads."""
        found = self._reader.items("/apis/config.gatekeeper.sh/v1alpha1/configs", metadata_only=True)
        ours = {"namespace": self._namespace, "name": "config"}
        return None if found is None else sorted("/".join(one.values()) for one in map(reading.place, found) if one != ours)

    def _admission_policies(self) -> list[dict[str, Any]] | None:
        found = self._reader.all_of("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", admission.policy)
        return None if found is None else [one for one in found if one["param_group"] == "constraints.gatekeeper.sh"]

    def _constraints(self, kind: str) -> Callable[[], Any]:
        path = f"/apis/constraints.gatekeeper.sh/v1beta1/{kind.lower()}"
        return lambda: self._reader.by_name(path, gatekeeper_objects.constraint)
