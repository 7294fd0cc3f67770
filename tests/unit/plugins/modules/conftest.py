# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that is judged, and charts beside it."""

import io
import tarfile

import pytest

CHART = {
    "Chart.yaml": "name: cilium\nversion: 1.20.2\n",
    "values.yaml": "cni:\n  exclusive: true\nencryption: {enabled: false, type: ipsec}\nkubeProxyReplacement: false\n",
}


@pytest.fixture
def charts(tmp_path):
    """A folder of chart archives with one small chart in it."""
    folder = tmp_path / "charts"
    folder.mkdir()
    with tarfile.open(folder / "cilium-1.20.2.tgz", "w:gz") as archive:
        for name, text in CHART.items():
            member = tarfile.TarInfo(f"cilium/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return folder


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "given"
    made.mkdir()
    return made
