# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The node stage from a bare node to a prepared one and back, with every firewall a node may have, on two kernels.

The tests stand on one another in this order: a run of the stage takes long on emulated nodes, so none is made twice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ztlab.testing import refuses

sys.path.insert(0, str(Path(__file__).parent))

import machine

NODES = ("node1", "node2")
# Cilium's health port: the cluster's own, guarded, and free before Cilium is there.
PORT = 4240


@pytest.fixture(scope="module", autouse=True)
def stranger(cluster):
    address = cluster.namespace.inside("ip", "address", "replace", f"{machine.STRANGER}/24", "dev", "br0")
    subprocess.run(address, check=True)


@pytest.fixture(scope="module", autouse=True)
def before(node, stranger):
    """What the nodes were before anything of ours."""
    return {name: machine.fingerprint(node(name)) for name in NODES}


@pytest.fixture
def site(playbook):
    """The node stage by site.yml, which has to end well; its text."""

    def run(*words):
        done = playbook("site", "--tags", "node", *words)
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout

    return run


@pytest.fixture
def uninstall(playbook, cluster):
    def run(*words):
        done = playbook("uninstall", "--tags", "node", "-e", f"zerotrust_uninstall={cluster.name}", *words)
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout

    return run


@pytest.fixture
def listening(node):
    machine.listen(node("node1"), PORT)
    yield
    machine.deafen(node("node1"), PORT)


def address(cluster, name):
    return next(one.address for one in cluster.nodes if one.name == name)


def table(name, *lines):
    """An nftables table with one base chain at input."""
    return "\n".join([f"table inet {name} {{", "chain in {", f"type filter hook input {lines[0]}", *lines[1:], "}", "}"])


def changes(text):
    """From the recap: host -> how many tasks changed something."""
    recap = text.partition("PLAY RECAP")[2]
    return {line.split()[0]: int(line.partition("changed=")[2].split()[0]) for line in recap.splitlines() if "changed=" in line}


def cluster_gets_in(cluster, node, name):
    """Whether the other node reaches this one."""
    other = next(one for one in NODES if one != name)
    return machine.node_reaches(node(other), address(cluster, name), PORT)


def only_the_cluster_gets_in(cluster, node):
    return cluster_gets_in(cluster, node, "node1") and not machine.stranger_reaches(cluster, address(cluster, "node1"), PORT)


def refuses_to_lock_out(node, playbook):
    """Whoever lets administration in from elsewhere only is told so, and every node stays as it is."""
    elsewhere = {"port": "22", "protocol": "tcp", "sources": ["198.51.100.0/24"], "reason": "administration"}
    before = {name: machine.fingerprint(node(name)) for name in NODES}
    refuses(
        playbook("site", "--tags", "node", "-e", json.dumps({"node_firewall_openings": [elsewhere]})),
        "this would lock you out: you come from 192.168.66.1 to port 22",
        "22/tcp (administration)",
        "198.51.100.0/24",
        "nothing was changed",
    )
    for name in NODES:
        assert machine.difference(before[name], machine.fingerprint(node(name))) == []


def takes_back_what_nobody_confirms(node, playbook):
    """New connections to every node's sshd are dropped from the moment of the change on, for a while."""
    before = {name: machine.fingerprint(node(name))["rules"] for name in NODES}
    for name in NODES:
        machine.put(node(name), "/root/lost.nft", table("lost", "priority -300;", "tcp dport 22 ct state new drop"))
        machine.put(
            node(name),
            "/root/lose.sh",
            "until [ -e /var/lib/zerotrust/firewall-undo.sh ]; do sleep 0.1; done"
            "\nnft -f /root/lost.nft\nsleep 90\nnft delete table inet lost",
        )
        node(name).check_output("systemd-run --quiet --collect sh /root/lose.sh")
    run = playbook("site", "--tags", "node", "-e", "node_firewall_undo_after=20")
    refuses(run, "no fresh connection got in", "takes it back within 20 seconds")
    for name in NODES:
        comes_back(node(name))
        assert machine.difference({"rules": before[name]}, machine.fingerprint(node(name))) == []


def comes_back(host):
    """The undo has run, and what kept new connections out is gone."""
    machine.wait(lambda: machine.said(host, "echo back") == "back", seconds=180)
    machine.wait(lambda: not host.file("/var/lib/zerotrust/firewall-pending.json").exists)
    machine.wait(lambda: "inet lost" not in host.check_output("nft list tables"), seconds=120)


def test_check_mode_says_what_would_be_and_changes_nothing(node, site, before):
    text = site("--check", "--diff")
    assert f"{PORT}/tcp from 10.244.0.0/16, 192.168.66.11/32, 192.168.66.12/32 # Cilium health" in text
    for name in NODES:
        assert machine.difference(before[name], machine.fingerprint(node(name))) == []


def test_anyone_gets_in_before(cluster, node, listening):
    assert machine.stranger_reaches(cluster, address(cluster, "node1"), PORT)


def test_a_prepared_node_stays_so(cluster, node, site, listening):
    done = changes(site())
    # The baseline, opening and closing.
    assert {name: done[name] for name in NODES} == dict.fromkeys(NODES, 3)
    for name in NODES:
        assert "table inet zerotrust" in node(name).check_output("nft list tables")
        assert not node(name).file("/var/lib/zerotrust/firewall-pending.json").exists
        assert node(name).check_output("sysctl -n net.ipv4.conf.all.rp_filter") == "0"
    assert only_the_cluster_gets_in(cluster, node)
    again = changes(site())
    assert {name: again[name] for name in NODES} == dict.fromkeys(NODES, 0)


def test_a_rule_that_somebody_removed_comes_back(cluster, node, site, listening):
    node("node1").check_output("nft flush chain inet zerotrust input")
    assert machine.stranger_reaches(cluster, address(cluster, "node1"), PORT)
    assert changes(site())["node1"]
    assert only_the_cluster_gets_in(cluster, node)


def test_a_restart_of_the_service_that_flushes_brings_it_back(cluster, node, listening):
    node("node1").check_output("systemctl start nftables.service")
    machine.wait(lambda: only_the_cluster_gets_in(cluster, node))
    node("node1").check_output("systemctl restart nftables.service")
    machine.wait(lambda: only_the_cluster_gets_in(cluster, node))


def test_who_would_lock_himself_out_is_refused(node, playbook):
    refuses_to_lock_out(node, playbook)


def test_to_take_it_back_changes_both_once(uninstall):
    for expected in (2, 0):
        done = changes(uninstall())
        assert {name: done[name] for name in NODES} == dict.fromkeys(NODES, expected)


def test_who_is_connected_is_told_and_not_cut_off(cluster, node, playbook, listening):
    machine.serve(node("node1"), "talk-4244", 4244, "cat")
    stranger = subprocess.Popen(machine.stranger_calls(cluster, address(cluster, "node1"), 4244, "time.sleep(90)"))
    try:
        machine.wait(lambda: "192.168.66.200" in node("node1").check_output("ss -Htn state established sport = :4244"))
        refuses(playbook("site", "--tags", "node"), "connected now: 192.168.66.200 to 4244/tcp", "node_firewall_disconnect")
    finally:
        stranger.kill()
        stranger.wait()
        node("node1").run("systemctl stop talk-4244")


def test_nothing_is_dropped_while_it_changes(cluster, node, site):
    """One stream that never pauses, and new connections all the while, from absent to guarded."""
    host, peer = node("node1"), node("node2")
    machine.serve(host, "echo", PORT, "cat")
    machine.put(peer, "/root/probe.py", (Path(__file__).parent / "probe.py").read_text())
    peer.check_output(
        f"systemd-run --quiet --collect --unit=probe python3 /root/probe.py {address(cluster, 'node1')} {PORT} /root/probe.json"
    )
    try:
        machine.wait(lambda: peer.file("/root/probe.json").exists)
        site()
        time.sleep(3)
    finally:
        peer.run("systemctl stop probe")
        host.run("systemctl stop echo")
    seen = json.loads(peer.file("/root/probe.json").content_string)
    assert seen["stream"] > 50
    assert seen["connections"] > 10
    assert seen["failed"] == []


def test_a_reboot_changes_nothing(cluster, node, site, listening):
    prepared = machine.fingerprint(node("node2"))
    boot, guarded = "cat /proc/sys/kernel/random/boot_id", "systemctl is-active zerotrust-firewall.service"
    booted = machine.said(node("node2"), boot)
    # A command whose connection ends with the machine has no outcome.
    node("node2").check_output("systemd-run --on-active=2 systemctl reboot")
    machine.wait(lambda: machine.said(node("node2"), boot) not in ("", booted), seconds=300, pause=3)
    machine.wait(lambda: machine.said(node("node2"), guarded) == "active", 120, 3)
    after = machine.fingerprint(node("node2"))
    assert [line for line in machine.difference(prepared, after) if "zerotrust" in line or "rp_filter" in line] == []
    assert "wireguard" in node("node2").check_output("lsmod")
    again = changes(site())
    assert {name: again[name] for name in NODES} == dict.fromkeys(NODES, 0)


def test_nodes_come_and_go_while_one_is_off(cluster, node, site, playbook, listening, tmp_path):
    """node3 is added while node2 is off, who is caught up when it is back; then node3 leaves."""
    more = tmp_path / "more.yml"
    more.write_text(json.dumps({"nodes": {"hosts": {"node3": {"ansible_host": machine.STRANGER}}}}))

    def accepting(*known):
        entries = [{"id": one, "subject": name, "reason": "test", "until": "2099-12-31"} for one, name in known]
        return ("-i", str(more), "-e", json.dumps({"zerotrust_accepted": entries}))

    joins_later = (("ZT-NODE-016", "node3"), ("ZT-NODE-020", "node3"))
    cluster.supervisor.control("stop", "node2")
    try:
        refuses(playbook("site", "--tags", "node", "-i", str(more)), "ZT-NODE-016 (node2)", "ZT-NODE-016 (node3)")
        assert not machine.stranger_reaches(cluster, address(cluster, "node1"), PORT)
        done = changes(site(*accepting(("ZT-NODE-016", "node2"), *joins_later)))
        assert done["node1"]
        assert not done.get("node2")
        assert machine.stranger_reaches(cluster, address(cluster, "node1"), PORT)
    finally:
        cluster.up(cluster.spec["kinds"], 0)
    machine.wait(lambda: machine.said(node("node2"), "systemctl is-active zerotrust-firewall.service") == "active", 180, 3)
    machine.listen(node("node2"), PORT)
    assert not machine.stranger_reaches(cluster, address(cluster, "node2"), PORT)
    behind = playbook("verify", "--tags", "node", *accepting(*joins_later))
    refuses(behind, "ZT-NODE-054", "node2", f"does not let in node3 ({machine.STRANGER})")
    done = changes(site(*accepting(*joins_later)))
    assert (done["node1"], bool(done["node2"])) == (0, True)
    assert machine.stranger_reaches(cluster, address(cluster, "node2"), PORT)
    done = changes(site())
    assert all(done[name] for name in NODES)
    for name in NODES:
        assert not machine.stranger_reaches(cluster, address(cluster, name), PORT)
        assert cluster_gets_in(cluster, node, name)
    machine.deafen(node("node2"), PORT)


def test_a_lost_connection_takes_the_change_back(node, playbook, uninstall):
    uninstall()
    takes_back_what_nobody_confirms(node, playbook)
    assert not node("node1").file("/etc/zerotrust/firewall.sh").exists
    uninstall()


# What ufw sets when it is turned on and leaves when it is turned off.
_SETTINGS = "/root/settings-before-ufw"


def ufw(host):
    host.check_output(f"sh -c 'sysctl -a 2>/dev/null | grep -E ^net.ipv[46].conf.*_redirects > {_SETTINGS}'")
    host.check_output("systemctl unmask ufw.service")
    host.check_output("ufw default deny incoming")
    host.check_output("ufw allow 22/tcp")
    host.check_output("ufw --force enable")


def no_ufw(host):
    host.check_output("ufw --force reset")
    host.check_output("systemctl mask --now ufw.service")
    host.check_output(f"sysctl -q -p {_SETTINGS}")


def firewalld(host):
    host.check_output("systemctl unmask firewalld.service")
    host.check_output("systemctl start firewalld.service")


def no_firewalld(host):
    host.check_output("systemctl mask --now firewalld.service")


_INPUT = ("-i lo -j ACCEPT", "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", "-p tcp --dport 22 -j ACCEPT")


def iptables(host):
    for rule in _INPUT:
        host.check_output(f"iptables -A INPUT {rule}")
    host.check_output("iptables -P INPUT DROP")


def no_iptables(host):
    host.check_output("iptables -P INPUT ACCEPT")
    for rule in _INPUT:
        host.check_output(f"iptables -D INPUT {rule}")


def nftables(host):
    accepts = ("iif lo accept", "ct state established,related accept", "tcp dport 22 accept")
    machine.put(host, "/root/site.nft", table("site", "priority 0; policy drop;", *accepts))
    host.check_output("nft -f /root/site.nft")


def no_nftables(host):
    host.check_output("nft delete table inet site")


@pytest.mark.parametrize(
    "kinds", [((nftables, no_nftables), (iptables, no_iptables)), ((firewalld, no_firewalld), (ufw, no_ufw))]
)
def test_every_firewall_lets_in_the_cluster_and_nobody_else(kinds, cluster, node, site, playbook, uninstall):
    """One kind on each node, tried from each other and from outside; none locks the controller out. Debian 12's firewalld is
    refused (ZT-NODE-052)."""
    for name, (on, _off) in zip(NODES, kinds, strict=True):
        on(node(name))
        machine.listen(node(name), PORT)
    try:
        rules = {name: machine.fingerprint(node(name)) for name in NODES}
        assert not any(cluster_gets_in(cluster, node, name) for name in NODES)
        takes_back_what_nobody_confirms(node, playbook)
        refuses_to_lock_out(node, playbook)
        done = changes(site())
        assert all(done[name] for name in NODES)
        for name in NODES:
            assert cluster_gets_in(cluster, node, name)
            assert not machine.stranger_reaches(cluster, address(cluster, name), PORT)
        again = changes(site())
        assert {name: again[name] for name in NODES} == dict.fromkeys(NODES, 0)
        uninstall()
        for name in NODES:
            left = machine.difference(rules[name], machine.fingerprint(node(name)))
            # firewalld itself keeps the zone's file that it was first asked to write, and its backup of it.
            assert [line for line in left if "/etc/firewalld/zones/" not in line] == []
            assert not node(name).run("grep -rE 'priority=.-247[01]' /etc/firewalld/zones --include=*.xml").stdout
    finally:
        for name, (_on, off) in zip(NODES, kinds, strict=True):
            machine.deafen(node(name), PORT)
            off(node(name))


def test_two_firewalls_are_refused_by_name(node, playbook):
    for on in (ufw, firewalld):
        on(node("node1"))
    try:
        refuses(playbook("site", "--tags", "node"), "ZT-NODE-051 (node1): firewalld and ufw are both on")
    finally:
        no_ufw(node("node1"))
        no_firewalld(node("node1"))


def test_what_is_taken_back_leaves_the_node_as_it_was(node, uninstall, before):
    uninstall()
    for name in NODES:
        after = machine.fingerprint(node(name))
        changed = machine.difference({key: before[name][key] for key in ("files", "settings")}, after)
        # Trying them out left their own backups.
        assert [line for line in changed if "/etc/ufw" not in line and "/etc/firewalld" not in line] == []
        assert "zerotrust" not in after["rules"].lower()
