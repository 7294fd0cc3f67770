# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller makes of the certificates that the module sends."""

from made_certificates import Made

from ansible_collections.zerotrust.baremetal.plugins.action.certificate import judge

NOW = "2026-12-01T00:00:00Z"
root = Made("root", ca=True)
leaf = Made("leaf", root)


def test_all_is_well():
    result = judge({"/a": leaf.pem, "/b": root.pem}, root.pem, 86400, NOW)
    assert "failed" not in result
    assert [(one["path"], one["verified"], len(one["certificates"])) for one in result["files"]] == [
        ("/a", True, 1),
        ("/b", True, 1),
    ]


def test_everything_that_is_wrong_is_said_at_once_and_the_files_are_there():
    result = judge({"/a": leaf.pem, "/b": Made("other").pem}, root.pem, 40 * 86400, NOW)
    assert result["failed"] is True
    assert len(result["files"]) == 2
    assert result["msg"].splitlines()[1:] == [
        "- /a: CN=leaf ends in 31.0 days, on 2027-01-01T00:00:00Z",
        "- /b: CN=other ends in 31.0 days, on 2027-01-01T00:00:00Z",
        "- /b: CN=other was issued by CN=other, which is neither trusted nor in the file",
    ]


def test_what_is_no_certificate_is_named():
    damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    result = judge({"/a": leaf.pem, "/b": damaged}, None, None, NOW)
    assert result["failed"] is True
    assert "- /b: not a certificate" in result["msg"]
    assert "files" not in result
