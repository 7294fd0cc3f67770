# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence about what the node's packet filter does with packets that pods send and get through the host's stack."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import firewall
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.kubernetes import Chains


def read(host: Host, chains: Chains, uplink: Optional[str]) -> list[dict[str, Any]]:
    """Each base chain at the forward hook, each way. One that drops is final, whatever the others accept."""
    legacy = {family: text for family, text in chains.saved().items() if "*filter\n" in text}
    # kube-proxy's refuses what goes to Services alone, and goes with kube-proxy.
    native = [one for one in firewall.forward_chains(chains.replies()) if one[1] != firewall.KUBE_PROXY_TABLE]
    if not legacy and not native:
        return []
    # Loaded where there is something to parse: what is loaded on a node is compiled in every execution.
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import forward_rules

    return forward_rules.read(host, legacy, native, uplink)
