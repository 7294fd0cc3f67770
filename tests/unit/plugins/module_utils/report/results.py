# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real results for the reports to show: the healthy cluster, and a faulty one, with what its objects say put in."""

from datetime import date

from healthy import healthy

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.bundle import Evidence
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules import engine
from ansible_collections.zerotrust.baremetal.plugins.module_utils.rules.catalogue import IDS, RULES

STAGES = ["node", "network", "policy", "mesh", "enforcement"]
NASTY = "<script>alert('x')</script>\"&"
ACCEPTED = [{"id": "ZT-GK-003", "subject": "*", "reason": f"decided {NASTY}", "until": "2027-01-01"}]


def analysed(change=lambda bundle: None, accepted=(), moment="verify"):
    """Return an analysis and the bundle it is of."""
    bundle = healthy(moment)
    change(bundle)
    result = engine.run(Evidence(bundle), RULES, moment, STAGES)
    engine.accept(result, accepted, IDS, date(2026, 11, 22))
    engine.gate(result)
    return result, bundle


def faulty_saying(said):
    """Return a change: some faults, a gap, and a text that a cluster says in both."""

    def change(bundle):
        for node in bundle["nodes"].values():
            node["kernel"].update(release="5.4.0", version=[5, 4, 0])
        bundle["api"]["nodes"]["node1"].update(ready=False, reason=said)
        del bundle["api"]["policies"]
        bundle["missing"].append({"path": "api.policies", "reason": f"403: forbidden {said}"})
        for hook in bundle["api"]["webhooks"]:
            hook["failure_policy"] = "Ignore"

    return change


faulty = faulty_saying(NASTY)
