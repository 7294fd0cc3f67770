# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import io
import tarfile

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.cluster import chart_knowledge
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart

META = "apiVersion: v2\nname: cilium\nversion: 1.20.2\nappVersion: 1.20.2\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "zerotrust" / "charts" / "knowledge"


def archive(tmp_path, values, name="cilium.tgz"):
    path = tmp_path / name
    with tarfile.open(path, "w:gz") as packed:
        for inner, text in (("Chart.yaml", META), ("values.yaml", values)):
            entry = tarfile.TarInfo(f"cilium/{inner}")
            entry.size = len(text)
            packed.addfile(entry, io.BytesIO(text.encode()))
    return str(path)


def test_what_is_kept_is_what_was_read(tmp_path, cache, monkeypatch):
    path = archive(tmp_path, "cni:\n  # exclusive: false\n  args: []\n  none: null\nbig: 1.5\n")
    first = chart_knowledge.read(path)
    monkeypatch.setattr(chart, "read", lambda ref: pytest.fail("it was read again"))
    assert chart_knowledge.read(path) == first
    assert len(list(cache.iterdir())) == 1


def test_another_archive_of_the_same_name_is_read_anew(tmp_path, cache):
    assert chart_knowledge.read(archive(tmp_path, "a: 1\n")).defaults == {"a": 1}
    assert chart_knowledge.read(archive(tmp_path, "b: 1\n")).defaults == {"b": 1}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"name": "cilium"}', '{"known": [1]}'])
def test_what_was_kept_and_is_damaged_is_learnt_anew(tmp_path, cache, damage):
    path = archive(tmp_path, "a: 1\n")
    first = chart_knowledge.read(path)
    (kept,) = cache.iterdir()
    kept.write_text(damage)
    assert chart_knowledge.read(path) == first
    assert kept.read_text() != damage


@pytest.mark.parametrize("values", ["1: a\n", "since: 2026-01-01\n"])
def test_what_json_has_no_form_for_is_a_text_as_helm_reads_it_and_kept(tmp_path, cache, values):
    path = archive(tmp_path, values)
    for _time in range(2):
        assert chart_knowledge.read(path) == chart.read(path)
    assert len(list(cache.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert chart_knowledge.read(archive(tmp_path, "a: 1\n")).defaults == {"a": 1}


def test_a_folder_and_what_is_not_there_are_not_kept(tmp_path, cache):
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text(META)
    assert chart_knowledge.read(str(tmp_path / "chart")).version == "1.20.2"
    with pytest.raises(chart.ChartError):
        chart_knowledge.read(str(tmp_path / "none.tgz"))
    assert not cache.exists()
