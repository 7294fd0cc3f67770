# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


def host_policy(b, name="hosts", selector=None, **spec):
    policies = b["api"]["policies"]["cilium_clusterwide_network_policies"]
    policies[:] = [one for one in policies if one["name"] != name]
    policies.append({"namespace": "", "name": name, "spec": {"nodeSelector": selector or {}, **spec}})


SUBJECT = "CiliumClusterwideNetworkPolicy hosts"
SSH = {"fromEntities": ["world"], "toPorts": [{"ports": [{"port": "22", "protocol": "TCP"}]}]}


@case("ZT-CIL-041", SUBJECT, "lets other nodes in to none of 4240/tcp, 4244/tcp, 8472/udp, 51871/udp")
def cil_041(b):
    host_policy(b, ingress=[SSH])


@case("ZT-CIL-041", SUBJECT, "lets other nodes in to none of 51871/udp", "preflight")
def cil_041_2(b):
    ports = [{"port": "4240", "endPort": 4244, "protocol": "TCP"}, {"port": "8472"}]
    host_policy(b, ingress=[{"fromEntities": ["remote-node"], "toPorts": [{"ports": ports}]}, {"icmps": [{}]}])


@case("ZT-CIL-041", SUBJECT, "its ingressDeny shuts out 51871/udp between nodes")
def cil_041_3(b):
    host_policy(
        b, ingress=[{"fromEntities": ["cluster"]}], ingressDeny=[{"toPorts": [{"ports": [{"port": "51871", "protocol": "UDP"}]}]}]
    )


@case("ZT-CIL-041", SUBJECT, "to none of 4240/tcp")
def cil_041_4(b):
    host_policy(b, ingress=[{}])
