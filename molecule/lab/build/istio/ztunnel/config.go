// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// config is what the chart says through the environment, in ztunnel's own names.
type config struct {
	socket     string
	node       string
	grace      time.Duration
	json       bool
	level      slog.Level
	statusAddr string
	statsAddr  string
	resolvConf string
}

func fromEnvironment(lookup func(string) (string, bool)) (*config, error) {
	get := func(name, fallback string) string {
		if v, ok := lookup(name); ok && v != "" {
			return v
		}
		return fallback
	}
	if v := get("INPOD_ENABLED", "true"); v != "true" {
		return nil, fmt.Errorf("INPOD_ENABLED=%q: only the in-pod mode exists here", v)
	}
	seconds, err := strconv.Atoi(get("TERMINATION_GRACE_PERIOD_SECONDS", "5"))
	if err != nil || seconds < 0 {
		return nil, fmt.Errorf("TERMINATION_GRACE_PERIOD_SECONDS=%q is not a number of seconds", get("TERMINATION_GRACE_PERIOD_SECONDS", ""))
	}
	return &config{
		socket:     get("INPOD_UDS", "/var/run/ztunnel/ztunnel.sock"),
		node:       get("NODE_NAME", ""),
		grace:      time.Duration(seconds) * time.Second,
		json:       get("LOG_FORMAT", "plain") == "json",
		level:      level(get("RUST_LOG", "info")),
		statusAddr: ":15021",
		statsAddr:  ":15020",
		resolvConf: "/etc/resolv.conf",
	}, nil
}

// level takes the default of a Rust filter ("info,ztunnel::proxy=debug"): the modules it may also name do not exist here.
func level(filter string) slog.Level {
	for _, part := range strings.Split(filter, ",") {
		switch strings.ToLower(strings.TrimSpace(part)) {
		case "trace", "debug":
			return slog.LevelDebug
		case "warn":
			return slog.LevelWarn
		case "error", "off":
			return slog.LevelError
		}
	}
	return slog.LevelInfo
}

func (c *config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.level}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if c.json {
		handler = slog.NewJSONHandler(w, options)
	}
	return slog.New(handler).With("program", program)
}
