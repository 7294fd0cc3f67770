// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// Command clang stands in for /usr/bin/clang in the agent's image: on an emulated node a compile takes longer than the
// CNI client waits, natively it takes seconds. It hands the compile to the lab's clang-server and behaves like the result.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zerotrust.lab/clangd/internal/wire"
)

func main() {
	resp, err := run(os.Args[1:])
	if err == nil {
		err = deliver(resp)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "lab clang client: %v\n", err)
		os.Exit(1)
	}
	os.Exit(resp.ExitCode)
}

func run(args []string) (*wire.Response, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	req, err := collect(args, dir, os.Stdin)
	if err != nil {
		return nil, err
	}
	return call(server(), req)
}

// server is the first of environment, file and default that says something.
func server() string {
	if s := strings.TrimSpace(os.Getenv(wire.ServerEnv)); s != "" {
		return s
	}
	if b, err := os.ReadFile(wire.ServerFile); err == nil {
		if s := strings.TrimSpace(string(b)); s != "" {
			return s
		}
	}
	return wire.DefaultServer
}

func deliver(resp *wire.Response) error {
	for path, data := range resp.Files {
		if !filepath.IsAbs(path) || filepath.Clean(path) != path {
			return fmt.Errorf("the server returned a file under the unclean name %q", path)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	if _, err := os.Stderr.Write(resp.Stderr); err != nil {
		return err
	}
	_, err := os.Stdout.Write(resp.Stdout)
	return err
}
