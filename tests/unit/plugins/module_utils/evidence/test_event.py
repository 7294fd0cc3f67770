# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import event

SANDBOX = (
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "%s": plugin '
    'type="istio-cni" name="istio-cni" failed (add): istio-cni cmdAdd failed to contact node Istio CNI agent'
)


def sandbox(name, digit, **times):
    return {
        "metadata": {"name": f"{name}.17", "namespace": "shop", "creationTimestamp": "2026-11-24T03:40:00Z"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": name},
        "reason": "FailedCreatePodSandBox",
        "message": SANDBOX % (digit * 64),
        **times,
    }


def test_the_newest_event_of_each_pod_is_kept_and_sandboxes_are_not_told_apart():
    found = event.newest(
        [
            sandbox("b", "1", lastTimestamp="2026-11-24T03:41:00Z", count=2),
            sandbox("b", "2", lastTimestamp="2026-11-24T03:43:00Z", count=1),
            sandbox("a", "3", lastTimestamp=None, eventTime="2026-11-24T03:42:10.123456Z"),
            sandbox("c", "4", series={"count": 9, "lastObservedTime": "2026-11-24T03:44:00.000001Z"}),
            sandbox("d", "5"),
        ]
    )
    assert [(one["name"], one["last"], one["count"]) for one in found] == [
        ("a", "2026-11-24T03:42:10Z", 1),
        ("b", "2026-11-24T03:43:00Z", 1),
        ("c", "2026-11-24T03:44:00Z", 9),
        ("d", "2026-11-24T03:40:00Z", 1),
    ]
    assert len({one["message"] for one in found}) == 1
