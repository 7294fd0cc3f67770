// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

// cache keeps results of successful compiles on disk, by content. The content is the preprocessed source, not the headers:
// a node's headers name its addresses and every endpoint's folder, few of which reach the program that is compiled.
type cache struct {
	dir   string // empty: nothing is kept
	limit int64

	mu    sync.Mutex
	locks map[string]*keyLock
}

type keyLock struct {
	sync.Mutex
	users int
}

func newCache(dir string, limit int64) (*cache, error) {
	c := &cache{dir: dir, limit: limit, locks: map[string]*keyLock{}}
	if dir == "" {
		return c, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return c, c.prune()
}

func (c *cache) key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// lock lets one request at a time work on a key.
func (c *cache) lock(key string) (unlock func()) {
	c.mu.Lock()
	l := c.locks[key]
	if l == nil {
		l = new(keyLock)
		c.locks[key] = l
	}
	l.users++
	c.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		c.mu.Lock()
		if l.users--; l.users == 0 {
			delete(c.locks, key)
		}
		c.mu.Unlock()
	}
}

func (c *cache) path(key string) string { return filepath.Join(c.dir, key[:2], key) }

func (c *cache) get(key string) *wire.Response {
	if c.dir == "" {
		return nil
	}
	f, err := os.Open(c.path(key))
	if err != nil {
		return nil
	}
	defer f.Close()
	resp := new(wire.Response)
	if gob.NewDecoder(f).Decode(resp) != nil {
		return nil // a damaged entry is as good as none: it will be written again
	}
	now := time.Now()
	_ = os.Chtimes(c.path(key), now, now) // only makes the entry look older than it is
	return resp
}

func (c *cache) put(key string, resp *wire.Response) error {
	if c.dir == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(c.path(key)), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.path(key)), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := gob.NewEncoder(f).Encode(resp); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.path(key)); err != nil {
		return err
	}
	return c.prune()
}

// prune removes the entries longest unused until the rest fits.
func (c *cache) prune() error {
	type entry struct {
		path string
		info fs.FileInfo
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var entries []entry
	var total int64
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil // removed since
		}
		entries = append(entries, entry{path, info})
		total += info.Size()
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b entry) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, e := range entries {
		if total <= c.limit {
			break
		}
		if err := os.Remove(e.path); err == nil {
			total -= e.info.Size()
		}
	}
	return nil
}
