# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

pytest.importorskip("ansible._internal._datatag._tags", reason="ansible-core < 2.19 does not know where a value stands")

from ansible.parsing.dataloader import DataLoader

from ansible_collections.zerotrust.baremetal.plugins.action.cluster_evidence import origins


def test_every_key_is_found_in_its_file_and_line(tmp_path, monkeypatch):
    path = tmp_path / "group_vars.yml"
    path.write_text("cilium_values:\n  cni:\n    chained: true\n  bpf: {masquerade: false}\n")
    values = DataLoader().load_from_file(str(path))["cilium_values"]
    monkeypatch.chdir(tmp_path)
    assert origins(values) == {
        "cni": "group_vars.yml:2",
        "cni.chained": "group_vars.yml:3",
        "bpf": "group_vars.yml:4",
        "bpf.masquerade": "group_vars.yml:4",
    }


def test_what_has_no_place_is_left_out():
    assert origins({"a": {"b": 1}}) == {}
