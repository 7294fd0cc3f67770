// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	cni "istio.io/istio/cni/pkg/config"
	"istio.io/istio/pkg/zdsapi"
)

// workload is one pod: its listeners and its open connections.
type workload struct {
	uid     string
	info    *zdsapi.WorkloadInfo
	ns      *netns
	metrics *metrics
	dns     *dns

	closers []io.Closer // the listeners, under the manager's lock

	mu      sync.Mutex
	conns   map[*net.TCPConn]struct{}
	over    bool // the grace is over: what is still on its way is cut off
	running sync.WaitGroup
}

func newWorkload(uid string, info *zdsapi.WorkloadInfo, ns *netns, m *metrics, d *dns) *workload {
	return &workload{uid: uid, info: info, ns: ns, metrics: m, dns: d, conns: map[*net.TCPConn]struct{}{}}
}

func (w *workload) name() string { return w.info.GetNamespace() + "/" + w.info.GetName() }

// ownPorts are ours in every pod: a connection to one of them, passed on, would come back to us.
var ownPorts = []uint16{cni.ZtunnelOutboundPort, cni.ZtunnelInboundPlaintextPort, cni.ZtunnelInboundPort, cni.DNSCapturePort}

const dialTimeout = 10 * time.Second

// listen opens what the in-pod rules redirect to, or nothing.
func (w *workload) listen() (err error) {
	defer func() {
		if err != nil {
			w.closeListeners()
		}
	}()
	for port, serve := range map[int]func(*net.TCPConn){
		cni.ZtunnelOutboundPort:         w.outbound,
		cni.ZtunnelInboundPlaintextPort: w.inbound,
		cni.ZtunnelInboundPort:          w.hbone,
		cni.DNSCapturePort:              w.outbound, // DNS over TCP is a connection like any other
	} {
		for network, host := range map[string]string{"tcp4": "0.0.0.0", "tcp6": "::"} {
			l, err := w.ns.listen(network, host, port)
			if network == "tcp6" && noIPv6(err) {
				continue
			}
			if err != nil {
				return fmt.Errorf("pod %s: %w", w.name(), err)
			}
			w.closers = append(w.closers, l)
			w.running.Go(func() { w.accept(l, serve) })
		}
	}
	// A redirected query comes to the loopback address and its answer must come from there: only a socket bound to it does that.
	for network, host := range map[string]string{"udp4": "127.0.0.1", "udp6": "::1"} {
		c, err := w.ns.listenUDP(network, host, cni.DNSCapturePort)
		if network == "udp6" && noIPv6(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("pod %s: %w", w.name(), err)
		}
		w.closers = append(w.closers, c)
		w.running.Go(func() { w.dns.serve(w.ns, c) })
	}
	return nil
}

func (w *workload) closeListeners() {
	for _, c := range w.closers {
		c.Close()
	}
	w.closers = nil
}

func (w *workload) accept(l *net.TCPListener, serve func(*net.TCPConn)) {
	for {
		c, err := l.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			slog.Warn("accept", "workload", w.name(), "listener", l.Addr().String(), "error", err)
			time.Sleep(100 * time.Millisecond) // out of descriptors, most likely
			continue
		}
		w.running.Go(func() {
			if w.track(c) {
				defer w.untrack(c)
				serve(c)
			}
		})
	}
}

func (w *workload) track(c *net.TCPConn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		abort(c)
		return false
	}
	w.conns[c] = struct{}{}
	return true
}

func (w *workload) untrack(c *net.TCPConn) {
	c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// drain waits for the open connections, ends them when the grace is over, and leaves the pod.
func (w *workload) drain(grace time.Duration) {
	timer := time.AfterFunc(grace, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for c := range w.conns {
			abort(c)
		}
		w.over = true
	})
	w.running.Wait()
	timer.Stop()
	w.ns.leave()
}

// outbound takes what the pod's own processes send.
func (w *workload) outbound(c *net.TCPConn) {
	to, err := originalDst(c)
	local := c.LocalAddr().(*net.TCPAddr).AddrPort()
	if err == nil && to == netip.AddrPortFrom(local.Addr().Unmap(), local.Port()) {
		err = errors.New("connection was not redirected: it would come back")
	}
	// The kernel's choice of source is the pod's address already.
	w.pass(flow{direction: "outbound", from: c, to: to, err: err})
}

// inbound takes plaintext for the pod. The application sees the client's address, as the rules intend.
func (w *workload) inbound(c *net.TCPConn) {
	to, err := originalDst(c)
	if err == nil && slices.Contains(ownPorts, to.Port()) {
		err = fmt.Errorf("port %d is the proxy's own", to.Port())
	}
	w.pass(flow{direction: "inbound", from: c, to: to, source: c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(), err: err})
}

// hbone refuses: there is no tunnel here, and nobody in the lab opens one.
func (w *workload) hbone(c *net.TCPConn) {
	to := c.LocalAddr().(*net.TCPAddr).AddrPort()
	w.pass(flow{direction: "inbound", from: c, to: to, err: errors.New(program + " speaks no HBONE")})
}

// flow is one connection on its way.
type flow struct {
	direction string
	from      *net.TCPConn
	to        netip.AddrPort
	source    netip.Addr
	err       error
}

func (w *workload) pass(f flow) {
	start := time.Now()
	labels := w.metrics.flow(f.direction, w.info)
	log := slog.With("direction", f.direction, "workload", w.name(), "src.addr", f.from.RemoteAddr().String(), "dst.addr", f.to.String())
	var upstream *net.TCPConn
	if f.err == nil {
		upstream, f.err = w.connect(f.to, f.source)
	}
	if f.err != nil {
		labels.failed.Inc()
		log.Warn("connection failed", "error", f.err)
		abort(f.from)
		return
	}
	if !w.track(upstream) {
		abort(f.from)
		return
	}
	defer w.untrack(upstream)
	labels.opened.Inc()
	log.Debug("connection opened")
	sent, received, err := relay(f.from, upstream)
	labels.closed.Inc()
	labels.sent.Add(float64(sent))
	labels.received.Add(float64(received))
	log = log.With("bytes_sent", sent, "bytes_recv", received, "duration", time.Since(start).Round(time.Millisecond))
	if err != nil {
		log.Info("connection complete", "error", err)
		return
	}
	log.Info("connection complete")
}

func (w *workload) connect(to netip.AddrPort, source netip.Addr) (*net.TCPConn, error) {
	c, err := w.ns.dial(unix.SOCK_STREAM, to, source, dialTimeout)
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}
