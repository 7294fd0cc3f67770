// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

// refusal is an error of the request, not of this machine.
type refusal struct{ error }

// compiler runs clang for many nodes at once.
type compiler struct {
	clang   string
	bpfDir  string
	version string // clang's own words, part of the cache's key
	library string // digest of bpfDir, likewise
	tmp     string
	timeout time.Duration
	slots   chan struct{}
	cache   *cache
}

// serve answers one request. The context ends when the client goes away: an agent that gave up must not keep a core busy.
func (c *compiler) serve(ctx context.Context, req *wire.Request) (*wire.Response, *job, error) {
	root, err := os.MkdirTemp(c.tmp, "lab-clang-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(root)
	j, err := rewrite(req, root, c.bpfDir)
	if err != nil {
		return nil, nil, refusal{err}
	}
	if err := unpack(req, root); err != nil {
		return nil, j, refusal{err}
	}
	if j.preproc == nil {
		resp, err := c.run(ctx, req, root, j.args)
		return resp, j, err
	}
	pre, err := c.run(ctx, req, root, j.preproc)
	if err != nil || pre.ExitCode != 0 {
		if pre != nil {
			pre.Stdout = nil
		}
		return pre, j, err
	}
	if err := c.checkSources(j, pre.Stdout); err != nil {
		return nil, j, refusal{err}
	}
	key := c.cache.key(c.version, c.bpfDir, c.library, req.Dir, strings.Join(req.Args, "\x00"), c.neutral(pre.Stdout, root))
	// Two nodes that start together ask for the same object: the second waits for the first one's.
	unlock := c.cache.lock(key)
	defer unlock()
	if resp := c.cache.get(key); resp != nil {
		resp.Cached = true
		return resp, j, nil
	}
	resp, err := c.run(ctx, req, root, j.args)
	if err == nil && resp.ExitCode == 0 {
		if resp.Files, err = written(req, root); err == nil {
			err = c.cache.put(key, resp)
		}
	}
	return resp, j, err
}

func (c *compiler) run(ctx context.Context, req *wire.Request, root string, args []string) (*wire.Response, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.clang, args...)
	cmd.Dir = root + req.Dir
	if err := os.MkdirAll(cmd.Dir, 0o700); err != nil {
		return nil, err
	}
	// Nothing of our environment may reach the compiler: CPATH and its like change what is compiled.
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TMPDIR=" + c.tmp}
	cmd.Stdin = bytes.NewReader(req.Stdin)
	var stdout, stderr limited
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("clang stopped: %w", ctx.Err())
	case err != nil && !errors.As(err, &exit):
		return nil, err
	case exit != nil && exit.ExitCode() < 0:
		return nil, fmt.Errorf("clang died: %s: %s", exit, stderr.Bytes())
	}
	return &wire.Response{
		ExitCode: cmd.ProcessState.ExitCode(),
		Stdout:   stdout.Bytes(),
		Stderr:   []byte(c.neutral(stderr.Bytes(), root)),
	}, nil
}

// neutral gives the paths of this run the names they have on the node.
func (c *compiler) neutral(text []byte, root string) string {
	return strings.ReplaceAll(strings.ReplaceAll(string(text), c.bpfDir, wire.LibraryDir), root, "")
}

// The library carries placeholders of the headers the agent writes. clang takes them without a word when the real one did not
// come, and the object lacks its programs. The base programs legitimately use the ep_config.h placeholder, endpoints never.
var marker = regexp.MustCompile(`(?m)^# \d+ "([^"]+)"`)

func (c *compiler) checkSources(j *job, preprocessed []byte) error {
	if !j.state {
		return nil
	}
	wanted := map[string]bool{"node_config.h": true}
	if base := path.Base(j.source); base == "bpf_lxc.c" || base == "bpf_host.c" {
		wanted["ep_config.h"] = true
	}
	for _, m := range marker.FindAllSubmatch(preprocessed, -1) {
		if dir, name := path.Split(string(m[1])); path.Clean(dir) == c.bpfDir && wanted[name] {
			return fmt.Errorf("%s: %s came from the library's placeholder, not from the node: it is missing below %s", j.source, name, wire.StateDir)
		}
	}
	return nil
}

// limited is a buffer that a mad compiler cannot fill the machine's memory with.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > wire.MaxResponse {
		return 0, fmt.Errorf("more than %d bytes of output", wire.MaxResponse)
	}
	return l.Buffer.Write(p)
}
