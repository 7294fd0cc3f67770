# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespaces of the platform, unless the charts say otherwise."""

from __future__ import annotations

NETWORK, MESH, POLICY = "kube-system", "istio-system", "gatekeeper-system"
