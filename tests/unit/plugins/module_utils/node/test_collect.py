# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import random
import socket
import struct
from pathlib import Path

import pytest
from machine import FIXTURES, process

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import firewall, links, netlink
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import network, origin
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.collect import collect
from ansible_collections.zerotrust.baremetal.plugins.module_utils.node.host import Unreadable

PORTS = [
    {"port": 4240, "protocol": "tcp", "component": "cilium health"},
    {"port": 51871, "protocol": "udp", "component": "cilium WireGuard"},
    {"port": 9, "protocol": "tcp", "component": ""},
]
KEYS = {
    *(
        "certificates",
        "cgroup_version",
        "clock",
        "cni",
        "collected_at",
        "default_routes",
        "disk",
        "folders",
        "hostname",
        "init",
        "kernel",
    ),
    "firewall",
    "forwarding",
    *(
        "kube_proxy",
        "kubelet",
        "limits",
        "links",
        "machine_id",
        "memory_mb",
        "missing",
        "modules",
        "mounts",
        "network_manager",
        "networkd",
    ),
    *("os", "other_networks", "ports", "routes", "routing_rules", "runtime", "swaps", "sysctls", "wireguard"),
}


def evidence(node, ports=()):
    found = collect(node, "/etc/cni/net.d", "/opt/cni/bin", ports)
    json.dumps(found, allow_nan=False).encode("utf-8")
    return found


def reasons(found):
    return {entry["path"]: entry["reason"] for entry in found["missing"]}


def test_a_bare_node(node):
    found = evidence(node)
    assert set(found) == KEYS
    assert found["kernel"]["version"] == [6, 12, 107]
    assert found["kernel"]["config"]["CONFIG_WIREGUARD"] == "m"
    assert found["modules"]["wireguard"] == {
        "loaded": False,
        "builtin": False,
        "loadable": True,
        "in_tree": True,
        "denied_by": None,
    }
    assert found["modules"]["nf_tables"]["loaded"] is True
    assert found["cni"]["files"] == [] and found["cni"]["runtime_reads"] is None
    assert found["wireguard"] == {"interfaces": []}
    assert found["kube_proxy"] == {"chains": {"iptables": 0, "nftables": 0}, "process": False}
    assert found["memory_mb"] == 3939
    assert found["limits"] == {
        "files": {"used": 1376, "limit": 9223372036854775807},
        "neighbours": {"used": 0, "limit": 1024},
        "threads": {"used": 312, "limit": 30892},
    }
    assert found["cgroup_version"] == 2
    assert found["mounts"] == {"/sys/fs/bpf": True, "/sys/fs/cgroup": True, "/run/cilium/cgroupv2": False}
    assert reasons(found)["kubelet.config"] == "/var/lib/kubelet/config.yaml: no such file or directory"


def test_modules_that_cannot_be_loaded(node):
    node.put("/etc/modprobe.d/a.conf", "blacklist wireguard\ninstall vxlan /bin/true\n")
    os.unlink(f"{node.root}/lib/modules/6.12.107+deb13-cloud-amd64/kernel/drivers/net/geneve.ko.xz")
    found = evidence(node)["modules"]
    assert found["wireguard"]["loadable"] is True and found["wireguard"]["denied_by"] == "/etc/modprobe.d/a.conf"
    assert found["vxlan"]["loadable"] is False
    assert found["geneve"]["loadable"] is False
    node.put("/proc/sys/kernel/modules_disabled", "1\n")
    assert evidence(node)["modules"]["wireguard"]["loadable"] is False


def test_what_cannot_be_told_about_modules_is_absent(node):
    os.unlink(f"{node.root}/lib/modules/6.12.107+deb13-cloud-amd64/modules.dep")
    found = evidence(node)
    assert "loadable" not in found["modules"]["wireguard"]
    assert "modules.dep: no such file" in reasons(found)["modules"]


def test_sysctls_in_the_order_that_counts(node):
    node.put(
        "/usr/lib/sysctl.d/50-default.conf",
        "net.ipv4.conf.default.rp_filter = 2\nnet.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.all.rp_filter\n",
    )
    node.put("/etc/sysctl.d/99-zzz-override_cilium.conf", "-net.ipv4.conf.lxc*.rp_filter = 0\nnet.ipv4.conf.all.rp_filter = 0\n")
    found = evidence(node)["sysctls"]
    assert found["net.ipv4.conf.all.rp_filter"] == {
        "value": "2",
        "files": [{"path": "/etc/sysctl.d/99-zzz-override_cilium.conf", "value": "0"}],
    }
    assert [entry["value"] for entry in found["net.ipv4.conf.lxc*.rp_filter"]["files"]] == ["2", "0"]
    assert found["net.ipv4.conf.lxc*.rp_filter"]["value"] == "2"


def test_a_masked_file_does_not_count(node):
    node.put("/usr/lib/sysctl.d/50-default.conf", "net.ipv4.conf.default.rp_filter = 2\n")
    os.symlink("/dev/null", node.root + "/etc/sysctl.d/50-default.conf")
    assert evidence(node)["sysctls"]["net.ipv4.conf.default.rp_filter"]["files"] == []


def test_ufw_has_the_last_word_once_it_starts(node):
    node.put("/etc/ufw/ufw.conf", "ENABLED=yes\n")
    node.put("/etc/default/ufw", "IPT_SYSCTL=/etc/ufw/sysctl.conf\n")
    node.put("/etc/ufw/sysctl.conf", "net/ipv4/conf/all/rp_filter=1\n#net/ipv4/ip_forward=1\n")
    node.put("/etc/sysctl.d/99-zzzz-zerotrust.conf", "net.ipv4.conf.all.rp_filter = 0\n")
    os.utime(node.root + "/etc/ufw/sysctl.conf", (1795370400, 1795370400))
    node.outputs["dpkg-query"] = "ufw: /etc/ufw/sysctl.conf\n"
    assert evidence(node)["sysctls"]["net.ipv4.conf.all.rp_filter"]["files"] == [
        {"path": "/etc/sysctl.d/99-zzzz-zerotrust.conf", "value": "0"},
        {"path": "/etc/ufw/sysctl.conf", "value": "1", "mtime": 1795370400.0, "package": "ufw"},
    ]
    assert [command[-1] for command in node.commands if "dpkg-query" in command[0]] == ["/etc/ufw/sysctl.conf"]
    node.put("/etc/ufw/ufw.conf", "ENABLED=no\n")
    assert len(evidence(node)["sysctls"]["net.ipv4.conf.all.rp_filter"]["files"]) == 1


@pytest.mark.parametrize(
    ("tool", "printed", "package"),
    [
        ("dpkg-query", "diversion by a from: /etc/x\ndiversion by a to: /etc/y\nufw, b: /etc/x\n", {"package": "ufw, b"}),
        ("rpm", "tuned: \n", {"package": "tuned"}),
        ("rpm", Unreadable("rpm -q -f /etc/x: exit code 1: ", 1), {"package": None}),
        ("dpkg-query", Unreadable("dpkg-query -S /etc/x: exit code 2: the database is locked", 2), {}),
        ("pacman", "", {}),
    ],
)
def test_whose_a_file_is(node, tool, printed, package):
    def run(command):
        if isinstance(printed, Exception):
            raise printed
        return printed

    node.put("/etc/x")
    os.utime(node.root + "/etc/x", (1, 1))
    node.tool = lambda name: f"/usr/bin/{name}" if name == tool else None
    node.run = run
    assert origin.of(node, "/etc/x") == {"mtime": 1.0, **package}


def test_folders_and_the_mounts_they_are_on(node):
    node.put("/proc/self/mounts", node.get("/proc/self/mounts") + "/dev/vdb /opt ext4 ro,noexec,relatime 0 0\n")
    found = evidence(node)["folders"]
    assert found["/opt/cni/bin"] == {"exists": False, "mount": "/opt", "read_only": True, "noexec": True}
    assert (found["/etc"]["mount"], found["/etc"]["read_only"], found["/etc"]["mode"]) == ("/", False, "0755")
    node.put("/proc/swaps", node.get("/proc/swaps") + "/dev/vdc partition 1048572 0 -2\n")
    assert evidence(node)["swaps"] == ["/dev/vdc"]


def test_cni_files(node):
    chained = (FIXTURES / "cni" / "chained.conflist").read_bytes()
    node.put("/etc/cni/net.d/05-cilium.conflist", chained)
    node.put("/etc/cni/net.d/00-broken.conflist", "{")
    node.put("/etc/cni/net.d/05-cilium.conf.cilium_bak", "{}")
    node.put("/opt/cni/bin/cilium-cni", "")
    os.chmod(node.root + "/opt/cni/bin/cilium-cni", 0o755)
    node.put("/opt/cni/bin/istio-cni", "")
    os.chmod(node.root + "/opt/cni/bin/istio-cni", 0o644)
    os.mkfifo(node.root + "/etc/cni/net.d/99-pipe.conf")
    found = evidence(node)["cni"]
    assert [file["name"] for file in found["files"]] == ["00-broken.conflist", "05-cilium.conflist", "99-pipe.conf"]
    assert [file["valid"] for file in found["files"]] == [False, True, False]
    assert found["files"][2]["error"].endswith("not a regular file")
    assert (found["runtime_reads"], found["istio_reads"]) == ("00-broken.conflist", "05-cilium.conflist")
    assert found["leftovers"] == ["05-cilium.conf.cilium_bak"]
    assert [(one["name"], one["executable"], one["mode"]) for one in found["binaries"]] == [
        ("cilium-cni", True, "0755"),
        ("istio-cni", os.access(node.root + "/opt/cni/bin/istio-cni", os.X_OK), "0644"),
    ]
    assert {one["owner"] for one in found["binaries"]} == {os.getuid()}
    assert found["others"] == []
    node.put("/etc/cni/net.d/ZZZ-istio-cni-kubeconfig", "token: SECRET")
    os.chmod(node.root + "/etc/cni/net.d/ZZZ-istio-cni-kubeconfig", 0o600)
    found = evidence(node)["cni"]
    assert found["others"] == [{"name": "ZZZ-istio-cni-kubeconfig", "mode": "0600", "owner": os.getuid()}]
    assert "SECRET" not in json.dumps(found)


_TCP = "  sl  local_address rem_address   st\n"
_UID = "0b7a6f52-6b1e-4a52-9f3c-0c5f1f7d2b{:02d}"


def pod_process(node, number, pod, *ports, network=None):
    process(node, number, "pause")
    node.put(f"/proc/{number}/cgroup", f"0::/kubepods/besteffort/pod{_UID.format(pod)}/1f\n")
    rows = "".join(f"   0: 00000000:{port:04X} 00000000:0000 0A 0:0 00:0 0 0 0 77 1\n" for port in ports)
    node.put(f"/proc/{number}/net/tcp", _TCP)
    node.put(f"/proc/{number}/net/tcp6", _TCP + rows)
    if network is None:
        node.put(f"/proc/{number}/ns/net")
    else:
        Path(node.root, "proc", str(number), "ns").mkdir()
        os.link(node.root + network, f"{node.root}/proc/{number}/ns/net")


def test_in_which_pods_ztunnel_listens(node):
    own = f"/proc/{node.own_process()}/ns/net"
    node.put(own)
    pod_process(node, 100, 1, 15001, 15006, 15008, 15053)
    pod_process(node, 101, 2, 8080)
    pod_process(node, 102, 3, 15006)
    # A second process of a pod tells nothing new; one on the node's network is no pod's own, and one that has ended has no files.
    pod_process(node, 103, 2, 8080)
    pod_process(node, 104, 4, 15001, network=own)
    process(node, 105, "gone")
    node.put("/proc/105/cgroup", f"0::/kubepods/besteffort/pod{_UID.format(5)}/1f\n")
    assert evidence(node)["pod_networks"] == {
        "redirected": [_UID.format(1)],
        "plain": [_UID.format(2)],
        "partly": [{"pod": _UID.format(3), "ports": [15006]}],
    }


def test_who_may_not_look_into_the_networks_of_pods_says_so(node):
    assert "not allowed" in reasons(evidence(node))["pod_networks"]
    node.put(f"/proc/{node.own_process()}/ns/net")
    process(node, 100, "pause")
    node.put("/proc/100/cgroup", f"0::/kubepods/besteffort/pod{_UID.format(1)}/1f\n")
    assert "not allowed" in reasons(evidence(node))["pod_networks"]


def test_kubernetes_on_the_node(node):
    process(node, 10, "kubelet", "--config=/etc/kubelet.yaml", "--node-ip=10.0.0.1", "--v=4")
    process(node, 11, "containerd", "--config", "/etc/containerd/config.toml")
    process(node, 12, "kube-proxy")
    process(node, 13, "systemd-networkd")
    node.put("/etc/kubelet.yaml", (FIXTURES / "kubelet-config.yaml").read_bytes())
    node.put("/etc/containerd/config.toml", (FIXTURES / "containerd-v2.toml").read_bytes())
    node.put("/etc/containerd/conf.d/10.toml", '[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/opt/cni/bin"\n')
    found = evidence(node)
    assert found["kubelet"]["running"] and found["kubelet"]["args"] == ["--config=/etc/kubelet.yaml", "--node-ip=10.0.0.1"]
    assert found["kubelet"]["config"]["cgroupDriver"] == "systemd"
    assert found["runtime"]["containerd"] == {
        "running": True,
        "config_path": "/etc/containerd/config.toml",
        "cni_conf_dir": "/etc/cni/net.d",
        "cni_bin_dir": "/opt/cni/bin",
        "sandbox_image": "registry.k8s.io/pause:3.8",
    }
    assert found["kube_proxy"]["process"] is True
    assert found["networkd"] == {
        "running": True,
        "manage_foreign_routes": True,
        "manage_foreign_rules": True,
        "files": [],
        "takes": {},
    }


def test_who_runs_the_machine(node):
    assert evidence(node)["init"] == {"systemd": True, "container": None}
    node.put("/proc/1/environ", "SECRET=x\0container=lxc\0")
    found = evidence(node)
    assert found["init"]["container"] == "lxc" and "SECRET" not in json.dumps(found)
    node.put("/.dockerenv")
    assert evidence(node)["init"]["container"] == "docker"
    node.put("/run/systemd/container", "podman\n")
    assert evidence(node)["init"]["container"] == "podman"


def test_networkd_files_and_the_links_they_take(node):
    node.put("/etc/systemd/networkd.conf.d/90-x.conf", "[Network]\nManageForeignRoutes=yes\nSpeedMeter=no\n")
    node.put("/etc/systemd/network/20-all.network", "[Match]\nType=ether\n[Network]\nDHCP=yes\n")
    found = evidence(node)["networkd"]
    assert found["files"] == [{"path": "/etc/systemd/networkd.conf.d/90-x.conf", "settings": {"ManageForeignRoutes": "yes"}}]
    assert found["takes"] == dict.fromkeys(("cilium_host", "lxc0a1b2c3d4e5f"), "/etc/systemd/network/20-all.network")
    node.put("/etc/systemd/network/20-all.network.d/10.conf", "[Link]\nUnmanaged=yes\n")
    assert evidence(node)["networkd"]["takes"] == {}


def test_network_manager(node):
    node.put(
        "/etc/NetworkManager/NetworkManager.conf", (FIXTURES / "network-manager" / "NetworkManager-debian12.conf").read_text()
    )
    found = evidence(node)["network_manager"]
    assert (found["running"], found["unmanaged"], len(found["managed"])) == (False, [], 4)
    process(node, 14, "NetworkManager")
    node.put(
        "/etc/NetworkManager/conf.d/rke2-canal.conf", "[keyfile]\nunmanaged-devices=interface-name:cilium*;interface-name:lxc*\n"
    )
    found = evidence(node)["network_manager"]
    assert found["running"] is True and found["managed"] == []


def test_ports_and_their_owners(node):
    head = "  sl  local_address rem_address   st tx rx\n"
    node.put("/proc/net/tcp", head + " 0: 00000000:1090 00000000:0000 0A 0:0 00:0 0 0 0 77 1\n")
    node.put("/proc/net/udp", head + " 0: 00000000:CA9F 00000000:0000 07 0:0 00:0 0 0 0 78 1\n")
    process(node, 20, "cilium-agent", sockets=(5, 77))
    assert evidence(node, PORTS)["ports"] == [
        {
            "port": 4240,
            "protocol": "tcp",
            "component": "cilium health",
            "listening": True,
            "process": "cilium-agent",
            "addresses": ["0.0.0.0"],
        },
        {
            "port": 51871,
            "protocol": "udp",
            "component": "cilium WireGuard",
            "listening": True,
            "process": None,
            "addresses": ["0.0.0.0"],
        },
        {"port": 9, "protocol": "tcp", "component": "", "listening": False, "process": None, "addresses": []},
    ]


def test_links_and_wireguard(node):
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import wireguard

    def link(name, index, kind):
        data = struct.pack("=BxHiII", 0, 1, index, 1, 0) + netlink.attribute(3, name.encode() + b"\0")
        return data + netlink.attribute(18, netlink.attribute(1, kind))

    node.answers[(0, links.GET_LINK)] = [link("eth0", 2, b""), link("cilium_wg0", 7, b"wireguard\0")]
    node.answers[(16, wireguard.family_request()[0])] = [b"\0\1\0\0" + netlink.attribute(1, struct.pack("=H", 40))]
    node.answers[(16, 40)] = [b"\0\1\0\0" + netlink.attribute(4, b"\1" * 32) + netlink.attribute(6, struct.pack("=H", 51871))]
    found = evidence(node)
    assert [(one["name"], one.get("rp_filter")) for one in found["links"]] == [("eth0", 2), ("cilium_wg0", None)]
    assert "links.cilium_wg0.rp_filter" in reasons(found)
    assert found["wireguard"]["interfaces"][0]["name"] == "cilium_wg0"
    node.put("/sys/class/net/eth0")
    found = evidence(node)
    assert [one["name"] for one in found["links"]] == ["eth0"] and "links.cilium_wg0.rp_filter" not in reasons(found)
    node.put("/sys/class/net/cilium_wg0")
    assert evidence(node)["wireguard"]["interfaces"][0]["listen_port"] == 51871


def test_kube_proxy_in_the_old_tables(node):
    node.put("/proc/net/ip_tables_names", "nat\n")
    node.outputs["iptables-legacy-save"] = "*nat\n:KUBE-SVC-A - [0:0]\n:KUBE-SEP-B - [0:0]\nCOMMIT\n"
    node.answers[(12, firewall.GET_CHAIN)] = [
        b"\2\0\0\0" + netlink.attribute(1, b"nat\0") + netlink.attribute(3, b"KUBE-SERVICES\0")
    ]
    assert evidence(node)["kube_proxy"]["chains"] == {"iptables": 3, "nftables": 0}
    # Both who ask for chains share one reading.
    assert [command[0] for command in node.commands] == ["/usr/sbin/iptables-legacy-save"]
    node.outputs["iptables-legacy-save"] += ":cali-FORWARD - [0:0]\n"
    assert evidence(node)["other_networks"] == {"Calico": 1}
    node.refuse_commands.add("iptables-legacy-save")
    found = evidence(node)
    assert found["kube_proxy"]["chains"] == {"nftables": 0}
    assert "refused" in reasons(found)["kube_proxy.chains.iptables"]


def test_nftables_is_not_asked_when_that_would_load_it(node, monkeypatch):
    node.put("/proc/modules", "")
    monkeypatch.setattr(node, "netlink", lambda protocol, *_rest, **_options: pytest.fail("asked") if protocol == 12 else [])
    assert evidence(node)["kube_proxy"]["chains"] == {"iptables": 0, "nftables": 0}


def test_certificates_without_their_keys(node):
    node.put(
        "/var/lib/kubelet/pki/kubelet-client-current.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        "-----BEGIN EC PRIVATE KEY-----\nSECRET\n-----END EC PRIVATE KEY-----\n",
    )
    node.put("/etc/kubernetes/pki/ca.crt", "garbage\xff")
    found = evidence(node)
    assert found["certificates"] == [
        {
            "path": "/var/lib/kubelet/pki/kubelet-client-current.pem",
            "pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        }
    ]
    assert "SECRET" not in json.dumps(found)
    assert reasons(found)["certificates./etc/kubernetes/pki/ca.crt"].endswith("no certificate in it")


def test_an_empty_machine_gives_reasons_only(tmp_path):
    from machine import Machine

    found = evidence(Machine(tmp_path), PORTS)
    assert {"kernel", "modules", "hostname", "os"} <= set(reasons(found))


GARBAGE = [
    b"",
    b"\0" * 4096,
    b"\xff\xfe\x80",
    b"{" * 100_000,
    b"[[[\n" * 500,
    b"a" * 3_000_000,
    b"= = =\n: : :\n- - -\n",
    b"\xed\xa0\x80 1 2 3",
]


@pytest.mark.parametrize("seed", range(12))
def test_garbage_in_every_file_costs_no_traceback(node, seed):
    process(node, 10, "kubelet")
    process(node, 11, "containerd")
    node.put("/etc/containerd/config.toml")
    node.put("/var/lib/kubelet/config.yaml")
    for path in ("/etc/cni/net.d/1.conflist", "/etc/cni/net.d/2.conf", "/etc/sysctl.d/1.conf", "/etc/modprobe.d/1.conf"):
        node.put(path)
    for path in ("/proc/net/tcp", "/proc/net/udp", "/etc/kubernetes/pki/ca.crt", "/etc/systemd/networkd.conf"):
        node.put(path)
    chance = random.Random(seed)
    for folder, _folders, names in os.walk(node.root):
        for name in names:
            if name not in ("comm", "osrelease"):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(chance.choice(GARBAGE))
    found = evidence(node, PORTS)
    assert {"collected_at", "missing", "clock"} <= set(found)
    # What is meant for a person says what is wrong with the file, not with us.
    assert not [entry for entry in found["missing"] if "not understood: Key" in entry["reason"]]


def test_deep_json_in_a_kubelet_configuration(node):
    node.put("/var/lib/kubelet/config.yaml", '{"authentication":' + '{"a":' * 400 + "1" + "}" * 401)
    assert evidence(node)["kubelet"]["config"]["authentication"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered(node):
    node.put("/etc/cni/net.d/05.conflist", "{}")
    os.chmod(node.root + "/etc/cni", 0)
    found = evidence(node)
    os.chmod(node.root + "/etc/cni", 0o755)
    assert "files" not in found["cni"] and "permission denied" in reasons(found)["cni.files"]


def test_a_refused_folder_is_a_gap_and_not_empty(node, monkeypatch):
    really = os.lstat

    def lstat(path, *arguments, **options):
        if str(path).endswith("/etc/cni/net.d"):
            raise PermissionError(13, "Permission denied")
        return really(path, *arguments, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    found = evidence(node)
    assert "files" not in found["cni"] and "permission denied" in reasons(found)["cni.files"]


def test_names_that_are_no_unicode(node):
    with open(os.fsencode(node.root) + b"/etc/sysctl.d/\xff.conf", "wb") as file:
        file.write(b"net.ipv4.ip_forward = 1\n")
    node.put("/etc/cni/net.d/x")
    with open(os.fsencode(node.root) + b"/etc/cni/net.d/\xfe.conflist", "wb") as file:
        file.write(b"{}")
    found = evidence(node)
    assert found["cni"]["files"][0]["valid"] is False
    assert found["sysctls"]["net.ipv4.ip_forward"]["files"][0]["value"] == "1"


def test_the_real_kernel_answers():
    """Links of the machine the tests run on, through a real socket."""
    from ansible_collections.zerotrust.baremetal.plugins.module_utils.node import netlink_socket

    try:
        replies = netlink_socket.ask(netlink_socket.ROUTE, links.GET_LINK, links.LINK_REQUEST)
    except OSError:
        pytest.skip("no netlink here")
    found = {link["name"]: link for link in links.links(replies)}
    assert set(found) >= {name for _index, name in socket.if_nameindex()} and found["lo"]["mtu"] > 0
    with pytest.raises(OSError):
        netlink_socket.ask(
            netlink_socket.GENERIC, 16, struct.pack("=BBH", 3, 1, 0) + netlink.attribute(2, b"no-such\0"), dump=False
        )


def forward_chain(family, table, chain):
    hook = netlink.attribute(1, b"\0\0\0\2") + netlink.attribute(2, b"\0\0\0\0")
    names = netlink.attribute(1, table + b"\0") + netlink.attribute(3, chain + b"\0")
    return bytes((family, 0, 0, 0)) + names + netlink.attribute(4, hook)


def test_what_the_packet_filter_does_with_pods_packets(node):
    node.answers[(12, firewall.GET_CHAIN)] = [
        forward_chain(2, b"filter", b"FORWARD"),
        forward_chain(1, b"firewalld", b"filter_FORWARD"),
        forward_chain(2, b"kube-proxy", b"filter-forward"),
        b"\2\0\0\0" + netlink.attribute(1, b"filter\0") + netlink.attribute(3, b"DOCKER\0"),
    ]
    node.outputs["iptables-nft-save"] = (FIXTURES / "forwarding" / "docker.iptables-save").read_text()
    node.outputs["nft"] = (FIXTURES / "forwarding" / "firewalld.json").read_text()
    found = [(one["tool"], one["chain"], one["way"], one["verdict"], one["rule"]) for one in evidence(node)["forwarding"]]
    # Nobody knows the uplink of this node: what accepts other links may be meant for it.
    assert found == [
        ("iptables", "FORWARD", "from pods", "refused", "policy drop"),
        ("iptables", "FORWARD", "to pods", "unclear", "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT"),
        ("nftables", "filter_FORWARD", "from pods", "unclear", "oifname eth0 accept"),
        ("nftables", "filter_FORWARD", "to pods", "unclear", "iifname lo accept"),
    ]
    # A table that iptables cannot show is nft's.
    node.outputs["iptables-nft-save"] = "# Table `filter' is incompatible, use 'nft' tool.\n"
    node.outputs["nft"] = "{}"
    assert "table ip filter: what nft printed is no table" in reasons(evidence(node))["forwarding"]


def test_the_old_tables_forward_as_well(node):
    node.put("/proc/net/ip_tables_names", "filter\n")
    node.put("/proc/net/ip6_tables_names", "nat\n")
    node.outputs["iptables-legacy-save"] = (FIXTURES / "forwarding" / "ufw.iptables-save").read_text()
    node.outputs["ip6tables-legacy-save"] = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"
    assert [(one["family"], one["verdict"]) for one in evidence(node)["forwarding"]] == [("ip", "refused")] * 2


def test_the_uplink_is_the_link_of_the_first_default_route_that_is_known():
    found = {"links": [{"index": 2, "name": "eth0"}], "default_routes": [{"links": [9]}, {"links": [2]}]}
    assert network.uplink(found) == "eth0"
    assert network.uplink({"links": found["links"]}) is None and network.uplink({}) is None


def test_connections_are_counted_where_they_are_tracked(node):
    node.put("/proc/sys/net/netfilter/nf_conntrack_count", "3120\n")
    node.put("/proc/sys/net/netfilter/nf_conntrack_max", "262144\n")
    assert evidence(node)["limits"]["connections"] == {"used": 3120, "limit": 262144}
    node.put("/proc/sys/net/netfilter/nf_conntrack_max", "many\n")
    assert reasons(evidence(node))["limits"] == "/proc/sys/net/netfilter/nf_conntrack_max: no number in it"
