# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.zerotrust.baremetal.plugins.filter.cni_chain import FilterModule

cni_chain = FilterModule().filters()["cni_chain"]


def test_text_and_mapping():
    assert cni_chain('{"name": "n", "plugins": [{"type": "a"}]}', "x.conflist")["plugins"] == [{"type": "a"}]
    assert cni_chain({"type": "a"})["valid"]
    assert cni_chain("{")["error"]


def test_anything_else_is_refused():
    with pytest.raises(AnsibleFilterError, match="not list"):
        cni_chain([])
