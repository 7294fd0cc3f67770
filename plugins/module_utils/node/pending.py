# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is pending on a node: what node_baseline and node_firewall would change, planned by the same code and not carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import baseline, baseline_input
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import change
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import options as firewall_options
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Host, Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused


def read(host: Host, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`wanted`: the options of either module. Each part is its outcome, or `refused` with what it would fail with."""
    return {
        "baseline": _planned(host, wanted["baseline"], baseline_input.ARGUMENTS, _baseline),
        "firewall": _planned(host, wanted["firewall"], firewall_options.ARGUMENTS, _firewall),
    }


def _baseline(host: Host, options: Mapping[str, Any]) -> dict[str, Any]:
    return baseline.outcome(baseline.plan(host, baseline_input.desired(options)))


def _firewall(host: Host, options: Mapping[str, Any]) -> dict[str, Any]:
    return change.outcome(firewall_options.plan(host, options))


def _planned(
    host: Host, options: Mapping[str, Any], arguments: dict[str, Any], plan: Callable[[Host, Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    checked = ArgumentSpecValidator(arguments).validate(dict(options))
    if checked.error_messages:
        return {"refused": " ".join(checked.error_messages)}
    try:
        outcome = plan(host, checked.validated_parameters)
    except (Refused, Unreadable, OSError) as error:
        return {"refused": str(error)}
    # Whoever wants to see it asks the module itself, with --check --diff.
    del outcome["diff"]
    return outcome
