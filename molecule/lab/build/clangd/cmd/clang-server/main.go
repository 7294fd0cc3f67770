// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// Command clang-server compiles the datapath for the lab's emulated nodes with this machine's clang.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmsgprefix)
	log.SetPrefix("clang-server: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	listen := flag.String("listen", wire.DefaultServer, "address to listen on, and no other")
	clang := flag.String("clang", "/usr/bin/clang-19", "the real compiler; Cilium wants 18.1 or newer")
	bpfDir := flag.String("bpf-dir", "", "folder that stands for "+wire.LibraryDir+" (required)")
	cacheDir := flag.String("cache", "", "folder that keeps results (empty: none are kept)")
	cacheMB := flag.Int64("cache-max-mb", 512, "size of that folder, in MiB")
	jobs := flag.Int("jobs", runtime.NumCPU(), "compilers that run at once")
	timeout := flag.Duration("timeout", 5*time.Minute, "longest run of one compiler")
	tmp := flag.String("tmp", os.TempDir(), "folder for the private folders of the compiles")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if *bpfDir == "" {
		return errors.New("--bpf-dir is required")
	}
	if *jobs < 1 {
		return errors.New("--jobs must be at least 1")
	}
	dir, err := filepath.Abs(*bpfDir)
	if err != nil {
		return err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "bpf_lxc.c")); err != nil {
		return fmt.Errorf("--bpf-dir is not the datapath's folder: %w", err)
	}
	c := &compiler{clang: *clang, bpfDir: dir, tmp: *tmp, timeout: *timeout, slots: make(chan struct{}, *jobs)}
	version, err := exec.Command(c.clang, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s --version: %w", c.clang, err)
	}
	c.version = string(version)
	if c.library, err = digest(dir); err != nil {
		return err
	}
	if c.cache, err = newCache(*cacheDir, *cacheMB<<20); err != nil {
		return err
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Handler: handler(c), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		short, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(short) != nil {
			server.Close()
		}
	}()
	log.Printf("listening on %s, %s, %d at once, library %s (%.12s), cache %q", listener.Addr(),
		strings.SplitN(c.version, "\n", 2)[0], *jobs, dir, c.library, *cacheDir)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// digest of the library's sources: line information in the objects quotes them, so they belong to the cache's key.
func digest(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !(strings.HasSuffix(path, ".h") || strings.HasSuffix(path, ".c")) {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		fmt.Fprintf(h, "%s\x00", strings.TrimPrefix(path, dir))
		_, err = io.Copy(h, f)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
