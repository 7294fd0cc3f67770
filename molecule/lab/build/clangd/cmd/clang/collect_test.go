// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func layout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	stateDir, libraryDir = filepath.Join(root, "run"), filepath.Join(root, "lib")
	for name, text := range map[string]string{
		"run/state/globals/node_config.h":     "#define NODE 1\n",
		"run/state/templates/abc/ep_config.h": "#define EP 1\n",
		"run/state/templates/abc/bpf_lxc.o":   "not a header",
		"run/state/x.c":                       "int x;\n",
		"lib/include/bpf/features.h":          "#pragma once\n",
		"lib/bpf_lxc.c":                       "int lxc;\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestCollectTakesHeadersBelowEveryFolder(t *testing.T) {
	root := layout(t)
	req, err := collect([]string{"-I" + root + "/run/state", "-I", root + "/run/state/globals", "-I" + root + "/lib",
		"-c", root + "/lib/bpf_lxc.c", "-o", "-"}, root+"/run/state", strings.NewReader("unused"))
	if err != nil {
		t.Fatal(err)
	}
	if len(req.Files) != 2 || req.Stdin != nil {
		t.Fatalf("files %v, stdin %q", req.Files, req.Stdin)
	}
	if string(req.Files[root+"/run/state/templates/abc/ep_config.h"]) != "#define EP 1\n" {
		t.Error("the nested header is missing")
	}
}

func TestCollectTakesRelativeSourceAndStdin(t *testing.T) {
	root := layout(t)
	req, err := collect([]string{"-c", "x.c", "-o", "x.o"}, root+"/run/state", nil)
	if err != nil || len(req.Files) != 1 {
		t.Fatalf("%v %v", req, err)
	}
	req, err = collect([]string{"-x", "c", "-c", "-"}, root+"/run/state", strings.NewReader("int y;"))
	if err != nil || string(req.Stdin) != "int y;" {
		t.Fatalf("%v %v", req, err)
	}
}

func TestCollectFailsLoudly(t *testing.T) {
	root := layout(t)
	for want, args := range map[string][]string{
		"no such file":     {"-I" + root + "/run/gone", "-c", root + "/lib/bpf_lxc.c"},
		"only paths below": {"-I/usr/include", "-c", "x.c"},
		"not a folder":     {"-I" + root + "/run/state/x.c"},
	} {
		if _, err := collect(args, root+"/run/state", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	if err := os.WriteFile(root+"/lib/include/bpf/features_skb.h", []byte("#define HAVE_X 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := collect([]string{"--version"}, root, nil); err == nil || !strings.Contains(err.Error(), "macros") {
		t.Errorf("feature macros of the node went unnoticed: %v", err)
	}
}
