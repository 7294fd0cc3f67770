// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

// newCompiler has a library of one program and one placeholder, like the real one.
func newCompiler(t *testing.T) *compiler {
	t.Helper()
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("clang-19 is not installed")
	}
	lib := t.TempDir()
	for name, text := range map[string]string{
		"bpf_lxc.c":     "#include <node_config.h>\n#include \"lib/x.h\"\nint f(void) { return VALUE + X; }\n",
		"node_config.h": "#define VALUE 0\n",
		"lib/x.h":       "#define X 1\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(lib, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(lib, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	store, err := newCache(t.TempDir(), 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	return &compiler{clang: clang, bpfDir: lib, version: "test", library: "lib", tmp: t.TempDir(), timeout: time.Minute,
		slots: make(chan struct{}, 2), cache: store}
}

const state = wire.StateDir + "/state"

func request(header string, extra ...string) *wire.Request {
	args := []string{"-I" + state + "/globals", "-I" + wire.LibraryDir, "-g", "-O2", "--target=bpf", "-nostdinc"}
	args = append(append(args, extra...), "-c", wire.LibraryDir+"/bpf_lxc.c", "-o", "-")
	return &wire.Request{Args: args, Dir: state, Files: map[string][]byte{state + "/globals/node_config.h": []byte(header)}}
}

func TestCompileAndCache(t *testing.T) {
	c := newCompiler(t)
	first, _, err := c.serve(context.Background(), request("#define VALUE 1\n"))
	if err != nil || first.ExitCode != 0 || first.Cached || !bytes.HasPrefix(first.Stdout, []byte("\x7fELF")) {
		t.Fatalf("%+v %v", first, err)
	}
	// Another node: its header differs, the program does not.
	second, _, err := c.serve(context.Background(), request("#define VALUE 1 /* 192.0.2.2 */\n#define UNUSED 2\n"))
	if err != nil || !second.Cached || !bytes.Equal(first.Stdout, second.Stdout) {
		t.Fatalf("cached %v, %v", second != nil && second.Cached, err)
	}
	for name, req := range map[string]*wire.Request{"value": request("#define VALUE 2\n"), "option": request("#define VALUE 1\n", "-mcpu=v3")} {
		if resp, _, err := c.serve(context.Background(), req); err != nil || resp.Cached || bytes.Equal(resp.Stdout, first.Stdout) {
			t.Errorf("a changed %s was served from the cache, or failed: %v", name, err)
		}
	}
	if left, _ := os.ReadDir(c.tmp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSameCompileAtOnceRunsOnce(t *testing.T) {
	c := newCompiler(t)
	cached := make(chan bool, 2)
	for range 2 {
		go func() {
			resp, _, err := c.serve(context.Background(), request("#define VALUE 1\n"))
			cached <- err == nil && resp.Cached
		}()
	}
	if a, b := <-cached, <-cached; a == b {
		t.Errorf("cached: %v and %v, want one of them", a, b)
	}
}

func TestErrorsOfTheCompilerComeBackWithTheNodesPaths(t *testing.T) {
	c := newCompiler(t)
	resp, _, err := c.serve(context.Background(), request("#define VALUE nothing\n"))
	if err != nil || resp.ExitCode != 1 || !strings.Contains(string(resp.Stderr), wire.LibraryDir+"/bpf_lxc.c") || strings.Contains(string(resp.Stderr), c.tmp) {
		t.Fatalf("%+v %v", resp, err)
	}
	again, _, _ := c.serve(context.Background(), request("#define VALUE nothing\n"))
	if again.Cached {
		t.Error("a failure was kept")
	}
}

func TestPlaceholderIsRefused(t *testing.T) {
	c := newCompiler(t)
	req := request("")
	req.Files = nil
	if _, _, err := c.serve(context.Background(), req); !errors.As(err, new(refusal)) || !strings.Contains(err.Error(), "placeholder") {
		t.Fatal(err)
	}
}

func TestNamedOutput(t *testing.T) {
	c := newCompiler(t)
	for range 2 {
		req := request("#define VALUE 1\n")
		req.Args[len(req.Args)-1] = state + "/bpf_lxc.o"
		resp, _, err := c.serve(context.Background(), req)
		if err != nil || !bytes.HasPrefix(resp.Files[state+"/bpf_lxc.o"], []byte("\x7fELF")) || len(resp.Files) != 1 {
			t.Fatalf("%v %v", resp, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, args := range [][]string{
		{"-c", "/etc/passwd"}, {"-I/usr/include", "-c", "x.c"}, {"-c", "x.c", "-o", "/etc/x"}, {"-I" + state + "/../../../../etc"},
		{"-fplugin=x.so", "-c", "x.c"}, {"-Xclang", "-load"}, {"@args"}, {"-Wp,-MD,/etc/x"}, {"-include", "/etc/shadow"},
		{"-fcrash-diagnostics-dir=/etc", "-c", "x.c"}, {"-B/x"}, {"--config=/x"}, {"-c", "../../x.c"},
	} {
		if j, err := rewrite(&wire.Request{Args: args, Dir: state}, "/root", "/bpf"); err == nil {
			t.Errorf("%v was accepted as %v", args, j.args)
		}
	}
	root := t.TempDir()
	for _, req := range []*wire.Request{
		{Dir: state, Files: map[string][]byte{"/etc/x.h": nil}},
		{Dir: state, Files: map[string][]byte{state + "/../../../../../x.h": nil}},
		{Dir: state, Files: map[string][]byte{state + "/x.h": make([]byte, wire.MaxFile+1)}},
		{Dir: "relative"}, {Dir: wire.LibraryDir}, {Dir: "/a/../.."},
	} {
		if unpack(req, root) == nil {
			t.Errorf("%q in %q was unpacked", req.Files, req.Dir)
		}
	}
}

func TestOverHTTP(t *testing.T) {
	c := newCompiler(t)
	server := httptest.NewServer(handler(c))
	defer server.Close()
	post := func(req *wire.Request) *http.Response {
		var body bytes.Buffer
		if err := gob.NewEncoder(&body).Encode(req); err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post(server.URL+"/v1/clang", "application/x-gob", &body)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	resp, answer := post(&wire.Request{Args: []string{"--version"}, Dir: state}), new(wire.Response)
	if err := gob.NewDecoder(resp.Body).Decode(answer); err != nil || !strings.Contains(string(answer.Stdout), "clang version") {
		t.Fatalf("%+v %v", answer, err)
	}
	if resp := post(&wire.Request{Args: []string{"-c", "/etc/passwd"}, Dir: state}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestCachePrunesTheLongestUnused(t *testing.T) {
	c, err := newCache(t.TempDir(), 5000)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{c.key("a"), c.key("b"), c.key("c")}
	for i, key := range keys {
		if err := c.put(key, &wire.Response{Stdout: make([]byte, 2000)}); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			old := time.Now().Add(time.Duration(i-10) * time.Minute)
			if err := os.Chtimes(c.path(key), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.get(keys[0]) != nil || c.get(keys[1]) == nil || c.get(keys[2]) == nil {
		t.Error("the wrong entry went")
	}
}
