# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules about Gatekeeper's audit: that it sees what it judges, and has looked lately."""

from __future__ import annotations

from collections.abc import Iterator

from ..evidence import workload
from ..evidence.bundle import Evidence, Missing
from . import facts, gatekeeper_facts
from .facts import VERIFY, is_false, is_true, listed
from .rule import Answer, Catalogue, Fail, Pass

CATALOGUE = Catalogue("policy")

GK_002 = CATALOGUE.rule(
    "ZT-GK-002",
    "high",
    stages=("policy",),
    title="The audit sees what it judges",
    why="With auditFromCache the audit reads only kinds that SyncSets or Config replicate. Of all others it finds nothing, and "
    "reports 0 violations.",
    remediation="Set auditFromCache: false at the top level of the Gatekeeper values.",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/sync/",
)


@GK_002.check(each=facts.planned("gatekeeper"))
def _from_cache(evidence: Evidence, subject: str) -> Answer:
    from_cache = facts.effective(evidence, subject).get("auditFromCache")
    if from_cache is None or is_false(from_cache):
        return Pass("the audit reads from the API server")
    if not is_true(from_cache):
        # The chart writes it out as a flag, and the audit does not start with one that it cannot read.
        return Fail("auditFromCache is neither true nor false: the audit does not start, and nothing is audited")
    kinds = {(group, kind) for group, _version, kind in gatekeeper_facts.synced(evidence)}
    if not kinds:
        return Fail("auditFromCache is true, and nothing is synced: the audit will find nothing, whatever there is")
    unseen = []
    for several in evidence.api.view("gatekeeper").view("constraints").raw.values():
        for name, one in (several or {}).items():
            wanted = {
                (group, kind)
                for entry in one["match"].get("kinds") or [{}]
                for group in entry.get("apiGroups") or ["*"]
                for kind in entry.get("kinds") or ["*"]
            }
            # Every kind there is, nobody can sync.
            if any("*" in (group, kind) or (group, kind) not in kinds for group, kind in wanted):
                unseen.append(str(name))
    if unseen:
        return Fail(f"auditFromCache is true, and not every kind is synced of {listed(unseen, 5)}")
    return Pass("auditFromCache is true, and every constrained kind is synced")


GK_029 = CATALOGUE.rule(
    "ZT-GK-029",
    "high",
    stages=("policy", "enforcement"),
    title="The audit is fresh",
    why="An audit that stopped shows its last result for ever, and a policy is promoted on it.",
    remediation="kubectl -n gatekeeper-system logs deployment/gatekeeper-audit",
    source="https://open-policy-agent.github.io/gatekeeper/website/docs/audit/",
)
_SLACK_S = 60


@GK_029.check(moments=VERIFY)
def _audited(evidence: Evidence) -> Iterator[Pass | Fail]:
    from ..evidence import certificate

    gatekeeper_facts.controller(evidence)
    found = evidence.api.view("gatekeeper")
    if found["templates"] is None:
        return
    given = workload.arguments(found.view("audit").view("containers").view("manager").raw, "audit-interval")
    interval = int(given[0]) if given else 60
    if interval == 0:
        yield Fail("auditInterval is 0: there is no audit", "Set auditInterval: 60 at the top level of the Gatekeeper values.")
        return
    limit = 2 * interval + _SLACK_S
    now = certificate.moment(evidence.collected_at)
    young, fresh = [], 0
    for subject, one in gatekeeper_facts.constraints(evidence):
        if one["audited"] is None:
            age = (now - certificate.moment(one["created"])).total_seconds()
            if age <= limit:
                young.append(subject)
            else:
                yield Fail(f"never audited, {age:.0f} s after it was made; the audit runs every {interval} s", subject=subject)
            continue
        age = (now - certificate.moment(one["audited"])).total_seconds()
        if age > limit:
            yield Fail(f"last audited {age:.0f} s ago; the audit runs every {interval} s", subject=subject)
        else:
            fresh += 1
    if fresh:
        yield Pass(f"{fresh} constraints, each within {limit} s")
    if young:
        raise Missing("api.gatekeeper.constraints", f"not audited yet, as they are younger than two audits: {listed(young)}")
