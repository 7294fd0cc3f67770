// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// dns answers the queries that the in-pod rules redirect, with the answer of the resolver that was asked. ztunnel would answer
// names of the mesh itself; those that only the mesh knows do not resolve here.
type dns struct {
	metrics    *metrics
	resolvConf string
	slots      chan struct{}
}

const dnsTimeout = 5 * time.Second

func newDNS(m *metrics, resolvConf string) *dns {
	return &dns{metrics: m, resolvConf: resolvConf, slots: make(chan struct{}, 1024)}
}

func (d *dns) serve(ns *netns, c *net.UDPConn) {
	local := c.LocalAddr().(*net.UDPAddr).AddrPort()
	buf := make([]byte, 64<<10)
	for {
		n, client, err := c.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			slog.Warn("dns", "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		query := append([]byte(nil), buf[:n]...)
		d.metrics.dnsRequests.Inc()
		d.slots <- struct{}{}
		go func() {
			defer func() { <-d.slots }()
			answer, resolver, err := d.ask(ns, query, client, local)
			if err != nil {
				d.metrics.dnsFailures.Inc()
				slog.Warn("dns query failed", "client", client.String(), "resolver", resolver.String(), "error", err)
				return // the client asks again, or tells
			}
			if _, err := c.WriteToUDPAddrPort(answer, client); err != nil && !errors.Is(err, net.ErrClosed) {
				slog.Warn("dns answer lost", "client", client.String(), "error", err)
			}
		}()
	}
}

func (d *dns) ask(ns *netns, query []byte, client, local netip.AddrPort) ([]byte, netip.AddrPort, error) {
	resolver, err := ns.originalUDP(client, local)
	if err != nil {
		slog.Debug("original resolver not known, using our own", "error", err)
		if resolver, err = ownResolver(d.resolvConf); err != nil {
			return nil, resolver, err
		}
	}
	d.metrics.dnsUpstream.Inc()
	c, err := ns.dial(unix.SOCK_DGRAM, resolver, netip.Addr{}, dnsTimeout)
	if err != nil {
		return nil, resolver, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(dnsTimeout)); err != nil {
		return nil, resolver, err
	}
	if _, err := c.Write(query); err != nil {
		return nil, resolver, err
	}
	answer := make([]byte, 64<<10)
	n, err := c.Read(answer)
	return answer[:n], resolver, err
}

// ownResolver is where ztunnel itself would always ask.
func ownResolver(path string) (netip.AddrPort, error) {
	f, err := os.Open(path)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "nameserver" {
			if addr, err := netip.ParseAddr(fields[1]); err == nil {
				return netip.AddrPortFrom(addr, 53), nil
			}
		}
	}
	return netip.AddrPort{}, fmt.Errorf("%s names no resolver", path)
}
