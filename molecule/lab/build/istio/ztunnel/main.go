// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// Command lab-ztunnel stands in for ztunnel, which no package registry offers, under ztunnel's image name in the lab. It takes
// the pods' network namespaces from the real istio-cni agent and passes the traffic its in-pod rules redirect on to where it was
// meant to go. It encrypts nothing and authorizes nothing, and says so wherever ztunnel would say what it is.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	program = "lab-ztunnel"
	about   = "stand-in for ztunnel: redirects and passes bytes through, no HBONE, no mTLS, no authorization"
)

// version is set by the build, to the version of the charts it serves.
var version = "dev"

// The main thread stays where it is: a goroutine that enters a pod's network namespace must never run on it, because it cannot
// be thrown away afterwards like any other thread.
func init() { runtime.LockOSThread() }

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 1 && (args[0] == "version" || args[0] == "--version" || args[0] == "-V"):
		fmt.Printf("%s %s (%s)\n", program, version, about)
		return
	case len(args) == 0, len(args) == 2 && args[0] == "proxy" && args[1] == "ztunnel":
	default:
		fmt.Fprintf(os.Stderr, "%s: usage: %s [proxy ztunnel | version], not %q\n", program, program, args)
		os.Exit(2)
	}
	cfg, err := fromEnvironment(os.LookupEnv)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", program, err)
		os.Exit(2)
	}
	slog.SetDefault(cfg.logger(os.Stdout))
	if err := run(cfg); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run(cfg *config) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	slog.Info("starting", "version", version, "about", about, "node", cfg.node, "agent", cfg.socket, "grace", cfg.grace)

	m := newMetrics()
	workloads := newManager(m, newDNS(m, cfg.resolvConf))
	status, err := serveStatus(cfg, m, workloads.ready)
	if err != nil {
		return err
	}
	defer status.close()
	go workloads.retry(ctx)
	go (&agent{socket: cfg.socket, workloads: workloads}).run(ctx)

	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	s := <-signals
	// The next ztunnel of the node already listens beside us: stop taking connections now and let the open ones finish.
	grace := cfg.grace - min(cfg.grace/5, 2*time.Second)
	slog.Info("draining", "signal", s.String(), "grace", grace)
	cancel()
	drained := workloads.shutdown(grace)
	select {
	case <-drained:
	case s = <-signals:
		slog.Warn("not waiting for open connections", "signal", s.String())
	}
	slog.Info("stopped", "signal", strings.ToLower(s.String()))
	return nil
}
