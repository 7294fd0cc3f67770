# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import math
from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import (
    containerd,
    kubelet,
    mounts,
    networkd,
    os_release,
    pem,
    plain,
    plain_toml,
    plain_yaml,
    sockets,
    ufw,
)

FIXTURES = Path(__file__).parents[3] / "fixtures" / "node"


def fixture(name):
    return (FIXTURES / name).read_text()


class TestYaml:
    def test_kubelet_config(self):
        config = kubelet.config(plain_yaml.parse(fixture("kubelet-config.yaml")))
        assert config["authentication"]["anonymous"] == {"enabled": False}
        assert config["clusterDNS"] == ["10.96.0.10"]
        assert config["registerWithTaints"] == [{"effect": "NoExecute", "key": "node.cilium.io/agent-not-ready", "value": "true"}]
        assert config["rotateCertificates"] is True
        assert "logging" not in config

    def test_agrees_with_pyyaml(self):
        yaml = pytest.importorskip("yaml")
        text = fixture("kubelet-config.yaml")
        assert plain_yaml.parse(text) == yaml.safe_load(text)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("", {}),
            ("---\na: 1\n---\nb: 2\n", {"a": 1}),
            ("a: # nothing\nb: 'it''s' \n", {"a": None, "b": "it's"}),
            ('a: "x: # y"\n', {"a": "x: # y"}),
            ("a: [x, 'y', 3]\nb: []\nc: {}\n", {"a": ["x", "y", 3], "b": [], "c": {}}),
            ("a:\n  - b: 1\n    c: 2\n  - d\n", {"a": [{"b": 1, "c": 2}, "d"]}),
            ("a:\n- - 1\n  - 2\n- 3\n", {"a": [[1, 2], 3]}),
            ("a: unix:///run/x.sock\nb: 1.5\nc: ~\nd: 0x10\n", {"a": "unix:///run/x.sock", "b": 1.5, "c": None, "d": "0x10"}),
            ('{"a": {"b": [1]}}', {"a": {"b": [1]}}),
            ("a: {b: 1, c: /x}  # y\nd: {}\n", {"a": {"b": 1, "c": "/x"}, "d": {}}),
        ],
    )
    def test_plain(self, text, value):
        assert plain_yaml.parse(text) == value

    @pytest.mark.parametrize(
        "text",
        [
            "a: &x 1\n",
            "a: |\n  text\n",
            "a: *x\n",
            "\tb: 1\n",
            "- a\n",
            "a: 1\n   b: 2\n",
            "just text\n",
            "a: {b: {c: 1}}\n",
            "a: {b, c: 1}\n",
            'a: "x\n',
            "{",
            "[1]",
        ],
    )
    def test_refuses_the_rest(self, text):
        with pytest.raises(plain_yaml.Unknown):
            plain_yaml.parse(text)

    def test_refuses_depth(self):
        with pytest.raises(plain_yaml.Unknown):
            plain_yaml.parse("".join(" " * level + "a:\n" for level in range(5000)))
        with pytest.raises(plain_yaml.Unknown):
            plain_yaml.parse('{"a":' * 100_000)


class TestContainerd:
    def test_version_2(self):
        text = fixture("containerd-v2.toml")
        assert containerd.imports(text) == ["/etc/containerd/conf.d/*.toml"]
        assert containerd.settings([text]) == {
            "cni_conf_dir": "/etc/cni/net.d",
            "cni_bin_dir": "/usr/lib/cni",
            "sandbox_image": "registry.k8s.io/pause:3.8",
        }

    def test_version_3(self):
        found = containerd.settings([fixture("containerd-v3.toml")])
        assert (found["cni_bin_dir"], found["sandbox_image"]) == ("/opt/cni/bin", "registry.k8s.io/pause:3.10.1")

    def test_a_later_file_wins_and_nothing_means_defaults(self):
        later = '[plugins."io.containerd.grpc.v1.cri".cni]\nconf_dir = "/x"\n'
        assert containerd.settings([fixture("containerd-v2.toml"), later])["cni_conf_dir"] == "/x"
        assert containerd.settings([]) == {"cni_conf_dir": "/etc/cni/net.d", "cni_bin_dir": "/opt/cni/bin", "sandbox_image": None}

    @pytest.mark.parametrize("text", ["what is this", "a = '''\nx\n'''", "a = [1,\n2", "[", 'a = "x', "[a..b]"])
    def test_refuses_the_rest(self, text):
        with pytest.raises(plain_toml.Unknown):
            plain_toml.parse(text)


class TestKubelet:
    def test_flags(self):
        arguments = [
            "/usr/bin/kubelet",
            "--config=/a",
            "--node-ip",
            "10.0.0.1",
            "--v=2",
            "stray",
            "--register-node",
            "--config=/b",
        ]
        found = kubelet.flags(arguments)
        assert found == ["--config=/a", "--node-ip=10.0.0.1", "--register-node", "--config=/b"]
        assert kubelet.flag(found, "config") == "/b"
        assert kubelet.flag(found, "node-labels") is None


def test_os_release():
    text = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\nID_LIKE="a b"\nBROKEN="x\n# y=1\n'
    assert os_release.parse(text) == {
        "id": "debian",
        "version_id": "13",
        "pretty_name": "Debian GNU/Linux 13 (trixie)",
        "id_like": ["a", "b"],
    }
    assert os_release.parse("")["id"] == "linux"


def test_mounts():
    found = mounts.parse(
        "bpf /sys/fs/bpf bpf rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\ntmpfs /a\\040b tmpfs rw,noexec 0 0\nbroken\n"
    )
    assert [(mount.point, mount.kind) for mount in found] == [
        ("/sys/fs/bpf", "bpf"),
        ("/sys/fs/cgroup", "cgroup2"),
        ("/a b", "tmpfs"),
    ]
    assert found[2].options == ("rw", "noexec")
    assert mounts.cgroup_version({"/sys/fs/cgroup": "cgroup2"}) == 2
    assert mounts.cgroup_version({"/sys/fs/cgroup": "tmpfs", "/sys/fs/cgroup/unified": "cgroup2"}) == 1


def test_the_mount_that_holds_a_folder():
    """/proc/self/mounts of a Debian machine whose /opt is a disk of its own and was mounted over."""
    table = mounts.parse(
        "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n"
        "/dev/vda1 / ext4 rw,relatime,discard,errors=remount-ro 0 0\n"
        "tmpfs /run tmpfs rw,nosuid,nodev,noexec,relatime,size=402224k,mode=755,inode64 0 0\n"
        "/dev/vdb /opt ext4 rw,relatime 0 0\n"
        "/dev/vdc /opt ext4 ro,noexec,relatime 0 0\n"
    )
    assert mounts.holding(table, "/etc/cni/net.d").point == "/"
    assert mounts.holding(table, "/opt/cni/bin").options[:2] == ("ro", "noexec")
    assert mounts.holding(table, "/optional").point == "/"
    assert mounts.holding(table, "/run").point == "/run"
    assert mounts.holding([], "/etc") is None


def test_ufw():
    """The files of Debian's package ufw, without their comments."""
    conf = "# /etc/ufw/ufw.conf\n\nENABLED=yes\nLOGLEVEL=low\n"
    defaults = 'IPV6=yes\nDEFAULT_FORWARD_POLICY="DROP"\nIPT_SYSCTL=/etc/ufw/sysctl.conf\nIPT_MODULES=""\n'
    assert ufw.sysctl_file(conf, defaults) == "/etc/ufw/sysctl.conf"
    assert ufw.sysctl_file(conf.replace("yes", "no"), defaults) == ""
    assert ufw.sysctl_file(conf, "#IPT_SYSCTL=/x\n") == ""
    assert ufw.sysctl_file("", "") == ""


def test_networkd():
    main = networkd.parse("[Network]\nManageForeignRoutes=no\n[Other]\nManageForeignRoutingPolicyRules=no\n")
    assert networkd.setting(networkd.ROUTES, [main]) is False
    assert networkd.setting(networkd.RULES, [main]) is True
    assert networkd.setting(networkd.ROUTES, [main, {networkd.ROUTES: "yes"}]) is True
    assert networkd.setting(networkd.ROUTES, [main, {networkd.ROUTES: "perhaps"}]) is False


def test_pem_drops_keys():
    lines = [
        "-----BEGIN CERTIFICATE-----\n", "AAAA\n", "-----END CERTIFICATE-----\n",
        "-----BEGIN EC PRIVATE KEY-----\n", "SECRET\n", "-----END EC PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\n", "cut",
    ]  # fmt: skip
    assert pem.certificates(lines) == "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert pem.certificates(["-----BEGIN PRIVATE KEY-----", "SECRET"]) == ""


def test_pem_a_key_inside_an_unfinished_certificate_stays_out():
    lines = ["-----BEGIN CERTIFICATE-----", "AAAA", "-----BEGIN PRIVATE KEY-----", "SECRET", "-----END CERTIFICATE-----"]
    assert "SECRET" not in pem.certificates(lines)


def test_sockets():
    text = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 00000000:1090 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n"
        "   1: 0100007F:2704 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0\n"
        "   2: nonsense\n"
        "   3: 0100007G:1090 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0\n"
    )
    listen = sockets.Waiting("tcp", 4240, "0.0.0.0", 4711)
    assert sockets.waiting(text.splitlines(), "tcp") == [listen]
    head, first, connected, nonsense, address = text.splitlines()
    assert sockets.waiting([head, nonsense, address, first, "", first, connected], "tcp") == [listen, listen]
    bound = "   0: 00000000000000000000000001000000:CA9F 0:0 07 0:0 0:0 0 0 0 9 1"
    assert sockets.waiting([head, connected, bound], "udp") == [sockets.Waiting("udp", 51871, "::1", 9)]


def test_sockets_no_connection_behind_what_listens_is_read():
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    def row(port, state="0A"):
        return f"   0: 00000000:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 41 1\n"

    def lines():
        yield head
        yield row(15006)
        yield row(8080)
        yield row(15008)
        yield row(15001, state="01")
        pytest.fail("read on")

    assert [one.port for one in sockets.waiting(lines(), "tcp")] == [15006, 8080, 15008]
    assert sockets.waiting([], "tcp") == sockets.waiting([head], "tcp") == sockets.waiting(["garbage"], "tcp") == []


def test_plain():
    assert plain.plain({"a": "\ud800", "b": [math.nan, b"\xff", {1}], 3: None}) == {
        "a": "?",
        "b": [None, "\ufffd", [1]],
        "3": None,
    }
