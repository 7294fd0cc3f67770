// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"zerotrust.lab/clangd/internal/wire"
)

// allowed are the options a compile of the datapath or a question to the compiler may use. A list of what is good, because
// clang has options that load code or read any file, and the server runs outside the node it serves.
var allowed = []string{
	"-O", "-g", "-W", "-f", "-m", "-std=", "--target=", "-target", "-nostdinc", "-pedantic", "-w",
	"-c", "-E", "-S", "-P", "-v", "-###", "--version", "-dumpversion", "-dumpmachine", "-print-", "--print-", "--help",
	"-emit-llvm", "-M", "-D", "-U", "-x", "-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-o",
}

var forbidden = []string{"-Wp,", "-Wl,", "-Wa,", "-fplugin", "-fpass-plugin", "-fprofile", "-fmodule", "-mllvm", "-fuse-ld"}

// job is a request as clang will see it: rewritten for the folders of this machine.
type job struct {
	args    []string // of the compile
	preproc []string // of the same, only preprocessed; nil when there is nothing to preprocess
	source  string   // for the log
	state   bool     // the node's own headers are on the include path
}

// place turns a path of the client's file system into one of ours.
func place(path, root, bpfDir string) string {
	if wire.Under(path, wire.LibraryDir) {
		return bpfDir + strings.TrimPrefix(path, wire.LibraryDir)
	}
	return root + path
}

// local checks a path an argument names and returns ours. Relative ones stay: clang runs in the client's folder below root.
func local(path, root, bpfDir string) (string, error) {
	if strings.ContainsAny(path, "\x00\n") {
		return "", fmt.Errorf("path %q has a control character", path)
	}
	for _, element := range strings.Split(path, "/") {
		if element == ".." {
			return "", fmt.Errorf("path %q leaves its folder", path)
		}
	}
	if !filepath.IsAbs(path) {
		return path, nil
	}
	if path = filepath.Clean(path); !wire.Under(path, wire.StateDir) && !wire.Under(path, wire.LibraryDir) {
		return "", fmt.Errorf("path %q is neither below %s nor %s", path, wire.StateDir, wire.LibraryDir)
	}
	return place(path, root, bpfDir), nil
}

func permitted(option string) error {
	for _, bad := range forbidden {
		if strings.HasPrefix(option, bad) {
			return fmt.Errorf("option %q is not served", option)
		}
	}
	for _, good := range allowed {
		if strings.HasPrefix(option, good) {
			return nil
		}
	}
	return fmt.Errorf("option %q is not served", option)
}

// rewrite checks a command line and translates it.
func rewrite(req *wire.Request, root, bpfDir string) (*job, error) {
	j := new(job)
	// The object names the node's paths, not those of this run: equal compiles give equal objects. The library's own path stays:
	// clang reads the lines that the verifier's messages quote from the path it writes into the object.
	maps := []string{"-ffile-prefix-map=" + root + "=", "-fdebug-compilation-dir=" + req.Dir}
	compiles := false
	dropValue := false
	for _, a := range wire.Parse(req.Args) {
		text := a.Prefix + a.Value
		switch a.Kind {
		case wire.Plain:
			if strings.HasPrefix(a.Value, "-") && a.Prefix == "" {
				if err := permitted(a.Value); err != nil {
					return nil, err
				}
				if strings.HasPrefix(a.Value, "-f") && strings.Contains(a.Value, "/") {
					return nil, fmt.Errorf("option %q names a path", a.Value)
				}
			}
		case wire.Input:
			if strings.HasPrefix(a.Value, "@") {
				return nil, fmt.Errorf("argument file %q is not served", a.Value)
			}
			fallthrough
		default:
			if a.Value == "-" {
				break
			}
			path, err := local(a.Value, root, bpfDir)
			if err != nil {
				return nil, err
			}
			text = a.Prefix + path
			if a.Kind == wire.Include && wire.Under(filepath.Clean(a.Value), wire.StateDir) {
				j.state = true
			}
		}
		j.args = append(j.args, text)

		switch {
		case dropValue:
			dropValue = false
			continue
		case a.Kind == wire.Input && a.Prefix == "":
			j.source = a.Value
			compiles = true
		case a.Kind == wire.Plain && (a.Value == "-c" || a.Value == "-S" || a.Value == "-emit-llvm" || a.Value == "-MD" || a.Value == "-MMD" || a.Value == "-MP"):
			continue
		case a.Kind == wire.Plain && a.Prefix == "" && (a.Value == "-o" || a.Value == "-MF" || a.Value == "-MT" || a.Value == "-MQ"):
			dropValue = true
			continue
		case a.Kind == wire.Output || a.Prefix == "-MT" || a.Prefix == "-MQ":
			continue
		}
		j.preproc = append(j.preproc, text)
	}
	if !compiles {
		j.preproc = nil
		return j, nil
	}
	j.args = append(j.args, maps...)
	j.preproc = append(j.preproc, "-E", "-o", "-")
	return j, nil
}
