// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// status is what the kubelet and Prometheus see of us, in our own network namespace.
type status struct{ servers []*http.Server }

func serveStatus(cfg *config, m *metrics, ready func() bool) (*status, error) {
	s := new(status)
	health := http.NewServeMux()
	health.HandleFunc("/healthz/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(w, "not ready: no complete snapshot of the istio-cni agent, or pods without listeners", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	stats := http.NewServeMux()
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	stats.Handle("/metrics", metrics)
	stats.Handle("/stats/prometheus", metrics)
	for addr, handler := range map[string]http.Handler{cfg.statusAddr: health, cfg.statsAddr: stats} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			s.close()
			return nil, err
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		s.servers = append(s.servers, server)
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				slog.Error("status", "address", addr, "error", err)
			}
		}()
	}
	return s, nil
}

func (s *status) close() {
	for _, server := range s.servers {
		server.Close()
	}
}
