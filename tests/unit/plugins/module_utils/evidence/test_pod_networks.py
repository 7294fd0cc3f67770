# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import pod_networks

UID = "0b7a6f52-6b1e-4a52-9f3c-0c5f1f7d2b11"
SLICE = f"pod{UID.replace('-', '_')}.slice/cri-containerd-1f.scope"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


@pytest.mark.parametrize(
    "cgroup",
    [
        f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-{SLICE}\n",
        f"0::/kubepods.slice/kubepods-{SLICE}\n",
        f"0::/kubepods/besteffort/pod{UID}/1f\n",
        f"12:pids:/kubepods/burstable/pod{UID}/1f\n1:name=systemd:/kubepods/burstable/pod{UID}/1f\n",
        f"0::/../../kubepods.slice/kubepods-{SLICE}\n",
    ],
)
def test_the_pod_of_a_process(cgroup):
    assert pod_networks.pod_of(cgroup) == UID


@pytest.mark.parametrize(
    "cgroup",
    [
        "",
        "0::/system.slice/containerd.service\n",
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod4f1d9a5c0b7e4a52.slice/cri-containerd-1f.scope\n",
        "0::/user.slice/podman-1234.scope\n",
    ],
)
def test_a_process_of_no_pod(cgroup):
    assert pod_networks.pod_of(cgroup) is None


def row(port, state="0A"):
    return f"   0: 00000000:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 41 1\n"


def test_what_listens_is_read_and_no_connection_behind_it():
    def lines():
        yield HEAD
        yield row(15006)
        yield row(8080)
        yield row(15008)
        yield row(15001, state="01")
        pytest.fail("read on")

    assert pod_networks.listening(lines()) == {15006, 15008}
    assert pod_networks.listening([]) == pod_networks.listening([HEAD]) == pod_networks.listening(["garbage"]) == set()
