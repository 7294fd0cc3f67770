# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import json

import pytest
from ansible.errors import AnsibleFilterError
from made_certificates import Made

from ansible_collections.zerotrust.baremetal.plugins.filter.certificate import FilterModule

certificate = FilterModule().filters()["certificate"]
root = Made("root", ca=True, days=36500)
leaf = Made("leaf", root, days=36500)


def test_a_text_with_its_key():
    found = certificate(leaf.private + leaf.pem, root.pem)
    assert found["verified"] is True
    assert found["certificates"][0]["remaining_s"] > 0
    secret = leaf.private.splitlines()[1]
    assert secret not in json.dumps(found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("",), "no certificate in it"),
        ((leaf.private,), "no certificate in it"),
        ((None,), "the text has to be a PEM text, not NoneType"),
        ((leaf.pem, [root.pem]), "ca has to be a PEM text, not list"),
        ((leaf.pem, "x"), "the authorities: no certificate in it"),
    ],
)
def test_anything_else_is_refused_in_words(arguments, said):
    with pytest.raises(AnsibleFilterError) as error:
        certificate(*arguments)
    assert said in str(error.value)
    assert "PRIVATE" not in str(error.value)
