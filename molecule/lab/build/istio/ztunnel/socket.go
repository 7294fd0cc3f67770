// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	cni "istio.io/istio/cni/pkg/config"
)

// listen opens a listener inside. The port is shared: at an upgrade the next ztunnel opens it before this one closes it.
func (n *netns) listen(network, host string, port int) (*net.TCPListener, error) {
	lc := listenConfig()
	var l net.Listener
	err := n.do(func() (err error) {
		l, err = lc.Listen(context.Background(), network, net.JoinHostPort(host, strconv.Itoa(port)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

func (n *netns) listenUDP(network, host string, port int) (*net.UDPConn, error) {
	lc := listenConfig()
	var c net.PacketConn
	err := n.do(func() (err error) {
		c, err = lc.ListenPacket(context.Background(), network, net.JoinHostPort(host, strconv.Itoa(port)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.(*net.UDPConn), nil
}

func listenConfig() *net.ListenConfig {
	lc := &net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		ctrlErr := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		return errors.Join(err, ctrlErr)
	}}
	lc.SetMultipathTCP(false) // a multipath socket does not tell the original destination
	return lc
}

// noIPv6 says whether a listener failed because the pod has no IPv6.
func noIPv6(err error) bool {
	return errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EADDRNOTAVAIL)
}

// dial connects from inside, marked as ztunnel's own traffic so that the in-pod rules let it pass. A valid source becomes the
// local address, also one that is not the pod's: the rules bring the answers to it back.
func (n *netns) dial(kind int, to netip.AddrPort, source netip.Addr, timeout time.Duration) (net.Conn, error) {
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	family := unix.AF_INET
	if to.Addr().Is6() {
		family = unix.AF_INET6
	}
	var fd int
	err := n.do(func() (err error) {
		fd, err = unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		return os.NewSyscallError("socket", err)
	})
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "upstream")
	defer f.Close() // net.FileConn works on a duplicate
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, cni.InpodMark); err != nil {
		return nil, os.NewSyscallError("SO_MARK", err)
	}
	if source.IsValid() {
		if err := bind(fd, family, source.Unmap()); err != nil {
			return nil, err
		}
	}
	if err := unix.Connect(fd, sockaddr(to)); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return nil, os.NewSyscallError("connect", err)
	}
	if err := connected(f, timeout); err != nil {
		return nil, err
	}
	return net.FileConn(f)
}

func bind(fd, family int, source netip.Addr) error {
	level, option := unix.SOL_IP, unix.IP_TRANSPARENT
	if family == unix.AF_INET6 {
		level, option = unix.SOL_IPV6, unix.IPV6_TRANSPARENT
	}
	if err := unix.SetsockoptInt(fd, level, option, 1); err != nil {
		return os.NewSyscallError("IP_TRANSPARENT", err)
	}
	// The port is chosen at connect, when the destination is known: more of them are free then.
	if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return os.NewSyscallError("IP_BIND_ADDRESS_NO_PORT", err)
	}
	return os.NewSyscallError("bind", unix.Bind(fd, sockaddr(netip.AddrPortFrom(source, 0))))
}

// connected waits for the end of a connect that was begun.
func connected(f *os.File, timeout time.Duration) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if err := f.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	var result error
	err = raw.Write(func(fd uintptr) bool {
		code, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			result = err
		case code != 0:
			result = os.NewSyscallError("connect", syscall.Errno(code))
		default:
			_, err := unix.Getpeername(int(fd))
			return err == nil
		}
		return true
	})
	return errors.Join(result, err)
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// originalDst asks the kernel where a redirected connection was going.
func originalDst(c *net.TCPConn) (netip.AddrPort, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	local := c.LocalAddr().(*net.TCPAddr).AddrPort()
	var dst netip.AddrPort
	ctrlErr := raw.Control(func(fd uintptr) {
		if local.Addr().Unmap().Is4() {
			dst, err = originalDst4(int(fd))
		} else {
			dst, err = originalDst6(int(fd))
		}
	})
	if err = errors.Join(err, ctrlErr); err != nil {
		return netip.AddrPort{}, fmt.Errorf("original destination: %w", err)
	}
	return dst, nil
}

const soOriginalDst = 80 // linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h, the same in both

func originalDst4(fd int) (netip.AddrPort, error) {
	var sa unix.RawSockaddrInet4
	if err := getsockopt(fd, unix.SOL_IP, unsafe.Pointer(&sa), unix.SizeofSockaddrInet4); err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), hostOrder(&sa.Port)), nil
}

func originalDst6(fd int) (netip.AddrPort, error) {
	var sa unix.RawSockaddrInet6
	if err := getsockopt(fd, unix.SOL_IPV6, unsafe.Pointer(&sa), unix.SizeofSockaddrInet6); err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), hostOrder(&sa.Port)), nil
}

func getsockopt(fd, level int, value unsafe.Pointer, size uint32) error {
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), soOriginalDst, uintptr(value), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func hostOrder(port *uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(port))
	return uint16(b[0])<<8 | uint16(b[1])
}
