# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
.PHONY: setup demo test test-nodes lint fast down

setup: ; @molecule/lab/setup
demo: setup ; @molecule/lab/demo
test: setup ; @tests/run lint fast lab control nodes
test-nodes: setup ; @tests/run lab nodes node faults
lint: setup ; @tests/run lint
fast: setup ; @tests/run fast
down: ; @molecule/lab/lab down demo
