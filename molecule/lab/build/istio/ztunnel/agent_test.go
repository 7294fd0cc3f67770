// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"io"
	"net/netip"
	"testing"
	"time"

	real "istio.io/istio/cni/pkg/nodeagent"
)

func TestPodsComeAndGo(t *testing.T) {
	w := newWorld(t)
	n := newNode(t, "", w.a)
	z := start(t, n.socket)
	eventually(t, "ready", z.ready)
	if !z.serves(w.a) || z.serves(w.b) {
		t.Fatal("the snapshot's pod only")
	}
	for range 2 { // the agent repeats itself
		if err := n.add(w.b); err != nil || !z.serves(w.b) {
			t.Fatalf("add: %v", err)
		}
	}
	if got := value(t, z.metrics, "workload_manager_active_proxy_count", nil); got != 2 {
		t.Errorf("%v active", got)
	}
	for range 2 {
		if err := n.del(w.b); err != nil || z.serves(w.b) {
			t.Fatalf("del: %v", err)
		}
	}
	if err := n.add(w.b); err != nil || !z.serves(w.b) {
		t.Fatalf("add again: %v", err)
	}
}

func TestARestartOfTheAgentKeepsThePods(t *testing.T) {
	w := newWorld(t)
	w.enroll("iptables", w.a, w.b)
	echo(t, w.b, "tcp4", "0.0.0.0", 8080)
	n := newNode(t, "", w.a, w.b, w.c)
	z := start(t, n.socket)
	eventually(t, "ready", z.ready)
	n.cancel()
	time.Sleep(300 * time.Millisecond)
	if exchange(t, w.a, netip.AddrPortFrom(w.b.v4, 8080)) != w.a.v4 || !z.ready() {
		t.Error("without the agent the pods must go on")
	}
	// The new agent found a's namespace, not b's, and c is gone.
	again := newNode(t, n.socket, w.a)
	again.mu.Lock()
	again.pods["uid-"+w.b.name] = real.WorkloadInfo{}
	again.mu.Unlock()
	eventually(t, "c dropped", func() bool { return !z.serves(w.c) })
	if !z.serves(w.a) || !z.serves(w.b) {
		t.Error("a was sent and b was kept: both stay")
	}
	if exchange(t, w.a, netip.AddrPortFrom(w.b.v4, 8080)) != w.a.v4 {
		t.Error("and both work")
	}
}

func TestTheNextZtunnelTakesOver(t *testing.T) {
	w := newWorld(t)
	w.enroll("iptables", w.a)
	echo(t, w.c, "tcp4", "0.0.0.0", 8080)
	n := newNode(t, "", w.a)
	old := start(t, n.socket)
	eventually(t, "the old one ready", old.ready)
	open, err := w.a.connect(netip.AddrPortFrom(w.c.v4, 8080))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	opened := func() bool { return value(t, old.metrics, "istio_tcp_connections_opened_total", nil) == 1 }
	eventually(t, "connection opened", opened)
	next := start(t, n.socket)
	eventually(t, "the next one ready beside it", next.ready)
	drained := old.shutdown(5 * time.Second)
	if old.ready() {
		t.Error("ready while it stops")
	}
	exchange(t, w.a, netip.AddrPortFrom(w.c.v4, 8080))
	if got := value(t, next.metrics, "istio_tcp_connections_opened_total", nil); got != 1 {
		t.Errorf("the next one has %v connections", got)
	}
	select {
	case <-drained:
		t.Fatal("did not wait for the open connection")
	default:
	}
	open.CloseWrite()
	if answer, err := io.ReadAll(open); err != nil || len(answer) == 0 {
		t.Errorf("the old connection: %q %v", answer, err)
	}
	select {
	case <-drained:
	case <-time.After(3 * time.Second):
		t.Error("not drained though nothing is open")
	}
}

func TestTheGraceEndsConnections(t *testing.T) {
	w := newWorld(t)
	w.enroll("iptables", w.a)
	echo(t, w.c, "tcp4", "0.0.0.0", 8080)
	n := newNode(t, "", w.a)
	z := start(t, n.socket)
	eventually(t, "ready", z.ready)
	open, err := w.a.connect(netip.AddrPortFrom(w.c.v4, 8080))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	open.Write([]byte("x"))
	time.Sleep(100 * time.Millisecond)
	begin := time.Now()
	<-z.shutdown(300 * time.Millisecond)
	if took := time.Since(begin); took < 200*time.Millisecond || took > time.Second {
		t.Errorf("took %s", took)
	}
	open.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := open.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("the client must see a reset, not %v", err)
	}
}

func TestAPodWithoutListenersIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	// Something in the pod has the port, and does not share it.
	blocker, err := w.a.listenAlone(15006)
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(t, "", w.a)
	z := start(t, n.socket)
	eventually(t, "pending", func() bool { return value(t, z.metrics, "workload_manager_pending_proxy_count", nil) == 1 })
	eventually(t, "snapshot", func() bool { z.mu.Lock(); defer z.mu.Unlock(); return z.snapshot })
	if z.ready() {
		t.Error("ready with a pod that is not served")
	}
	if err := n.add(w.a); err == nil {
		t.Error("the agent is not told")
	}
	blocker.Close()
	eventually(t, "ready", z.ready)
	if !z.serves(w.a) {
		t.Error("the pod is not served")
	}
}
