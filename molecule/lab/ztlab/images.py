# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""The images of the platform under their upstream names, in a real registry's storage."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from ztlab import charts, go, paths, registry
from ztlab.artifacts import Artifact, digest
from ztlab.console import LabError, run_logged
from ztlab.oci import Image, layer, write_layout

_BASE_PACKAGES = [
    "bash",
    "coreutils",
    "grep",
    "sed",
    "mount",
    "util-linux",
    "iproute2",
    "iptables",
    "nftables",
    "ipset",
    "kmod",
    "conntrack",
    "procps",
    "curl",
    "ca-certificates",
    "busybox-static",
    "findutils",
]
_NOBODY = "65532:65532"


def userland() -> Artifact:
    """One Debian layer that every image with a shell shares, so that a node fetches it once."""

    def build(folder: Path) -> None:
        run_logged(
            [
                "mmdebstrap",
                "--variant=essential",
                "--components=main",
                '--aptopt=APT::Install-Recommends "false"',
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/zoneinfo/*",
                f"--include={','.join(_BASE_PACKAGES)}",
                "trixie",
                str(folder / "all.tar"),
            ],
            paths.LOGS / "userland.log",
        )
        _without_devices(folder / "all.tar", folder / "layer.tar")
        (folder / "all.tar").unlink()

    return Artifact("userland", digest(" ".join(_BASE_PACKAGES)), build, "building the images' userland")


def _without_devices(source: Path, target: Path) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            if not (member.ischr() or member.isblk()):
                new.addfile(member, old.extractfile(member) if member.isreg() else None)


_FAMILIES = ("kubernetes", "coredns", "cilium", "istio", "ztunnel", "gatekeeper", "clangd", "pause")


def registry_storage() -> Artifact:
    """Storage of the registry with every image the platform pulls."""
    families = {name: go.binaries(name) for name in _FAMILIES}
    tools, sources, base = go.binaries("tools"), charts.sources(), userland()

    def build(folder: Path) -> None:
        bins = {name: artifact.ensure() for name, artifact in families.items()}
        work = folder / "work"
        work.mkdir()
        images = _images(work, bins, sources.ensure(), base.ensure() / "layer.tar")
        _push(images, work, folder / "storage", tools.ensure())
        (folder / "references").write_text("".join(f"{image.reference}\n" for image in images))
        shutil.rmtree(work)

    own = Path(__file__).read_text()
    keys = [artifact.key for artifact in (*families.values(), tools, sources, base)]
    return Artifact("images", digest(own, *keys), build, "assembling the images")


def _images(work: Path, bins: dict[str, Path], sources: Path, base: Path) -> list[Image]:
    shell = layer(work / "resolv.tar", {"etc/nsswitch.conf": "hosts: files dns\n"})
    k8s, cilium, istio, gatekeeper = bins["kubernetes"], bins["cilium"], bins["istio"], bins["gatekeeper"]
    common = (base, shell)
    agent = layer(
        work / "agent.tar",
        {
            **{
                f"usr/bin/{name}": cilium / name
                for name in ("cilium-agent", "cilium-dbg", "cilium-mount", "cilium-sysctlfix", "cilium-health-responder")
            },
            "usr/bin/clang": bins["clangd"] / "clang",
            "opt/cni/bin/cilium-cni": cilium / "cilium-cni",
            **{name: sources / name for name in ("init-container.sh", "install-plugin.sh", "cni-uninstall.sh")},
            "var/lib/cilium/bpf": sources / "bpf",
        },
    )
    loopback = layer(work / "loopback.tar", {"cni/loopback": _loopback(work)})
    busybox = layer(work / "busybox.tar", {"etc/lab-busybox": "busybox from Debian's busybox-static\n"})
    return [
        Image(
            "registry.k8s.io/pause:3.10", (layer(work / "pause.tar", {"pause": bins["pause"] / "pause"}),), ("/pause",), _NOBODY
        ),
        Image(
            "registry.k8s.io/kube-proxy:v1.36.3",
            (*common, layer(work / "proxy.tar", {"usr/local/bin/kube-proxy": k8s / "kube-proxy"})),
            ("/usr/local/bin/kube-proxy",),
        ),
        Image(
            "registry.k8s.io/coredns/coredns:v1.15.0",
            (layer(work / "coredns.tar", {"coredns": bins["coredns"] / "coredns"}),),
            ("/coredns",),
        ),
        Image("quay.io/cilium/cilium:v1.20.2", (*common, agent, loopback), ("/usr/bin/cilium-dbg",)),
        Image(
            "quay.io/cilium/operator-generic:v1.20.2",
            (layer(work / "operator.tar", {"usr/bin/cilium-operator-generic": cilium / "cilium-operator-generic"}),),
            ("/usr/bin/cilium-operator-generic",),
        ),
        Image(
            "quay.io/cilium/hubble-relay:v1.20.2",
            (layer(work / "relay.tar", {"usr/bin/hubble-relay": cilium / "hubble-relay"}),),
            ("/usr/bin/hubble-relay",),
            _NOBODY,
        ),
        Image(
            "docker.io/istio/pilot:1.31.0-distroless",
            (*common, layer(work / "pilot.tar", {"usr/local/bin/pilot-discovery": istio / "pilot-discovery"})),
            ("/usr/local/bin/pilot-discovery",),
            "1337:1337",
        ),
        Image(
            "docker.io/istio/install-cni:1.31.0-distroless",
            (
                *common,
                layer(
                    work / "install-cni.tar",
                    {"usr/local/bin/install-cni": istio / "install-cni", "opt/cni/bin/istio-cni": istio / "istio-cni"},
                ),
            ),
            ("/usr/local/bin/install-cni",),
        ),
        Image(
            "docker.io/istio/ztunnel:1.31.0-distroless",
            (*common, layer(work / "ztunnel.tar", {"usr/local/bin/ztunnel": bins["ztunnel"] / "lab-ztunnel"})),
            ("/usr/local/bin/ztunnel",),
        ),
        Image(
            "docker.io/openpolicyagent/gatekeeper:v3.23.0",
            (layer(work / "gatekeeper.tar", {"manager": gatekeeper / "gatekeeper"}),),
            ("/manager",),
            _NOBODY,
        ),
        Image(
            "docker.io/openpolicyagent/gatekeeper-crds:v3.23.0",
            (layer(work / "crds.tar", {"crds": sources / "gatekeeper-crds", "kubectl": k8s / "kubectl"}),),
            ("/kubectl",),
            _NOBODY,
        ),
        Image("docker.io/curlimages/curl:8.20.0", common, ("/usr/bin/curl",), "100:101"),
        Image("docker.io/library/busybox:1.37.0", (*common, busybox), ("/bin/busybox",)),
    ]


def _loopback(work: Path) -> Path:
    """CNI's own loopback plugin, from Debian's package of the CNI plugins."""
    found = Path("/usr/lib/cni/loopback")
    if not found.exists():
        raise LabError("/usr/lib/cni/loopback is missing: install the package containernetworking-plugins")
    return Path(shutil.copy2(found, work / "loopback"))


def _push(images: list[Image], work: Path, storage: Path, tools: Path) -> None:
    with registry.serving(storage, tools, work, readonly=False) as address:
        for number, image in enumerate(images):
            layout = work / f"layout-{number}"
            write_layout(image, layout)
            run_logged(
                [str(tools / "crane"), "push", "--insecure", str(layout), f"{address}/{image.path}"], paths.LOGS / "push.log"
            )
            shutil.rmtree(layout)
