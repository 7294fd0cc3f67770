# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import pod_networks

UID = "0b7a6f52-6b1e-4a52-9f3c-0c5f1f7d2b11"
SLICE = f"pod{UID.replace('-', '_')}.slice/cri-containerd-1f.scope"


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
