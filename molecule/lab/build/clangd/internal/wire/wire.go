// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// Package wire is what the clang client and the compile server agree on.
package wire

import "strings"

// The two folders of the agent's image a compile may name. StateDir is the node's own and travels with the request;
// LibraryDir is the same for every node of a version, so the server has its own copy.
const (
	StateDir   = "/var/run/cilium"
	LibraryDir = "/var/lib/cilium/bpf"
)

// Where the server is, unless the environment or the file says otherwise.
const (
	DefaultServer = "192.168.66.1:8090"
	ServerEnv     = "LAB_CLANG_SERVER"
	ServerFile    = "/etc/lab-clang-server"
)

// Limits hold on both sides: the client refuses early and with the file's name, the server trusts nobody.
const (
	MaxFile     = 1 << 20
	MaxFiles    = 4096
	MaxRequest  = 32 << 20
	MaxResponse = 64 << 20
)

// Request is one call of clang. Files are keyed by their absolute path in the client's file system.
type Request struct {
	Args  []string
	Dir   string
	Stdin []byte
	Files map[string][]byte
}

// Response is what that call did. Files are those it wrote, keyed like the request's.
type Response struct {
	ExitCode int
	Stdout   []byte
	Stderr   []byte
	Files    map[string][]byte
	Cached   bool
}

// Under says whether the clean path is dir or lies below it.
func Under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
