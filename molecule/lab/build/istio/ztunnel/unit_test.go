// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func (n *netns) listenAlone(port int) (l net.Listener, err error) {
	err = n.do(func() (err error) {
		l, err = net.ListenTCP("tcp4", &net.TCPAddr{Port: port})
		return err
	})
	return l, err
}

func TestConfigOfTheChart(t *testing.T) {
	env := map[string]string{"INPOD_ENABLED": "true", "TERMINATION_GRACE_PERIOD_SECONDS": "30", "RUST_LOG": "info,ztunnel=debug",
		"LOG_FORMAT": "json", "NODE_NAME": "n1"}
	cfg, err := fromEnvironment(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil || cfg.grace != 30*time.Second || cfg.level != slog.LevelInfo || !cfg.json || cfg.node != "n1" ||
		cfg.socket != "/var/run/ztunnel/ztunnel.sock" {
		t.Errorf("%+v %v", cfg, err)
	}
	var b strings.Builder
	cfg.logger(&b).Info("x")
	if !strings.Contains(b.String(), program) {
		t.Errorf("the log does not say what it is: %s", b.String())
	}
	for name, bad := range map[string]string{"INPOD_ENABLED": "false", "TERMINATION_GRACE_PERIOD_SECONDS": "soon"} {
		if _, err := fromEnvironment(func(n string) (string, bool) { return bad, n == name }); err == nil {
			t.Errorf("%s=%s was accepted", name, bad)
		}
	}
}

func TestStatus(t *testing.T) {
	m, ready := newMetrics(), false
	cfg := &config{statusAddr: "127.0.0.1:0", statsAddr: "localhost:0"}
	s, err := serveStatus(cfg, m, func() bool { return ready })
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	get := func(path string) *httptest.ResponseRecorder {
		for _, server := range s.servers {
			rec := httptest.NewRecorder()
			server.Handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
			if rec.Code != http.StatusNotFound {
				return rec
			}
		}
		t.Fatalf("nobody serves %s", path)
		return nil
	}
	if code := get("/healthz/ready").Code; code != http.StatusServiceUnavailable {
		t.Errorf("not ready: %d", code)
	}
	ready = true
	if code := get("/healthz/ready").Code; code != http.StatusOK {
		t.Errorf("ready: %d", code)
	}
	for _, path := range []string{"/metrics", "/stats/prometheus"} {
		text := get(path).Body.String()
		for _, want := range []string{"lab_ztunnel_info{", `istio_build{component="lab-ztunnel"`, "workload_manager_active_proxy_count 0", "process_open_fds"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
}

func TestOwnResolver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("search x\n# nameserver 9.9.9.9\nnameserver 10.96.0.10\nnameserver 10.96.0.11\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ownResolver(file); err != nil || got != netip.MustParseAddrPort("10.96.0.10:53") {
		t.Errorf("%v %v", got, err)
	}
	if _, err := ownResolver(os.DevNull); err == nil {
		t.Error("no resolver is an error")
	}
}

func TestConntrackAnswersAreReadWithCare(t *testing.T) {
	tuple := nested(ctaTupleOrig, nested(ctaTupleIP, attr(1, []byte{10, 0, 0, 1}), attr(2, []byte{10, 0, 0, 2})),
		nested(ctaTupleProto, attr(ctaProtoNum, []byte{17}), attr(ctaProtoDst, []byte{0, 53})))
	packet := lookup(netip.MustParseAddrPort("127.0.0.1:15053"), netip.MustParseAddrPort("10.0.0.1:4000"))
	answer := append(packet[:20:20], tuple...)
	answer[0] = byte(len(answer))
	if got, err := found(answer); err != nil || got != netip.MustParseAddrPort("10.0.0.2:53") {
		t.Errorf("%v %v", got, err)
	}
	for cut := range answer {
		short := append([]byte(nil), answer[:cut]...)
		if cut > 0 {
			short[0] = byte(cut)
		}
		found(short) // must not panic
	}
}
