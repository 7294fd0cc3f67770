# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the firewall was made to be, kept on the node: the openings, and what the backend printed once they were in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Optional

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

if TYPE_CHECKING:
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.openings import Desired

STATE = "/var/lib/zerotrust/firewall.json"


class State(NamedTuple):
    backend: str
    desired: Optional[Desired]
    listing: str

    def text(self) -> str:
        document = {"backend": self.backend, "desired": self.desired and self.desired.as_dict(), "listing": self.listing}
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


def read(host: Host, path: str = STATE) -> Optional[State]:
    """None where no firewall of ours is."""
    text = host.maybe(path)
    if text is None:
        return None
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import openings

    try:
        document = json.loads(text)
        kept = document["desired"]
        desired = openings.desired(kept["openings"], bool(kept["guard"])) if kept is not None else None
        return State(str(document["backend"]), desired, str(document["listing"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(f"{path} is damaged; remove it, and the firewall is written anew") from None
