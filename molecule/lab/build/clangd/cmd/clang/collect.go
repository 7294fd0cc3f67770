// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zerotrust.lab/clangd/internal/wire"
)

// The folders, as variables: a test has no /var/run/cilium of its own.
var (
	stateDir   = wire.StateDir
	libraryDir = wire.LibraryDir
)

// collect makes the request: everything the compile may read that the server has not got.
func collect(args []string, dir string, stdin io.Reader) (*wire.Request, error) {
	req := &wire.Request{Args: args, Dir: dir, Files: map[string][]byte{}}
	if err := checkFeatures(libraryDir); err != nil {
		return nil, err
	}
	for _, a := range wire.Parse(args) {
		if a.Kind == wire.Input && a.Value == "-" {
			data, err := io.ReadAll(io.LimitReader(stdin, wire.MaxFile+1))
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			if len(data) > wire.MaxFile {
				return nil, fmt.Errorf("standard input has more than %d bytes", wire.MaxFile)
			}
			req.Stdin = data
			continue
		}
		if a.Kind != wire.Include && a.Kind != wire.Input {
			continue
		}
		path := a.Value
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		path = filepath.Clean(path)
		if wire.Under(path, libraryDir) {
			continue
		}
		if filepath.IsAbs(a.Value) && !wire.Under(path, stateDir) {
			return nil, fmt.Errorf("%s%s: only paths below %s and %s can be compiled", a.Prefix, a.Value, stateDir, libraryDir)
		}
		var err error
		if a.Kind == wire.Include {
			err = addFolder(req, path)
		} else {
			err = addFile(req, path)
		}
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", a.Prefix, a.Value, err)
		}
	}
	return req, nil
}

// addFolder takes every header below the folder. The folder itself must be there: clang ignores a missing one and then finds
// the placeholder headers beside its sources, and the object comes out without its programs.
func addFolder(req *wire.Request, root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return errors.New("not a folder")
	}
	// The slash makes WalkDir follow a root that is a symbolic link.
	return filepath.WalkDir(root+"/", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			// The agent renames the folders of its endpoints while we walk; what is gone is no header of this compile.
			if errors.Is(err, fs.ErrNotExist) && filepath.Clean(path) != root {
				return nil
			}
			return err
		}
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".h") {
			return nil
		}
		if err := addFile(req, filepath.Clean(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func addFile(req *wire.Request, path string) error {
	if _, ok := req.Files[path]; ok {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() > wire.MaxFile {
		return fmt.Errorf("%s has %d bytes, more than the limit of %d", path, info.Size(), wire.MaxFile)
	}
	if len(req.Files) >= wire.MaxFiles {
		return fmt.Errorf("more than %d files to send", wire.MaxFiles)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	req.Files[path] = data
	return nil
}

// checkFeatures refuses when the agent wrote feature macros into its own copy of the library, where the server cannot see
// them. Cilium 1.20 writes these headers without a single macro; a version that does otherwise must not compile wrongly in silence.
func checkFeatures(library string) error {
	names, err := filepath.Glob(filepath.Join(library, "include/bpf/features*.h"))
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if bytes.Contains(data, []byte("#define")) {
			return fmt.Errorf("%s has macros of this node's kernel, which the compile server does not know", name)
		}
	}
	return nil
}
