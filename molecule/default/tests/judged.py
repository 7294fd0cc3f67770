# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Our verdict on a few objects in an otherwise healthy cluster, to be laid beside that of somebody else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from ztlab import paths

sys.path.insert(0, str(paths.CHECKOUT / "tests" / "unit" / "plugins" / "module_utils" / "rules"))

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import folder, offline
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence, assemble
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import RULES
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.rule import STAGES

CORPUS = Path(__file__).parent / "corpus"


def corpus(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file of the corpus."""
    return list(yaml.safe_load((CORPUS / f"{name}.yaml").read_text())["items"])


def of_cluster(rule: str, **changes: Any) -> dict[str, str]:
    """Return what a rule says of each subject: FAIL, PASS or UNKNOWN. `changes` stand in the place of the cluster's `api`."""
    bundle = healthy("verify")
    bundle["api"].update(changes)
    return _verdicts(rule, bundle)


def of_file(rule: str, path: Path) -> dict[str, str]:
    """Return what a rule says of each subject where a cluster has the objects of a file as well."""
    read = folder.read(str(path))
    read.bundle = healthy("verify")
    # A namespace of the file is that one alone, and not with the labels of the cluster's besides.
    for kind, _namespace, name in read.objects.names:
        if kind == "Namespace":
            read.bundle["api"]["namespaces"].pop(name, None)
            read.bundle["api"]["pods"][name] = []
    made = offline.evidence(read, {}, [])
    bundle = assemble(
        cluster=made.cluster,
        collected_at=made.evidence["collected_at"],
        moment="verify",
        desired=made.desired,
        nodes=made.nodes,
        cluster_evidence=made.evidence,
    )
    return _verdicts(rule, bundle)


def _verdicts(rule: str, bundle: dict[str, Any]) -> dict[str, str]:
    chosen = [one for one in RULES if one.id == rule]
    found = engine.run(Evidence(bundle), chosen, "verify", list(STAGES)).findings
    assert not [one.message for one in found if "the rule itself failed" in one.message]
    return {one.subject: one.verdict for one in found}


def failing(verdicts: dict[str, str]) -> set[str]:
    return {subject for subject, verdict in verdicts.items() if verdict == "FAIL"}
