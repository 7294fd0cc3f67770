# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing the host firewall: planned, put in force under an armed undo, kept once a fresh connection confirmed it."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sockets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import socket_tables
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import backend as backends
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import boot, openings, state, undo
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.backend import Backend
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.state import State
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused


class Plan(NamedTuple):
    """`earlier`: what was put in force before, None for nothing; `target`: what will be now; `wanted`: once all may close."""

    backend: Backend
    earlier: Optional[State]
    target: Optional[Desired]
    wanted: Optional[Desired]
    changed: bool

    @property
    def before(self) -> Optional[Desired]:
        return self.earlier.desired if self.earlier is not None else None

    @property
    def left_open(self) -> list[str]:
        """What the closing phase will close."""
        return openings.closed(self.target, self.wanted) if self.target is not None and self.wanted is not None else []

    @property
    def opened(self) -> list[str]:
        return openings.opened(self.before, self.target) if self.target is not None else []

    @property
    def closed(self) -> list[str]:
        return openings.closed(self.before, self.target or Desired((), False))


def plan(host: Host, wanted: Optional[Desired], asked_backend: str, opening: bool) -> Plan:
    """`opening`: nothing that is open is closed yet; the other nodes may still need it."""
    earlier = state.read(host)
    if wanted is None and earlier is None:
        # Nothing stands but, after a restart of the node, what nobody confirmed and no timer takes back any more.
        return Plan(_NoFirewall(), None, None, None, changed=undo.armed(host))
    backend = backends.make(host, earlier.backend) if wanted is None and earlier else backends.find(host, asked_backend)
    if earlier is not None and earlier.backend != backend.name:
        raise Refused(
            f"the firewall of this node was written for {earlier.backend}, and {backend.name} rules it now: run once with "
            f"node_firewall: none, which takes the old rules away, and then again"
        )
    before = earlier.desired if earlier is not None else None
    target = openings.both(before, wanted) if opening and wanted is not None else wanted
    changed = (
        earlier is None
        or before != target
        or backend.listing() != earlier.listing
        or boot.differs(host, boot.files(backend, target))
    )
    return Plan(backend, earlier, target, wanted, changed)


class _NoFirewall:
    name = "none"
    after = ""

    def listing(self) -> str:
        return ""

    def script(self, desired: Optional[Desired]) -> str:
        return ""


def put_in_force(host: Host, made: Plan, undo_after: int, disconnect: bool) -> None:
    """Arms the undo first, unless all there is to do is to take an unconfirmed change back. What was is back when this raises.

    `disconnect`: close ports also to those who are connected now.
    """
    _spare_the_controller(host, made.wanted)
    if not disconnect:
        _spare_who_is_connected(host, made.wanted)
    if undo.armed(host):
        undo.fire(host)
    if made.earlier is None and made.target is None:
        return
    undo.arm(host, undo_after, made.backend.script(made.before))
    try:
        host.write(undo.PENDING, State(made.backend.name, made.target, "").text())
        host.run(["/bin/sh", "-c", f"set -e\n{made.backend.script(made.target)}"])
        host.write(undo.PENDING, State(made.backend.name, made.target, made.backend.listing()).text())
    except (OSError, Unreadable) as error:
        undo.fire(host)
        raise Refused(f"{error}; everything was restored") from None


def _spare_the_controller(host: Host, wanted: Optional[Desired]) -> None:
    came = undo.controller(host)
    if came is None or wanted is None:
        return
    address, port = came
    refusing = openings.keeps_out(wanted, address, port)
    if refusing is not None:
        raise Refused(
            f"this would lock you out: you come from {address} to port {port}, and {refusing.name} ({refusing.reason}) would let "
            f"in only {', '.join(refusing.sources)}. Add {address} to its sources; nothing was changed"
        )


def _spare_who_is_connected(host: Host, wanted: Optional[Desired]) -> None:
    """Who uses a port now is the best evidence of who needs it."""
    if wanted is None or not wanted.guard:
        return
    found = [one for lines in socket_tables.read(host, "tcp") for one in sockets.connected(lines)]
    own = {one.local for one in found}
    refused = ((one, openings.keeps_out(wanted, one.remote, one.port)) for one in found if one.remote not in own)
    cut = {(one.remote, refusing.name) for one, refusing in refused if refusing is not None}
    if cut:
        raise Refused(
            "this would close ports to somebody who is connected now: "
            + ", ".join(f"{remote} to {name}" for remote, name in sorted(cut)[:8])
            + ". Add them to node_firewall_openings, name their cluster's networks, or set node_firewall_disconnect: true; "
            "nothing was changed"
        )


def confirm(host: Host) -> str:
    """A fresh connection got in: keep the change, also over the next boot. Returns the backend's name."""
    undo.hold(host)
    waiting = state.read(host, undo.PENDING)
    if waiting is None:
        raise Refused("the change was taken back before it was confirmed: the node did not hear from you in time")
    backend = backends.make(host, waiting.backend)
    boot.put(host, boot.files(backend, waiting.desired))
    if waiting.desired is not None:
        host.write(state.STATE, waiting.text())
    elif host.exists(state.STATE):
        host.remove(state.STATE)
    undo.forget(host)
    return waiting.backend


def diff(made: Plan) -> list[dict[str, str]]:
    header = f"firewall ({made.backend.name})"
    return [
        {"before_header": header, "after_header": header, "before": _text(made.before), "after": _text(made.target)},
    ]


def _text(desired: Optional[Desired]) -> str:
    if desired is None:
        return ""
    lines = [f"{opening.name} from {', '.join(opening.sources)} # {opening.reason}" for opening in desired.openings]
    return "".join(f"{line}\n" for line in [*lines, "and from nobody else" if desired.guard else "and as before"])


def outcome(made: Plan) -> dict[str, Any]:
    return {
        "changed": made.changed,
        "diff": diff(made) if made.changed else [],
        "backend": made.backend.name,
        "opened": made.opened,
        "closed": made.closed,
        "left_open": made.left_open,
    }
