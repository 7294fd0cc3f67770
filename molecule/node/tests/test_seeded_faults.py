# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Faults that sites bring along, on a bare node: preflight tells all of them at once, by name, and nothing is changed.

And faults in the middle of a change: nothing stays half done, and the next run succeeds.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from ztlab.testing import refuses

sys.path.insert(0, str(Path(__file__).parent))

import machine

NODE = "node2"


def settings(host):
    """A kernel that was built without what is needed: as far as its own file of options tells."""
    host.check_output("sh -c 'sed s/CONFIG_BPF_JIT=y/CONFIG_BPF_JIT=n/ /boot/config-$(uname -r) > /run/config'")
    host.check_output("sh -c 'mount --bind /run/config /boot/config-$(uname -r)'")


def no_settings(host):
    host.check_output("sh -c 'umount /boot/config-$(uname -r)'")


def blacklist(host):
    host.run("modprobe -r wireguard")
    machine.put(host, "/etc/modprobe.d/hardening.conf", "install wireguard /bin/false\nblacklist wireguard")


def no_blacklist(host):
    host.check_output("rm /etc/modprobe.d/hardening.conf")


def taken(host):
    host.check_output("systemd-run --quiet --collect --unit=taken socat UDP-LISTEN:51871,fork EXEC:cat")


def no_taken(host):
    host.check_output("systemctl stop taken")


def filtered(host):
    """Something before the node drops one of its ports, and large packets."""
    rules = (
        "type filter hook prerouting priority -300;",
        "udp dport 8472 drop",
        "meta length > 1450 icmp type echo-request drop",
    )
    machine.put(host, "/root/way.nft", "\n".join(["table inet kube-way {", "chain before {", *rules, "}", "}"]))
    host.check_output("nft -f /root/way.nft")


def no_filtered(host):
    host.check_output("nft delete table inet kube-way")


def two_firewalls(host):
    host.check_output("sed -i s/ENABLED=no/ENABLED=yes/ /etc/ufw/ufw.conf")
    # Its process is what tells that firewalld is on.
    host.check_output(
        "sh -c 'cp /usr/bin/sleep /root/firewalld && systemd-run --quiet --collect --unit=fake /root/firewalld 900'"
    )


def no_two_firewalls(host):
    host.check_output("sed -i s/ENABLED=yes/ENABLED=no/ /etc/ufw/ufw.conf")
    host.check_output("systemctl stop fake")


def no_forwarding(host):
    """What hardened rule sets leave: nothing is forwarded, and what iptables accepts does not matter."""
    chain = "chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; }"
    machine.put(host, "/root/site.nft", f"table inet site {{ {chain}; }}")
    host.check_output("nft -f /root/site.nft")


def forwarding(host):
    host.check_output("nft delete table inet site")


def hardening(host):
    """What hardening roles write, in a file that is applied after ours."""
    machine.put(host, "/etc/sysctl.d/zz-hardening.conf", "net.ipv4.ip_forward = 0\nnet.ipv4.conf.lxc*.rp_filter = 1")


def no_hardening(host):
    host.check_output("rm /etc/sysctl.d/zz-hardening.conf")


def late(host):
    host.check_output('sh -c \'date -s "$(date -d "5 seconds ago" +%FT%T.%N)"\'')


def no_late(host):
    host.check_output('sh -c \'date -s "$(date -d "5 seconds" +%FT%T.%N)"\'')


def foreign(host):
    plugin = '{"cniVersion": "0.3.1", "name": "k8s-pod-network", "plugins": [{"type": "calico"}]}'
    machine.put(host, "/etc/cni/net.d/10-calico.conflist", plugin)


def no_foreign(host):
    host.check_output("rm /etc/cni/net.d/10-calico.conflist")


def noexec(host):
    host.check_output("sh -c 'mount --bind /opt/cni/bin /opt/cni/bin && mount -o remount,bind,noexec /opt/cni/bin'")


def no_noexec(host):
    host.check_output("umount /opt/cni/bin")


def read_only(host):
    host.check_output("sh -c 'mount --bind /etc/cni/net.d /etc/cni/net.d && mount -o remount,bind,ro /etc/cni/net.d'")


def no_read_only(host):
    host.check_output("umount /etc/cni/net.d")


def writable(host):
    host.check_output("chmod o+w /opt/cni/bin")


def no_writable(host):
    host.check_output("chmod o-w /opt/cni/bin")


# Fault, its way back, the rule that has to name it, and what it has to say.
FAULTS = [
    (settings, no_settings, "ZT-NODE-004", "CONFIG_BPF_JIT"),
    (blacklist, no_blacklist, "ZT-NODE-002", "wireguard"),
    (taken, no_taken, "ZT-NODE-017", "51871/udp (WireGuard) by socat"),
    (filtered, no_filtered, "ZT-NODE-011", "8472/udp"),
    (two_firewalls, no_two_firewalls, "ZT-NODE-051", "ufw"),
    (no_forwarding, forwarding, "ZT-NODE-057", "by nftables inet site forward (policy drop)"),
    (hardening, no_hardening, "ZT-NODE-042", "/etc/sysctl.d/zz-hardening.conf sets net.ipv4.ip_forward = 0"),
    (late, no_late, "ZT-NODE-028", "behind the controller"),
    (foreign, no_foreign, "ZT-NODE-036", "10-calico.conflist (Calico)"),
    (writable, no_writable, "ZT-NODE-035", "/opt/cni/bin"),
    (noexec, no_noexec, "ZT-NODE-031", "/opt/cni/bin is on a mount with noexec"),
    (read_only, no_read_only, "ZT-NODE-031", "/etc/cni/net.d is on a read-only mount"),
]

# What the node stage has not yet tried to open itself is not known to be closed by somebody else.
MAY_BE_OPENED = "ZT-NODE-011"


@pytest.fixture
def bare(playbook, cluster):
    done = playbook("uninstall", "--tags", "node", "-e", f"zerotrust_uninstall={cluster.name}")
    assert done.returncode == 0, done.stdout[-4000:]


def test_all_faults_are_told_at_once_and_nothing_is_changed(node, playbook, bare, tmp_path):
    host = node(NODE)
    for fault, _back, _rule, _words in FAULTS:
        fault(host)
    try:
        before = machine.fingerprint(host)
        run = playbook("preflight")
        refuses(run)
        report = json.loads((tmp_path / "preflight.json").read_text())
        failed = [one for one in report["findings"] if one["verdict"] == "FAIL"]
        of_node = [(one["id"], one["verdict"], one["message"]) for one in report["findings"] if NODE in one["subject"]]
        for _fault, _back, rule, words in FAULTS:
            wanted = "UNKNOWN" if rule == MAY_BE_OPENED else "FAIL"
            assert any([rule, wanted] == told and words in message for *told, message in of_node), (rule, words, of_node)
        assert "ZT-NODE-050" in {one["id"] for one in failed}
        assert machine.difference(before, machine.fingerprint(host)) == []
    finally:
        for _fault, back, _rule, _words in reversed(FAULTS):
            back(host)


def test_a_full_disk_in_the_middle_leaves_nothing_half_done(node, playbook, bare):
    host = node(NODE)
    before = machine.fingerprint(host)
    host.check_output("mount -t tmpfs -o size=4k tmpfs /etc/sysctl.d")
    host.check_output("sh -c 'head -c 4096 /dev/zero > /etc/sysctl.d/full'")
    try:
        run = playbook("site", "--tags", "node")
        refuses(run, "/etc/sysctl.d/99-zzzz-zerotrust.conf: no space left on device", "everything was restored")
    finally:
        host.check_output("umount /etc/sysctl.d")
    assert machine.difference(before, machine.fingerprint(host)) == []


def test_a_read_only_etc_is_told_and_leaves_nothing_half_done(node, playbook, bare):
    host = node(NODE)
    before = machine.fingerprint(host)
    host.check_output("sh -c 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'")
    try:
        refuses(playbook("site", "--tags", "node"), f"ZT-NODE-031 ({NODE}): /etc is on a read-only mount")
    finally:
        host.check_output("umount /etc")
    assert machine.difference(before, machine.fingerprint(host)) == []


def test_a_module_killed_in_the_middle_is_gone_on_from(node, playbook, bare):
    """Loading a kernel module hangs; its process is killed then, as the kernel does when memory runs out."""
    host = node(NODE)
    before = machine.fingerprint(host)
    host.check_output("modprobe -r wireguard")
    machine.put(host, "/root/modprobe", "#!/bin/sh\npkill -KILL -f node_baseline\nsleep 5")
    host.check_output("sh -c 'chmod +x /root/modprobe; mount --bind /root/modprobe $(readlink -f /usr/sbin/modprobe)'")
    try:
        refuses(playbook("site", "--tags", "node"), NODE)
    finally:
        host.check_output("sh -c 'umount $(readlink -f /usr/sbin/modprobe)'")
    done = playbook("site", "--tags", "node")
    assert done.returncode == 0, done.stdout[-4000:]
    again = playbook("uninstall", "--tags", "node", "-e", "zerotrust_uninstall=nodes")
    assert again.returncode == 0, again.stdout[-4000:]
    assert machine.difference({"files": before["files"], "settings": before["settings"]}, machine.fingerprint(host)) == []


def test_a_node_without_python_is_a_finding(node, playbook, bare):
    host = node(NODE)
    host.check_output("sh -c 'mv /usr/bin/python3 /usr/bin/python3.away'")
    try:
        refuses(playbook("preflight"), "ZT-NODE-016", NODE)
    finally:
        host.check_output("mv /usr/bin/python3.away /usr/bin/python3")
    time.sleep(1)
    assert playbook("preflight").returncode == 0
