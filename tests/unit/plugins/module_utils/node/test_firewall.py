# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions of the host firewall. What its scripts do to a kernel is shown by molecule's scenario `node`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from machine import debian, process

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import lets_in, sockets
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall import (
    backend,
    boot,
    change,
    found,
    openings,
    state,
    undo,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.iptables import Iptables
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.firewall.nftables import Hook, Nftables, hooks
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.missing import Missing
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

HEALTH = {"port": "4240", "protocol": "tcp", "sources": ["10.0.0.2", "10.0.0.1", "fd00::1"], "reason": "Cilium health"}
WIREGUARD = {"port": "51871", "protocol": "udp", "sources": ["10.0.0.1"], "reason": "WireGuard"}
API = {"port": "6443", "protocol": "tcp", "sources": ["0.0.0.0/0", "::/0"], "reason": "Kubernetes API"}
NO_CHAINS = json.dumps({"nftables": [{"metainfo": {}}]})


def wanted(*entries, guard=True):
    return openings.desired(entries, guard)


class Node:
    """A node whose commands answer what the test says, by how they begin."""

    def __init__(self, folder, *without):
        self.host = debian(folder)
        self.without = without
        self.said = {"nft -j list chains": NO_CHAINS, "iptables -V": "iptables v1.8.11 (nf_tables)"}
        self.commands = []
        self.host.run = self._run
        self.host.tool = lambda *names: next((f"/usr/sbin/{name}" for name in names if name not in without), None)
        self.host.put("/run/systemd/system/.here")
        self.host.put("/etc/systemd/system/dbus.service")
        self.host.put("/var/lib/dbus/machine-id")

    def _run(self, command):
        text = " ".join(command).replace("/usr/sbin/", "")
        self.commands.append(text)
        for start, answer in self.said.items():
            if text.startswith(start):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return ""


@pytest.fixture
def machine(tmp_path):
    return Node(tmp_path)


# --- openings ---


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({**HEALTH, "port": "0"}, "'0' is no port or range between 1 and 65535"),
        ({**HEALTH, "port": "70000"}, "'70000' is no port or range between 1 and 65535"),
        ({**HEALTH, "port": "9-1"}, "'9-1' is no port or range"),
        ({**HEALTH, "port": "http"}, "'http' is no port; write one like 4240"),
        ({**HEALTH, "port": ""}, "tcp needs a port"),
        ({**HEALTH, "protocol": "icmp"}, "icmp has no ports"),
        ({**HEALTH, "protocol": "sctp"}, "there is no protocol 'sctp'"),
        ({**HEALTH, "sources": []}, "names no sources"),
        ({**HEALTH, "sources": ["node1"]}, "'node1' is neither an address nor a network"),
        ({**HEALTH, "sources": ["10.0.0.1/8"]}, "has host bits set"),
    ],
)
def test_wrong_openings_are_told_with_their_entry(entry, says):
    with pytest.raises(Refused, match="openings, entry 2") as error:
        wanted(API, entry)
    assert says in str(error.value)


def test_sources_are_collapsed_and_sorted():
    one = wanted({**HEALTH, "sources": ["10.0.0.1", "10.0.0.0", "10.0.0.0/31", "fd00::1"]}).openings[0]
    assert one.sources == ("10.0.0.0/31", "fd00::1/128")


def test_a_port_open_to_everyone_is_not_guarded():
    assert wanted(HEALTH, API).guarded(4) == [("tcp", "4240")]
    assert wanted(HEALTH, API, guard=False).guarded(4) == []


def test_opening_keeps_what_was_open_and_closing_says_what_goes():
    earlier = wanted(HEALTH)
    later = wanted({**HEALTH, "sources": ["10.0.0.3", "10.0.0.1"]})
    between = openings.both(earlier, later)
    assert openings.opened(earlier, later) == ["4240/tcp from 10.0.0.3/32"]
    assert openings.closed(earlier, between) == []
    assert openings.closed(between, later) == ["4240/tcp from 10.0.0.2/32", "4240/tcp from fd00::1/128"]
    assert between.guard


def test_the_first_opening_closes_nothing():
    between = openings.both(None, wanted(HEALTH))
    assert not between.guard
    assert openings.closed(between, wanted(HEALTH)) == ["the ports above to everyone else"]


@pytest.mark.parametrize(
    ("address", "port", "refused"),
    [
        ("10.0.0.1", 4240, False),
        ("10.0.0.9", 4240, True),
        ("::ffff:10.0.0.9", 4240, True),
        ("::ffff:10.0.0.1", 4240, False),
        ("fd00::2", 4240, True),
        ("10.0.0.9", 6443, False),
        ("10.0.0.9", 22, False),
        ("127.0.0.1", 4240, False),
    ],
)
def test_who_would_be_kept_out(address, port, refused):
    assert (openings.keeps_out(wanted(HEALTH, API), address, port) is not None) is refused


# --- which firewall ---


def test_nftables_where_nothing_rules(machine):
    assert backend.find(machine.host, "auto").name == "nftables"


def test_iptables_where_there_is_no_nft(tmp_path):
    assert backend.find(Node(tmp_path, "nft").host, "auto").name == "iptables"


def test_iptables_where_its_input_drops(machine):
    machine.said["iptables -w 10 -S INPUT"] = "-P INPUT DROP\n-A INPUT -p tcp --dport 22 -j ACCEPT\n"
    assert backend.find(machine.host, "auto").name == "iptables"


def test_rules_of_kubernetes_are_no_firewall(machine):
    machine.said["iptables -w 10 -S INPUT"] = "-P INPUT ACCEPT\n-A INPUT -j KUBE-FIREWALL\n-A INPUT -j CILIUM_INPUT\n"
    assert backend.find(machine.host, "auto").name == "nftables"


def test_old_tables_are_not_created_by_asking(machine):
    machine.said["iptables -V"] = "iptables v1.8.11 (legacy)"
    backend.find(machine.host, "auto")
    assert not [command for command in machine.commands if "-S INPUT" in command]


def test_ufw_and_firewalld_are_found(machine):
    machine.host.put("/etc/ufw/ufw.conf", "# x\nENABLED=yes\nLOGLEVEL=low\n")
    assert backend.find(machine.host, "auto").name == "ufw"
    machine.host.put("/etc/ufw/ufw.conf", "ENABLED=no\n")
    process(machine.host, 500, "firewalld")
    machine.said["firewall-cmd --get-active-zones"] = "internal\n  interfaces: eth1\npublic (default)\n  interfaces: eth0\n"
    machine.said["firewall-cmd --get-default-zone"] = "public\n"
    assert backend.find(machine.host, "auto").name == "firewalld"
    machine.host.put("/etc/ufw/ufw.conf", "ENABLED=yes\n")
    with pytest.raises(Refused, match="two firewalls rule this node, firewalld and ufw"):
        backend.find(machine.host, "auto")


def test_two_rulesets_that_drop_are_two_firewalls(machine):
    machine.said["iptables -w 10 -S INPUT"] = "-P INPUT DROP\n"
    machine.said["nft -j list chains"] = chains(("inet", "filter", "input", "drop"))
    with pytest.raises(Refused, match="iptables drops packets, and so does a base chain of nftables"):
        backend.find(machine.host, "auto")


def test_another_backend_than_asked_for_is_refused(machine):
    with pytest.raises(Refused, match="asks for ufw, but nftables rules this node"):
        backend.find(machine.host, "ufw")


def test_without_any_tool_the_package_is_named(tmp_path):
    with pytest.raises(Refused, match="install the package nftables"):
        backend.find(Node(tmp_path, "nft", "iptables").host, "auto")


# --- nftables ---


def chains(*entries):
    keys = ("family", "table", "name", "policy")
    return json.dumps(
        {
            "nftables": [
                {"chain": {**dict(zip(keys, one, strict=True)), "type": "filter", "hook": "input", "prio": 0}} for one in entries
            ]
        }
    )


def test_only_base_chains_that_drop_are_hooked(machine):
    machine.said["nft -j list chains"] = chains(
        ("inet", "filter", "input", "drop"),
        ("inet", "site", "in", "accept"),
        ("inet", "open", "in", "accept"),
        ("ip", "filter", "INPUT", "drop"),
        ("ip", "kube-proxy", "filter-input", "accept"),
        ("inet", "firewalld", "filter_INPUT", "accept"),
        ("inet", "zerotrust", "input", "accept"),
    )
    machine.said["nft -j list chain inet site in"] = json.dumps({"nftables": [{"rule": {"expr": [{"reject": None}]}}]})
    machine.said["nft -j list chain inet open in"] = json.dumps({"nftables": [{"rule": {"expr": [{"accept": None}]}}]})
    assert hooks(machine.host, "/usr/sbin/nft") == (Hook("inet", "filter", "input"), Hook("inet", "site", "in"))


@pytest.mark.parametrize("said", ["", "[]", '{"nftables": 1}', '{"nftables": ["x"]}', "[" * 100000])
def test_a_listing_that_is_none_is_a_reason(machine, said):
    machine.said["nft -j list chains"] = said
    with pytest.raises(Unreadable, match="nft -j list chains: what it printed is no list of nftables in JSON"):
        hooks(machine.host, "/usr/sbin/nft")


def test_a_chain_hooked_once_stays_ours_to_unhook(machine):
    machine.said["nft -j list chains"] = chains(("inet", "site", "in", "accept"))
    rule = {"rule": {"expr": [{"jump": {"target": "zerotrust"}}]}}
    machine.said["nft -j list chain inet site in"] = json.dumps({"nftables": [rule]})
    assert hooks(machine.host, "/usr/sbin/nft") == (Hook("inet", "site", "in"),)


def test_nftables_changes_everything_in_one_transaction(machine):
    script = Nftables(machine.host, "/usr/sbin/nft", (Hook("inet", "filter", "input"),)).script(wanted(HEALTH, API))
    assert script.count("/usr/sbin/nft -f -") == 1
    assert "flush ruleset" not in script
    assert "delete table inet zerotrust" in script
    assert "    tcp dport { 4240 } ip saddr @sources" in script
    assert "    meta nfproto ipv6 tcp dport 4240 drop" in script
    assert "6443 drop" not in script
    assert "\nhook inet filter input\n" in script


# --- iptables ---


def test_iptables_flushes_only_its_own_chain(machine):
    script = Iptables(machine.host, "/usr/sbin", ufw=False).script(wanted(HEALTH))
    assert script.count('"$1-restore" -w 10 --noflush') == 1
    assert "-F" not in script
    assert "-A ZEROTRUST -s 10.0.0.1/32 -p tcp -m multiport --dports 4240 -j ACCEPT" in script
    assert "-A ZEROTRUST -s fd00::1/128 -p tcp -m multiport --dports 4240 -j ACCEPT" in script
    assert script.count("-A ZEROTRUST -p tcp --dport 4240 -j DROP") == 2


def test_no_rule_has_more_ports_than_multiport_takes(machine):
    many = [{**API, "port": str(port)} for port in range(1000, 1040)] + [{**API, "port": "30000-32767"}]
    script = Iptables(machine.host, "/usr/sbin", ufw=False).script(wanted(*many))
    lists = [line.split("--dports ")[1].split()[0] for line in script.splitlines() if "--dports" in line]
    assert max(len(ports.replace(":", ",").split(",")) for ports in lists) <= 15
    assert {port for ports in lists for port in ports.split(",")} == {*map(str, range(1000, 1040)), "30000:32767"}


# --- the change ---


def forced(machine, *entries):
    """In force, and waiting for its confirmation."""
    change.put_in_force(machine.host, change.plan(machine.host, wanted(*entries), "auto", opening=False), 60, disconnect=False)


def test_the_undo_is_armed_before_anything_changes(machine):
    plan = change.plan(machine.host, wanted(HEALTH), "auto", opening=False)
    assert plan.changed
    machine.commands.clear()
    change.put_in_force(machine.host, plan, 60, disconnect=False)
    assert machine.commands[0].startswith("systemd-run --quiet --unit=zerotrust-firewall-undo --on-active=60 ")
    assert machine.commands[1].startswith("/bin/sh -c set -e\nhook()")
    assert undo.armed(machine.host)
    assert not machine.host.exists(state.STATE)
    assert not machine.host.exists(boot.SCRIPT)


def test_a_confirmed_change_outlasts_the_next_boot(machine):
    forced(machine, HEALTH)
    assert change.confirm(machine.host) == "nftables"
    assert not undo.armed(machine.host)
    assert "4240" in machine.host.get(boot.SCRIPT)
    assert "systemctl stop zerotrust-firewall-undo.timer" in machine.commands
    assert "systemctl enable --quiet zerotrust-firewall.service" in machine.commands
    again = change.plan(machine.host, wanted(HEALTH), "auto", opening=True)
    assert not again.changed
    assert again.left_open == []


def test_rules_that_somebody_changed_are_written_again(machine):
    forced(machine, HEALTH)
    change.confirm(machine.host)
    machine.said["nft -s list table inet zerotrust"] = "table inet zerotrust {\n}\n"
    assert change.plan(machine.host, wanted(HEALTH), "auto", opening=False).changed


def test_a_change_that_was_taken_back_cannot_be_confirmed(machine):
    with pytest.raises(Refused, match="taken back before it was confirmed"):
        change.confirm(machine.host)


def test_what_fails_halfway_is_taken_back_at_once(machine):
    plan = change.plan(machine.host, wanted(HEALTH), "auto", opening=False)
    machine.said["/bin/sh -c"] = Unreadable("nft: exit code 1: no such set type")
    with pytest.raises(Refused, match="no such set type; everything was restored"):
        change.put_in_force(machine.host, plan, 60, disconnect=False)
    assert f"/bin/sh {undo.SCRIPT}" in machine.commands
    assert not undo.armed(machine.host)


def test_an_unconfirmed_change_is_taken_back_before_the_next(machine):
    forced(machine, HEALTH)
    plan = change.plan(machine.host, wanted(API), "auto", opening=False)
    machine.commands.clear()
    change.put_in_force(machine.host, plan, 60, disconnect=False)
    assert machine.commands[:2] == ["systemctl stop zerotrust-firewall-undo.timer", f"/bin/sh {undo.SCRIPT}"]


def test_an_unconfirmed_change_goes_with_the_rest(machine):
    forced(machine, HEALTH)
    plan = change.plan(machine.host, None, "auto", opening=False)
    assert plan.changed
    machine.commands.clear()
    change.put_in_force(machine.host, plan, 60, disconnect=False)
    assert machine.commands == ["systemctl stop zerotrust-firewall-undo.timer", f"/bin/sh {undo.SCRIPT}"]
    assert not machine.host.exists("/var/lib/zerotrust")
    assert not change.plan(machine.host, None, "auto", opening=False).changed


def test_the_way_back_leaves_nothing_of_itself(machine, tmp_path):
    undo.arm(machine.host, 60, "true\n")
    script = machine.host.get(undo.SCRIPT).replace("/var/lib/zerotrust", str(tmp_path / "var/lib/zerotrust"))
    (tmp_path / "var/lib/zerotrust/firewall-undo.sh").write_text(script)
    (tmp_path / "var/lib/zerotrust/firewall-pending.json").write_text("{}")
    subprocess.run(["/bin/sh", tmp_path / "var/lib/zerotrust/firewall-undo.sh"], check=True)
    assert not (tmp_path / "var/lib/zerotrust").exists()


def test_without_systemd_nothing_is_changed(machine, tmp_path):
    (tmp_path / "run/systemd/system/.here").unlink()
    (tmp_path / "run/systemd/system").rmdir()
    with pytest.raises(Refused, match=r"does not run systemd.*nothing was changed"):
        forced(machine, HEALTH)
    assert not machine.host.exists(undo.SCRIPT)


def test_a_change_that_locks_the_controller_out_is_refused(machine):
    process(machine.host, 70, "python3")
    process(machine.host, 60, "sudo")
    machine.host.put("/proc/70/environ", "PATH=/bin\0")
    machine.host.put("/proc/70/stat", "70 (python3) S 60 70 70 0")
    machine.host.put("/proc/60/environ", "SSH_CONNECTION=10.9.0.5 50000 10.0.0.1 22\0")
    machine.host.put("/proc/60/stat", "60 (a b) c) S 1 60 60 0")
    machine.host.own_process = lambda: 70
    ssh = {"port": "22", "protocol": "tcp", "sources": ["10.8.0.0/16"], "reason": "administration"}
    plan = change.plan(machine.host, wanted(ssh), "auto", opening=False)
    with pytest.raises(
        Refused, match=r"you come from 10\.9\.0\.5 to port 22, and 22/tcp \(administration\) would let in only 10\.8"
    ):
        change.put_in_force(machine.host, plan, 60, disconnect=True)
    assert not undo.armed(machine.host)


def tcp_table(*rows):
    return "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" + "".join(
        f"   {number}: {local} {remote} {state} 00000000:00000000 00:00000000 00000000     0        0 {1000 + number} 1 0\n"
        for number, (local, remote, state) in enumerate(rows)
    )


def test_who_is_connected_is_not_cut_off(machine):
    # 10.0.0.1:4240 with 10.0.0.9, and with a node; a listening socket.
    machine.host.put(
        "/proc/net/tcp",
        tcp_table(
            ("0100000A:1090", "0900000A:C000", "01"),
            ("0100000A:1090", "0200000A:C001", "01"),
            ("00000000:1090", "00000000:0000", "0A"),
        ),
    )
    plan = change.plan(machine.host, wanted(HEALTH), "auto", opening=False)
    with pytest.raises(Refused, match=r"connected now: 10\.0\.0\.9 to 4240/tcp\. Add them"):
        change.put_in_force(machine.host, plan, 60, disconnect=False)
    change.put_in_force(machine.host, plan, 60, disconnect=True)


def test_a_connection_of_the_node_with_itself_is_nobody(machine):
    machine.host.put(
        "/proc/net/tcp", tcp_table(("0900000A:1090", "0900000A:C000", "01"), ("0900000A:C000", "0900000A:1090", "01"))
    )
    forced(machine, HEALTH)


def test_connections_are_read_as_the_kernel_prints_them():
    text = tcp_table(("0100007F:0277", "0100007F:9C40", "01"), ("garbage", "x", "01"))
    assert sockets.connected(text.splitlines()) == [sockets.Connected("127.0.0.1", 631, "127.0.0.1")]


def test_taking_away_what_is_not_there_changes_nothing(machine):
    plan = change.plan(machine.host, None, "auto", opening=False)
    assert not plan.changed
    assert change.outcome(plan)["backend"] == "none"


def test_a_firewall_taken_away_leaves_no_file(machine, tmp_path):
    before = machine.host.tree()
    forced(machine, HEALTH)
    change.confirm(machine.host)
    plan = change.plan(machine.host, None, "auto", opening=False)
    assert plan.changed
    change.put_in_force(machine.host, plan, 60, disconnect=False)
    change.confirm(machine.host)
    assert machine.host.tree() == before


def test_a_damaged_state_is_told_with_its_file(machine):
    machine.host.put(state.STATE, "{")
    with pytest.raises(Refused, match=r"firewall\.json is damaged; remove it"):
        change.plan(machine.host, wanted(HEALTH), "auto", opening=False)


# --- evidence ---


def read(machine):
    missing = Missing()
    evidence = found.read(machine.host, missing)
    assert missing.entries == []
    return evidence


def confirmed(machine, *entries):
    forced(machine, *entries)
    change.confirm(machine.host)


def test_what_the_evidence_says_of_a_quiet_node(machine):
    assert read(machine) == {"managers": [], "flushes": [], "zerotrust": None, "waiting": False}


def test_what_empties_everybodys_rules_is_named(machine):
    machine.host.put("/etc/nftables.conf", "#!/usr/sbin/nft -f\n\nflush ruleset\n")
    assert read(machine)["flushes"] == []
    machine.host.put("/etc/systemd/system/sysinit.target.wants/nftables.service")
    assert read(machine)["flushes"] == ["/etc/nftables.conf: flush ruleset"]


def test_what_decides_whether_a_reload_of_firewalld_spares_others(machine):
    process(machine.host, 500, "firewalld")
    machine.said["firewall-cmd --version"] = "2.3.1\n"
    assert read(machine)["firewalld"] == {"version": "2.3.1", "backend": "nftables", "direct": False}
    machine.host.put("/etc/firewalld/firewalld.conf", "# FirewallBackend=x\nFirewallBackend=iptables\nFlushAllOnReload=yes\n")
    machine.host.put(
        "/etc/firewalld/direct.xml", '<?xml version="1.0"?>\n<direct>\n  <rule priority="0">-j ACCEPT</rule>\n</direct>\n'
    )
    assert read(machine)["firewalld"] == {"version": "2.3.1", "backend": "iptables", "direct": True}
    machine.host.put("/etc/firewalld/direct.xml", '<?xml version="1.0"?>\n<direct>\n</direct>\n')
    assert not read(machine)["firewalld"]["direct"]


def test_a_change_that_waits_is_evidence(machine):
    forced(machine, HEALTH)
    assert read(machine)["waiting"]
    assert "drift" not in read(machine)
    change.confirm(machine.host)
    assert read(machine) == {
        "managers": [],
        "flushes": [],
        "zerotrust": "nftables",
        "waiting": False,
        "lets_in": [
            {
                "port": "4240",
                "protocol": "tcp",
                "reason": "Cilium health",
                "count": 3,
                "sources": ["10.0.0.1/32", "10.0.0.2/32", "fd00::1/128"],
            }
        ],
        "drift": {"rules": [], "files": []},
    }


def test_what_somebody_changed_of_ours_is_named(machine):
    machine.said["nft -s list table inet zerotrust"] = "table inet zerotrust {\n\ttcp dport 4240 drop\n}\n"
    confirmed(machine, HEALTH)
    machine.said["nft -s list table inet zerotrust"] = "table inet zerotrust {\n\ttcp dport 22 accept\n}\n"
    machine.host.put(boot.SCRIPT, "#!/bin/sh\n")
    machine.host.remove(boot.UNIT_FILE)
    drift = read(machine)["drift"]
    assert drift["rules"] == ["- tcp dport 4240 drop", "+ tcp dport 22 accept"]
    assert [(one["path"], one["mtime"] is None) for one in drift["files"]] == [(boot.UNIT_FILE, True), (boot.SCRIPT, False)]


def test_an_emptied_ruleset_is_named_in_a_few_lines(machine):
    machine.said["nft -s list table inet zerotrust"] = "".join(f"{number} {'x' * 500}\n" for number in range(50))
    confirmed(machine, HEALTH)
    machine.said["nft -s list table inet zerotrust"] = Unreadable("nft: exit code 1: no such table")
    rules = read(machine)["drift"]["rules"]
    assert rules[-1] == "and 38 more"
    assert max(map(len, rules)) == 160


def test_a_firewall_whose_manager_is_off_is_not_asked(machine):
    confirmed(machine, HEALTH)
    kept = json.loads(machine.host.get(state.STATE))
    machine.host.put(state.STATE, json.dumps({**kept, "backend": "firewalld"}))
    machine.commands.clear()
    assert read(machine)["zerotrust"] == "firewalld"
    assert machine.commands == []


def test_a_damaged_state_costs_only_what_it_says(machine):
    machine.host.put(state.STATE, "{")
    missing = Missing()
    assert found.read(machine.host, missing) == {"managers": [], "flushes": [], "waiting": False}
    assert "firewall.json is damaged" in missing.entries[0]["reason"]


def test_the_networks_of_a_large_cluster_are_a_digest(machine):
    confirmed(machine, {**HEALTH, "sources": [f"10.{number // 128}.{number % 128 * 2}.1" for number in range(300)]})
    (one,) = read(machine)["lets_in"]
    assert one["count"] == 300 and "sources" not in one
    assert one["digest"] == lets_in.digest(lets_in.collapsed(f"10.{n // 128}.{n % 128 * 2}.1" for n in reversed(range(300))))
