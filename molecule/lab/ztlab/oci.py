# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
"""OCI images without a container engine: uncompressed layers, since an emulated node unpacks them faster."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

_LAYER = "application/vnd.oci.image.layer.v1.tar"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Image:
    """An image: its upstream reference, the layers (tar files), and how it starts."""

    reference: str
    layers: tuple[Path, ...]
    entrypoint: tuple[str, ...] = ()
    user: str = ""
    env: tuple[str, ...] = field(default=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",))

    @property
    def path(self) -> str:
        """The reference without its registry: one mirror serves them all."""
        return self.reference.split("/", 1)[1]


def layer(target: Path, content: dict[str, Path | str]) -> Path:
    """A layer from files: path in the image -> a file, a folder, or a text. Always the same bytes for the same content."""
    with tarfile.open(target, "w") as tar:
        for name, source in sorted(content.items()):
            if isinstance(source, str):
                tar.addfile(_info(name, len(source.encode()), 0o644), io.BytesIO(source.encode()))
                continue
            files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
            for path in files:
                inside = f"{name}/{path.relative_to(source)}" if source.is_dir() else name
                executable = 0o755 if os.access(path, os.X_OK) or path.suffix == ".sh" else 0o644
                with path.open("rb") as data:
                    tar.addfile(_info(inside, path.stat().st_size, executable), data)
    return target


def _info(name: str, size: int, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name.lstrip("/"))
    info.size, info.mode = size, mode
    return info


def write_layout(image: Image, folder: Path) -> None:
    """Write an image as an OCI layout, the form that `crane push` takes."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, media: str) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)}

    layers = []
    for path in image.layers:
        digest = _sha256(path)
        os.link(path, blobs / digest)
        layers.append({"mediaType": _LAYER, "digest": f"sha256:{digest}", "size": path.stat().st_size})
    process = {"Env": list(image.env), "Entrypoint": list(image.entrypoint), "User": image.user}
    rootfs = {"type": "layers", "diff_ids": [entry["digest"] for entry in layers]}
    config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": process, "rootfs": rootfs}).encode(), _CONFIG)
    manifest = blob(
        json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": layers}).encode(), _MANIFEST
    )
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
