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


def said(reason, name, message, last="2026-11-24T03:41:00Z"):
    about = {"kind": "Pod", "namespace": "shop", "name": name}
    return {"metadata": {}, "involvedObject": about, "reason": reason, "message": message, "lastTimestamp": last}


def test_of_reasons_that_are_everywhere_only_what_matters_is_kept():
    found = event.newest(
        [
            said("Failed", "root", "Error: container has runAsNonRoot and image will run as root"),
            said("Failed", "image", "Error: ImagePullBackOff"),
            said("Failed", "pull", "Failed to pull image"),
            said("Unhealthy", "slow", 'Readiness probe failed: Get "http://10.0.0.1/": context deadline exceeded'),
            said("Unhealthy", "starting", "Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused"),
        ]
    )
    assert [one["name"] for one in found] == ["root", "slow"]


def test_of_very_many_the_newest_are_kept_and_it_is_said():
    many = [
        said("Unhealthy", f"pod-{number:04d}", "i/o timeout", f"2026-11-24T03:{number // 60:02d}:{number % 60:02d}Z")
        for number in range(event.MOST + 20)
    ]
    failed = said("FailedCreate", "web", "is forbidden", "2026-11-24T01:00:00Z")
    kept, short = event.cut(event.newest([*many, failed]))
    assert short == ["Unhealthy"]
    names = [one["name"] for one in kept if one["reason"] == "Unhealthy"]
    assert (len(names), names[0]) == (event.MOST, "pod-0020")
    assert [one["name"] for one in kept if one["reason"] == "FailedCreate"] == ["web"]
    few = event.newest(many[:10])
    assert event.cut(few) == (few, [])
