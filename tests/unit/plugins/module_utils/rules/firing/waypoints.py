# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case, enrolled_alone

_WAYPOINT = "istio.io/use-waypoint"


def waypoint(b, **more):
    """The namespace shop behind a waypoint of its own."""
    b["api"]["namespaces"]["shop"]["labels"][_WAYPOINT] = "waypoint"
    found = {"namespace": "shop", "name": "waypoint", "class": "istio-waypoint", "programmed": True, **more}
    b["api"]["gateways"].append(found)


@case("ZT-IST-016", "Gateway shop/waypoint", "there is none, and namespace shop names it")
def ist_016(b):
    waypoint(b)
    b["api"]["gateways"].clear()


@case("ZT-IST-016", "Gateway shop/waypoint", "it is not programmed")
def ist_016_2(b):
    waypoint(b, programmed=False)


@case("ZT-IST-016", "Gateway mesh/shared", "the Gateway API is not installed, and Service shop/web names it")
def ist_016_3(b):
    labels = {_WAYPOINT: "shared", f"{_WAYPOINT}-namespace": "mesh"}
    b["api"]["use_waypoint"].append({"kind": "Service", "namespace": "shop", "name": "web", "labels": labels})
    b["api"]["gateways"] = None


def policy(b, **spec):
    found = {"namespace": "shop", "name": "one", "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}
    b["api"]["policies"]["authorization_policies"].append(found)


@case("ZT-IST-015", "AuthorizationPolicy shop/one", "they come through shop/waypoint, which it does not name")
def ist_015(b):
    waypoint(b)
    policy(b, rules=[{"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/client"]}}]}])


@case("ZT-IST-015", "AuthorizationPolicy shop/one", "they come through shop/waypoint")
def ist_015_2(b):
    waypoint(b)
    policy(b, action="DENY", rules=[{"from": [{"source": {"namespaces": ["other"]}}]}])


@case("ZT-IST-015", "AuthorizationPolicy desk/one", "they come through desk/waypoint, which it does not name")
def ist_015_single(b):
    enrolled_alone(b)
    b["api"]["namespaces"]["desk"]["labels"][_WAYPOINT] = "waypoint"
    policy(b, rules=[{"from": [{"source": {"principals": ["cluster.local/ns/desk/sa/client"]}}]}])
    b["api"]["policies"]["authorization_policies"][-1]["namespace"] = "desk"
