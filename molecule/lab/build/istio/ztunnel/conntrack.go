// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Names of linux/netfilter/nfnetlink_conntrack.h that golang.org/x/sys does not have.
const (
	ctGet         = unix.NFNL_SUBSYS_CTNETLINK<<8 | 1
	ctaTupleOrig  = 1
	ctaTupleReply = 2
	ctaTupleIP    = 1
	ctaTupleProto = 2
	ctaProtoNum   = 1
	ctaProtoSrc   = 2
	ctaProtoDst   = 3
)

// originalUDP asks connection tracking where a redirected datagram was going: a socket tells that for connections only.
func (n *netns) originalUDP(client, local netip.AddrPort) (to netip.AddrPort, err error) {
	client = netip.AddrPortFrom(client.Addr().Unmap(), client.Port())
	local = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
	if client.Addr().Is4() != local.Addr().Is4() {
		return to, errors.New("addresses of two families")
	}
	err = n.do(func() error {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
		if err != nil {
			return os.NewSyscallError("netlink", err)
		}
		defer unix.Close(fd)
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
			return err
		}
		if err := unix.Sendto(fd, lookup(local, client), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			return os.NewSyscallError("netlink send", err)
		}
		buf := make([]byte, 8<<10)
		size, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return os.NewSyscallError("netlink receive", err)
		}
		to, err = found(buf[:size])
		return err
	})
	if err != nil {
		return to, fmt.Errorf("connection tracking of %s: %w", client, err)
	}
	return to, nil
}

// lookup is the request for the entry whose answers go from one address to the other.
func lookup(from, to netip.AddrPort) []byte {
	family, src, dst := byte(unix.AF_INET), uint16(1), uint16(2)
	if from.Addr().Is6() {
		family, src, dst = unix.AF_INET6, 3, 4
	}
	port := func(p uint16) []byte { return binary.BigEndian.AppendUint16(nil, p) }
	ip := nested(ctaTupleIP, attr(src, from.Addr().AsSlice()), attr(dst, to.Addr().AsSlice()))
	proto := nested(ctaTupleProto, attr(ctaProtoNum, []byte{unix.IPPROTO_UDP}), attr(ctaProtoSrc, port(from.Port())), attr(ctaProtoDst, port(to.Port())))
	body := append([]byte{family, unix.NFNETLINK_V0, 0, 0}, nested(ctaTupleReply, ip, proto)...)

	m := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	m = binary.NativeEndian.AppendUint16(m, ctGet)
	m = binary.NativeEndian.AppendUint16(m, unix.NLM_F_REQUEST)
	m = append(m, make([]byte, 8)...) // sequence and port: one question, one answer
	return append(m, body...)
}

func attr(kind uint16, value []byte) []byte {
	a := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofNlAttr+len(value)))
	a = binary.NativeEndian.AppendUint16(a, kind)
	a = append(a, value...)
	for len(a)%unix.NLA_ALIGNTO != 0 {
		a = append(a, 0)
	}
	return a
}

func nested(kind uint16, parts ...[]byte) []byte {
	var value []byte
	for _, p := range parts {
		value = append(value, p...)
	}
	return attr(kind|unix.NLA_F_NESTED, value)
}

// found reads the destination the entry began with.
func found(packet []byte) (netip.AddrPort, error) {
	messages, err := syscall.ParseNetlinkMessage(packet)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, m := range messages {
		if m.Header.Type == unix.NLMSG_ERROR && len(m.Data) >= 4 {
			if code := int32(binary.NativeEndian.Uint32(m.Data)); code != 0 {
				return netip.AddrPort{}, syscall.Errno(-code)
			}
			continue
		}
		if len(m.Data) < 4 {
			continue
		}
		tuple := attrs(attrs(m.Data[4:])[ctaTupleOrig])
		ip, proto := attrs(tuple[ctaTupleIP]), attrs(tuple[ctaTupleProto])
		raw := ip[2]
		if raw == nil {
			raw = ip[4]
		}
		addr, ok := netip.AddrFromSlice(raw)
		if port := proto[ctaProtoDst]; ok && len(port) == 2 {
			return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(port)), nil
		}
	}
	return netip.AddrPort{}, errors.New("no entry")
}

func attrs(b []byte) map[uint16][]byte {
	found := map[uint16][]byte{}
	for len(b) >= unix.SizeofNlAttr {
		size := int(binary.NativeEndian.Uint16(b))
		if size < unix.SizeofNlAttr || size > len(b) {
			break
		}
		found[binary.NativeEndian.Uint16(b[2:])&^(unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER)] = b[unix.SizeofNlAttr:size]
		b = b[min(len(b), (size+unix.NLA_ALIGNTO-1)&^(unix.NLA_ALIGNTO-1)):]
	}
	return found
}
