// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"zerotrust.lab/clangd/internal/wire"
)

// unpack lays the request's files out below root, each under its own path.
func unpack(req *wire.Request, root string) error {
	if !filepath.IsAbs(req.Dir) || filepath.Clean(req.Dir) != req.Dir || wire.Under(req.Dir, wire.LibraryDir) {
		return fmt.Errorf("working folder %q cannot be used", req.Dir)
	}
	if len(req.Files) > wire.MaxFiles {
		return fmt.Errorf("%d files, more than the limit of %d", len(req.Files), wire.MaxFiles)
	}
	for _, dir := range []string{req.Dir, wire.StateDir} {
		if err := os.MkdirAll(root+dir, 0o700); err != nil {
			return err
		}
	}
	for path, data := range req.Files {
		if !filepath.IsAbs(path) || filepath.Clean(path) != path || !(wire.Under(path, wire.StateDir) || wire.Under(path, req.Dir)) {
			return fmt.Errorf("file %q is neither below %s nor the working folder", path, wire.StateDir)
		}
		if len(data) > wire.MaxFile {
			return fmt.Errorf("file %q has %d bytes, more than the limit of %d", path, len(data), wire.MaxFile)
		}
		if err := os.MkdirAll(filepath.Dir(root+path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(root+path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// written returns what clang wrote below root beside the files we put there.
func written(req *wire.Request, root string) (map[string][]byte, error) {
	files, total := map[string][]byte{}, 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name := path[len(root):]
		if _, ours := req.Files[name]; ours {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if total += len(data); total > wire.MaxResponse {
			return fmt.Errorf("clang wrote more than %d bytes", wire.MaxResponse)
		}
		files[name] = data
		return nil
	})
	return files, err
}
