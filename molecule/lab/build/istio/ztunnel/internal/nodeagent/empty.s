// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// The compiler accepts functions without a body only where an assembler file may define them.
