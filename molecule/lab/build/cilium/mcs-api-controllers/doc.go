// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package controllers

// DerivedServiceAnnotation is the one name Cilium's operator takes from this package.
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
