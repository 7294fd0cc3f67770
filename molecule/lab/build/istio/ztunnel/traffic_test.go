// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echo answers, once the client is done, with the client's address and the digest of what it sent.
func echo(t *testing.T, p *pod, network, host string, port int) {
	t.Helper()
	l, err := p.listen(network, host, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				h := sha256.New()
				if _, err := io.Copy(h, c); err == nil {
					addr := c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
					c.Write(append(h.Sum(nil), addr.String()...))
				}
			}()
		}
	}()
}

// exchange sends a lot, ends its half and reads the answer: it returns the address the server saw.
func exchange(t *testing.T, from *pod, to netip.AddrPort) netip.Addr {
	t.Helper()
	c, err := from.connect(to)
	if err != nil {
		t.Fatalf("%s to %s: %v", from.name, to, err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	data := make([]byte, 3<<20)
	rand.Read(data)
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(data)
	if len(answer) < len(digest) || !bytes.Equal(answer[:len(digest)], digest[:]) {
		t.Fatalf("%s to %s: the data did not arrive as sent", from.name, to)
	}
	addr, err := netip.ParseAddr(string(answer[len(digest):]))
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func value(t *testing.T, m *metrics, name string, labels map[string]string) (sum float64) {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
	next:
		for _, metric := range f.GetMetric() {
			for _, l := range metric.GetLabel() {
				if want, ok := labels[l.GetName()]; ok && want != l.GetValue() {
					continue next
				}
			}
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return sum
}

func TestTrafficThroughTheRealRules(t *testing.T) {
	for _, kind := range []string{"iptables", "nftables"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			w.enroll(kind, w.a, w.b)
			n := newNode(t, "", w.a, w.b)
			z := start(t, n.socket)
			eventually(t, "ready", z.ready)
			for _, p := range []*pod{w.b, w.c} {
				echo(t, p, "tcp4", "0.0.0.0", 8080)
				echo(t, p, "tcp6", "::", 8080)
			}
			echo(t, w.a, "tcp4", "127.0.0.1", 8081)

			for _, family := range []string{"v4", "v6"} {
				addr := func(p *pod) netip.Addr {
					if family == "v4" {
						return p.v4
					}
					return p.v6
				}
				for _, flow := range [][2]*pod{{w.a, w.b}, {w.c, w.b}, {w.a, w.c}} {
					from, to := flow[0], flow[1]
					if saw := exchange(t, from, netip.AddrPortFrom(addr(to), 8080)); saw != addr(from) {
						t.Errorf("%s: %s saw %s, want the client %s", family, to.name, saw, addr(from))
					}
				}
				for name, port := range map[string]uint16{"closed": 9, "outbound": 15001, "inbound": 15006, "hbone": 15008, "dns": 15053} {
					begin := time.Now()
					for _, from := range []*pod{w.c, w.b} {
						c, err := from.connect(netip.AddrPortFrom(addr(w.b), port))
						if err == nil {
							c.SetDeadline(time.Now().Add(5 * time.Second))
							if _, err = c.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
								t.Errorf("%s: the %s port answered or ended regularly: %v", family, name, err)
							}
							c.Close()
						}
						if time.Since(begin) > 3*time.Second {
							t.Errorf("%s: the %s port did not break at once: %v", family, name, err)
						}
					}
				}
			}
			exchange(t, w.a, netip.MustParseAddrPort("127.0.0.1:8081"))

			for name, want := range map[string]map[string]string{
				"out of a": {"reporter": "source", "source_workload": w.a.name},
				"into b":   {"reporter": "destination", "destination_workload": w.b.name},
			} {
				eventually(t, "four connections closed "+name, func() bool {
					return value(t, z.metrics, "istio_tcp_connections_closed_total", want) == 4
				})
				if sent := value(t, z.metrics, "istio_tcp_sent_bytes_total", want); sent != 4*(3<<20) {
					t.Errorf("%s: %v bytes sent", name, sent)
				}
			}
		})
	}
}

func TestCapturedDNSGoesToTheResolverThatWasAsked(t *testing.T) {
	for _, kind := range []string{"iptables", "nftables"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			w.ip("-n", w.c.name, "addr", "add", "10.99.0.4/24", "dev", "eth0")
			for _, resolver := range []string{w.c.v4.String(), "10.99.0.4", w.c.v6.String()} {
				network := "4"
				if netip.MustParseAddr(resolver).Is6() {
					network = "6"
				}
				udp, err := w.c.listenUDP("udp"+network, resolver, 53)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { udp.Close() })
				go func() {
					buf := make([]byte, 1500)
					for {
						n, client, err := udp.ReadFromUDPAddrPort(buf)
						if err != nil {
							return
						}
						udp.WriteToUDPAddrPort([]byte(string(buf[:n])+" at "+resolver+" for "+client.Addr().Unmap().String()), client)
					}
				}()
				echo(t, w.c, "tcp"+network, resolver, 53)
			}
			w.enroll(kind, w.a)
			n := newNode(t, "", w.a)
			z := start(t, n.socket)
			eventually(t, "ready", z.ready)

			for _, resolver := range []netip.Addr{w.c.v4, netip.MustParseAddr("10.99.0.4"), w.c.v6} {
				self := w.a.v4
				if resolver.Is6() {
					self = w.a.v6
				}
				var c net.Conn
				err := w.a.do(func() (err error) {
					c, err = net.Dial("udp", netip.AddrPortFrom(resolver, 53).String())
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				c.SetDeadline(time.Now().Add(5 * time.Second))
				for _, query := range []string{"one", "two"} {
					c.Write([]byte(query))
					buf := make([]byte, 1500)
					size, err := c.Read(buf)
					if want := query + " at " + resolver.String() + " for " + self.String(); err != nil || string(buf[:size]) != want {
						t.Errorf("answer %q %v, want %q", buf[:size], err, want)
					}
				}
				c.Close()
				if saw := exchange(t, w.a, netip.AddrPortFrom(resolver, 53)); saw != self {
					t.Errorf("dns over tcp came from %s", saw)
				}
			}
			if got := value(t, z.metrics, "istio_dns_requests_total", nil); got != 6 {
				t.Errorf("%v queries were captured, want 6", got)
			}
		})
	}
}

func TestDialIsMarked(t *testing.T) {
	w := newWorld(t)
	echo(t, w.b, "tcp4", "0.0.0.0", 8080)
	c, err := w.a.dial(unix.SOCK_STREAM, netip.AddrPortFrom(w.b.v4, 8080), netip.Addr{}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		if mark, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK); err != nil || mark != 0x539 {
			t.Errorf("mark %#x, %v", mark, err)
		}
	})
	if _, err := w.a.dial(unix.SOCK_STREAM, netip.AddrPortFrom(w.b.v4, 9), netip.Addr{}, time.Second); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("a closed port: %v", err)
	}
	begin := time.Now()
	if _, err := w.a.dial(unix.SOCK_STREAM, netip.MustParseAddrPort("10.99.0.77:9"), netip.Addr{}, 300*time.Millisecond); err == nil || time.Since(begin) > time.Second {
		t.Errorf("an address nobody has: %v after %s", err, time.Since(begin))
	}
}
