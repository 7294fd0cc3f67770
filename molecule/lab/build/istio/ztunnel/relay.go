// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"errors"
	"io"
	"net"
	"sync"
)

// relay passes bytes both ways until both sides are done. A side that ends its half ends it on the other connection too, and
// the other half stays open; a side that breaks breaks the other.
func relay(client, server *net.TCPConn) (sent, received int64, err error) {
	var wg sync.WaitGroup
	var errs [2]error
	half := func(n *int64, err *error, to, from *net.TCPConn) {
		if *n, *err = io.Copy(to, from); *err == nil {
			*err = to.CloseWrite()
		}
		if *err != nil {
			abort(to)
			abort(from)
		}
	}
	wg.Go(func() { half(&sent, &errs[0], server, client) })
	wg.Go(func() { half(&received, &errs[1], client, server) })
	wg.Wait()
	for _, e := range errs {
		// The half that was cut off because the other one broke has nothing to tell.
		if e != nil && !errors.Is(e, net.ErrClosed) {
			err = e
		}
	}
	return sent, received, err
}

// abort closes with a reset, so that the other end does not take it for the regular end of the data.
func abort(c *net.TCPConn) {
	_ = c.SetLinger(0) // fails only on a connection that is closed already
	c.Close()
}
