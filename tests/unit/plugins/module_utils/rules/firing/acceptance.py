# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from .case import case


def accepts(b, text, kind="Namespace", namespace="", name="shop"):
    b["api"]["acceptances"].append({"kind": kind, "namespace": namespace, "name": name, "text": text})


@case("ZT-ACC-001", "Namespace shop", "there is no rule 'ZT-PSS-999'", "preflight")
def acc_001(b):
    accepts(b, "ZT-PSS-999 until 2027-01-31: decided")


@case("ZT-ACC-001", "Namespace shop", "its line 'ZT-PSS-002: for ever' is not of the form")
def acc_001_2(b):
    accepts(b, "ZT-PSS-002 until 2027-01-31: decided\n\n  ZT-PSS-002: for ever\n")


@case("ZT-ACC-001", "NetworkPolicy shop/deny", "its line 'ZT-AMB-030 until 2027-02-30: soon' is not")
def acc_001_3(b):
    accepts(b, "ZT-AMB-030 until 2027-02-30: soon", "NetworkPolicy", "shop", "deny")
