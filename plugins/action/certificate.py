# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name where the files are, and reads here what it sends: only here is `cryptography` sure to be."""

from __future__ import annotations

import datetime

from ansible.plugins.action import ActionBase

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import certificate, certificate_chain


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        result = self._execute_module(task_vars=task_vars)
        if result.get("failed") or "read" not in result:
            return result
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**result, **judge(result.pop("read"), result.pop("trusted"), result.pop("seconds"), now)}


def judge(read, trusted, seconds, now):
    """Return the files in detail, and a failure where they are not as it was asked."""
    files = [{"path": path, **_detailed(text, now, trusted)} for path, text in read.items()]
    unread = [f"{one['path']}: {one['unread']}" for one in files if "unread" in one]
    if unread:
        return _failure("Not every certificate can be read. Have these files written anew:", unread)
    wrong = [said for one in files for said in certificate_chain.wrong(one["path"], one, now, seconds)]
    if wrong:
        return {"files": files, **_failure("Not every certificate is as it is asked for. Renew these, or ask for less:", wrong)}
    return {"files": files}


def _detailed(text, now, trusted):
    try:
        return certificate_chain.read(text, now, trusted)
    except certificate.CertificateError as error:
        return {"unread": str(error)}


def _failure(title, lines):
    return {"failed": True, "msg": "\n".join([title, *(f"- {line}" for line in lines)])}
