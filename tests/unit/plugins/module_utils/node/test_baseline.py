# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os

import pytest
from machine import process

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import sysctl
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import (
    baseline,
    baseline_files,
    baseline_input,
    network_services,
    redirects,
)
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.processes import Processes
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.refused import Refused

MODULES = [{"name": "wireguard", "reason": "encryption"}]
SYSCTLS = [
    {"name": "net.ipv4.ip_forward", "value": "1", "reason": "pods"},
    {"name": "net.ipv4.conf.all.rp_filter", "value": "0", "reason": "the kernel takes the larger of all and the link"},
    {"name": "net.ipv4.conf.lxc*.rp_filter", "value": "0", "reason": "pod links"},
]
NETWORKD_UNIT = "/usr/lib/systemd/system/systemd-networkd.service"
NETWORK_MANAGER_UNIT = "/usr/lib/systemd/system/NetworkManager.service"
ABSENT = baseline.Desired()


def desired(modules=tuple(MODULES), sysctls=tuple(SYSCTLS), networkd=True, network_manager=True):
    return baseline.Desired(
        baseline_input.modules(list(modules)), baseline_input.sysctls(list(sysctls)), networkd, network_manager
    )


def bring(node, wanted):
    plan = baseline.plan(node, wanted)
    if plan.changed:
        baseline.apply(node, plan)
    return plan


def values(node):
    return {
        key: node.get(f"/proc/sys/{key}").strip()
        for key in ("net/ipv4/ip_forward", "net/ipv4/conf/all/rp_filter", "net/ipv4/conf/lxc1/rp_filter")
    }


def test_apply_then_nothing_left_to_do(node):
    plan = bring(node, desired())
    assert plan.changed and plan.modules == ["wireguard"] and plan.conflicts == []
    assert set(values(node).values()) == {"1", "0"}
    assert node.get("/proc/sys/net/ipv4/conf/eth0/rp_filter").strip() == "2"
    assert "\n# encryption\nwireguard\n" in node.get(baseline_files.MODULES)
    assert "\n# pod links\n-net.ipv4.conf.lxc*.rp_filter = 0\n" in node.get(baseline_files.SYSCTLS)
    assert oct(os.stat(node.root + baseline_files.SYSCTLS).st_mode & 0o777) == "0o644"
    before = node.tree()
    assert not bring(node, desired()).changed
    assert node.tree() == before


def test_systemd_reads_our_file_as_meant(node):
    bring(node, desired())
    lines = sysctl.parse(node.get(baseline_files.SYSCTLS))
    assert [(line.key, line.value) for line in lines] == [(line.key, line.value) for line in desired().sysctls]


def test_absent_takes_back_exactly(node):
    before = node.tree()
    node.put(NETWORKD_UNIT)
    node.put(NETWORK_MANAGER_UNIT)
    bring(node, desired())
    assert node.tree() != before and node.exists(baseline_files.NETWORK_MANAGER)
    plan = bring(node, ABSENT)
    assert plan.changed and node.tree() == before
    assert not bring(node, ABSENT).changed


def test_absent_leaves_what_somebody_changed_since(node):
    bring(node, desired())
    node.put("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n")
    bring(node, ABSENT)
    assert values(node) == {"net/ipv4/ip_forward": "0", "net/ipv4/conf/all/rp_filter": "1", "net/ipv4/conf/lxc1/rp_filter": "2"}
    assert not node.exists(baseline_files.STATE)


def test_a_key_no_longer_asked_for_goes_back(node):
    bring(node, desired())
    bring(node, desired(sysctls=SYSCTLS[:1]))
    assert values(node) == {"net/ipv4/ip_forward": "1", "net/ipv4/conf/all/rp_filter": "2", "net/ipv4/conf/lxc1/rp_filter": "2"}
    assert set(json.loads(node.get(baseline_files.STATE))["sysctls"]) == {"net/ipv4/ip_forward", redirects.ACCEPT}


@pytest.mark.parametrize("before", ["0", "1"])
def test_what_the_kernel_changes_with_forwarding_is_taken_back_too(node, before):
    node.put(f"/proc/sys/{redirects.ACCEPT}", before + "\n")
    bring(node, desired())
    assert node.get(f"/proc/sys/{redirects.ACCEPT}") == "0\n"
    assert not bring(node, desired()).changed
    bring(node, ABSENT)
    assert node.get(f"/proc/sys/{redirects.ACCEPT}") == before + "\n"


@pytest.mark.parametrize("before", ["0", "1"])
def test_a_failure_puts_back_what_the_kernel_changed_with_forwarding(node, before):
    node.put(f"/proc/sys/{redirects.ACCEPT}", before + "\n")
    node.broken_keys.add("/proc/sys/net/ipv4/conf/lxc1/rp_filter")
    with pytest.raises(Refused, match="everything was restored"):
        bring(node, desired())
    assert node.get(f"/proc/sys/{redirects.ACCEPT}") == before + "\n"


def test_redirects_that_are_asked_for_outlast_forwarding(node):
    asked = [SYSCTLS[0], {"name": "net.ipv4.conf.all.accept_redirects", "value": "1", "reason": "an old router"}]
    bring(node, desired(sysctls=asked))
    assert node.get(f"/proc/sys/{redirects.ACCEPT}") == "1\n"
    assert not bring(node, desired(sysctls=asked)).changed


def test_the_first_value_is_the_one_remembered(node):
    bring(node, desired())
    node.put("/proc/sys/net/ipv4/ip_forward", "0\n")  # a reboot, say
    bring(node, desired(sysctls=[{**SYSCTLS[1], "value": "1"}, SYSCTLS[0]]))
    bring(node, ABSENT)
    assert values(node)["net/ipv4/conf/all/rp_filter"] == "2"


def test_planning_changes_nothing(node):
    before = node.tree()
    plan = baseline.plan(node, desired())
    shown = baseline.diff(plan)
    assert node.tree() == before and node.commands == []
    assert shown[-1]["before_header"] == "running kernel"
    assert "net.ipv4.ip_forward = 0\n" in shown[-1]["before"] and "net.ipv4.ip_forward = 1\n" in shown[-1]["after"]
    assert "module wireguard loaded\n" in shown[-1]["after"]


def test_builtin_modules_need_nothing(node):
    node.put("/lib/modules/6.12.107+deb13-cloud-amd64/modules.builtin", "kernel/drivers/net/wireguard/wireguard.ko\n")
    plan = bring(node, desired(sysctls=[], networkd=False))
    assert not plan.changed and not node.exists(baseline_files.MODULES)


def test_a_module_that_cannot_be_had(node):
    before = node.tree()
    with pytest.raises(Refused, match=r"kernel 6\.12\.107.* has no module nonsense"):
        bring(node, desired(modules=[{"name": "nonsense", "reason": "x"}]))
    assert node.tree() == before


def test_a_setting_the_kernel_does_not_have(node):
    with pytest.raises(Refused, match=r"no setting net\.ipv4\.nonsense"):
        bring(node, desired(modules=[], sysctls=[{"name": "net.ipv4.nonsense", "value": "1", "reason": "x"}]))


@pytest.mark.parametrize("trouble", ["modprobe", "value", "kept", "networkd", "networkmanager", "disk"])
def test_any_error_restores_everything(node, trouble, monkeypatch):
    node.put(NETWORKD_UNIT)
    node.put(NETWORK_MANAGER_UNIT)
    process(node, 9, "systemd-networkd" if trouble != "networkmanager" else "NetworkManager")
    node.put("/etc/modules-load.d/60-zerotrust.conf", "old\n")
    before, modules = node.tree(), node.get("/proc/modules")
    if trouble == "modprobe":
        node.refuse_commands.add("modprobe")
    if trouble == "value":
        node.broken_keys.add("/proc/sys/net/ipv4/conf/lxc1/rp_filter")
    if trouble in ("networkd", "networkmanager"):
        node.refuse_commands.add("systemctl")
    if trouble == "kept":
        really = node.set
        monkeypatch.setattr(
            node, "set", lambda path, value: really(path, "1" if path.endswith("lxc1/rp_filter") and value == "0" else value)
        )
    if trouble == "disk":

        def full(path, text, mode=0o644, really=node.write):
            if path == baseline_files.NETWORKD:
                raise OSError(28, "No space left on device", path)
            really(path, text, mode)

        monkeypatch.setattr(node, "write", full)
    with pytest.raises(
        Refused, match=r"everything was restored|restored, except re(start systemd-networkd|load NetworkManager)"
    ) as caught:
        bring(node, desired())
    if trouble == "networkd":
        assert "restored, except restart systemd-networkd" in str(caught.value)
    assert node.tree() == before
    assert node.get("/proc/modules") == modules


def test_networkd_is_only_touched_where_it_is(node):
    assert not node.exists(baseline_files.NETWORKD)
    assert bring(node, desired()).restart_networkd is False
    assert not node.exists(baseline_files.NETWORKD)
    node.put(NETWORKD_UNIT)
    plan = bring(node, desired())
    assert [change.path for change in plan.files] == [baseline_files.NETWORKD] and plan.restart_networkd is False
    assert "\n[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n" in node.get(baseline_files.NETWORKD)


def test_a_running_networkd_is_restarted_once(node):
    node.put(NETWORKD_UNIT)
    process(node, 9, "systemd-networkd")
    bring(node, desired(modules=[]))
    bring(node, desired(modules=[]))
    assert node.commands == [["/usr/sbin/systemctl", "try-restart", "systemd-networkd.service"]]


def test_network_manager_is_told_to_read_again_and_never_restarted(node):
    assert not bring(node, desired(networkd=False)).reload_network_manager
    assert not node.exists(baseline_files.NETWORK_MANAGER)
    node.put(NETWORK_MANAGER_UNIT)
    process(node, 9, "NetworkManager")
    for _run in range(2):
        bring(node, desired(modules=[], networkd=False))
    reload = ["/usr/sbin/systemctl", "reload", "NetworkManager.service"]
    assert node.commands[-1:] == [reload] and node.commands.count(reload) == 1
    assert "[keyfile]\nunmanaged-devices+=interface-name:cilium_*;interface-name:lxc*\n" in node.get(
        baseline_files.NETWORK_MANAGER
    )
    assert network_services.network_manager(node, Processes(node))["managed"] == []
    bring(node, ABSENT)
    assert node.commands.count(reload) == 2 and not node.exists(baseline_files.NETWORK_MANAGER)


def test_lists_of_others_stay_and_one_that_ends_ours_is_named(node):
    node.put(NETWORK_MANAGER_UNIT)
    node.put("/etc/NetworkManager/conf.d/10-site.conf", "[keyfile]\nunmanaged-devices=interface-name:eth9\n")
    assert bring(node, desired()).conflicts == []
    found = network_services.network_manager(node, Processes(node))
    assert found["unmanaged"] == ["interface-name:eth9", "interface-name:cilium_*", "interface-name:lxc*"]
    node.put("/etc/NetworkManager/conf.d/99-site.conf", "[keyfile]\nunmanaged-devices=interface-name:eth9\n")
    (said,) = baseline.plan(node, desired()).conflicts
    assert (said["kind"], said["path"], said["wins"]) == ("networkmanager", "/etc/NetworkManager/conf.d/99-site.conf", True)


@pytest.mark.parametrize(
    ("path", "says"), [("/run/systemd/container", "this is a container (lxc)"), (None, "not started by systemd")]
)
def test_where_nothing_of_it_would_hold_it_is_refused(node, path, says):
    if path:
        node.put(path, "lxc\n")
    else:
        os.rmdir(node.root + "/run/systemd/system")
    before = node.tree()
    with pytest.raises(Refused) as caught:
        bring(node, desired())
    assert says in str(caught.value) and node.tree() == before
    assert not bring(node, ABSENT).changed


def conflict(node, path, text, wanted=None):
    node.put(path, text)
    return [(one["kind"], one["name"], one["wins"]) for one in baseline.plan(node, wanted or desired()).conflicts]


def test_conflicts_are_reported_and_left_alone(node):
    node.put(NETWORKD_UNIT)
    assert conflict(node, "/etc/sysctl.d/10-k8s.conf", "net.ipv4.ip_forward = 1\n") == []
    assert conflict(node, "/etc/sysctl.d/10-k8s.conf", "net.ipv4.ip_forward = 0\n") == [("sysctl", "net.ipv4.ip_forward", False)]
    later = "/etc/sysctl.d/99-zzzzz-hardening.conf"
    node.put("/etc/sysctl.d/10-k8s.conf", "")
    assert conflict(node, later, "net.ipv4.conf.all.rp_filter = 1\n") == [("sysctl", "net.ipv4.conf.all.rp_filter", True)]
    assert conflict(node, later, "net.ipv4.conf.*.rp_filter = 1\n") == [("sysctl", "net.ipv4.conf.lxc*.rp_filter", True)]
    assert conflict(node, later, "net.ipv4.conf.lxc9.rp_filter = 1\n") == [("sysctl", "net.ipv4.conf.lxc*.rp_filter", True)]
    os.unlink(node.root + later)
    assert conflict(node, "/etc/modprobe.d/x.conf", "blacklist wireguard\n") == [("module", "wireguard", True)]
    os.unlink(node.root + "/etc/modprobe.d/x.conf")
    assert conflict(node, "/etc/systemd/networkd.conf.d/90-x.conf", "[Network]\nManageForeignRoutes=yes\n") == [
        ("networkd", "ManageForeignRoutes", True)
    ]
    bring(node, desired())
    assert node.get("/etc/systemd/networkd.conf.d/90-x.conf") == "[Network]\nManageForeignRoutes=yes\n"


def test_systemds_own_defaults_and_cilium_are_no_conflict(node):
    text = "net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n"
    assert conflict(node, "/usr/lib/sysctl.d/50-default.conf", text) == []
    text = "-net.ipv4.conf.lxc*.rp_filter = 0\nnet.ipv4.conf.all.rp_filter = 0\n"
    assert conflict(node, "/etc/sysctl.d/99-zzz-override_cilium.conf", text) == []


def test_a_damaged_state_file_is_not_guessed_over(node):
    node.put(baseline_files.STATE, '{"sysctls": 1')
    with pytest.raises(Refused, match="is damaged"):
        bring(node, ABSENT)


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "a b", "value": "1", "reason": "x"},
        {"name": "../../etc/passwd", "value": "1", "reason": "x"},
        {"name": "net.ipv4..ip_forward", "value": "1", "reason": "x"},
        {"name": "net.ipv4.ip_forward", "value": "1\nkernel.panic = 1", "reason": "x"},
        {"name": "net.ipv4.ip_forward", "value": " ", "reason": "x"},
        {"name": "net.ipv4.ip_forward", "value": "1", "reason": " "},
    ],
)
def test_input_that_would_break_a_file(entry):
    with pytest.raises(Refused):
        baseline_input.sysctls([entry])


def test_more_input():
    with pytest.raises(Refused, match="asked to be '1' and '0'"):
        baseline_input.sysctls([SYSCTLS[0], {**SYSCTLS[0], "name": "net/ipv4/ip_forward", "value": "0"}])
    with pytest.raises(Refused, match="no name of a kernel module"):
        baseline_input.modules([{"name": "wireguard; reboot", "reason": "x"}])
    assert baseline_input.modules([{"name": "br-netfilter", "reason": "a\nb"}]) == (baseline_files.Module("br_netfilter", "a b"),)


def test_unreadable_is_not_swallowed(node, monkeypatch):
    def refuse(path, limit=0):
        raise Unreadable(f"{path}: permission denied")

    monkeypatch.setattr(node, "maybe", refuse)
    with pytest.raises(Unreadable):
        baseline.plan(node, desired())
