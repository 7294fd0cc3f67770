// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"istio.io/istio/pkg/zdsapi"
)

// agent is our side of the protocol with the istio-cni node agent: one packet each way at a time, ours acknowledging theirs.
type agent struct {
	socket    string
	workloads *manager
}

// The agent accepts five connections a second and a restart of it takes seconds; pods keep working meanwhile.
const (
	firstBackoff = 250 * time.Millisecond
	lastBackoff  = 10 * time.Second
)

func (a *agent) run(ctx context.Context) {
	for backoff := firstBackoff; ; backoff = min(backoff*2, lastBackoff) {
		greeted, err := a.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if greeted {
			backoff = firstBackoff
		}
		slog.Warn("no connection to the istio-cni agent", "socket", a.socket, "error", err, "retry", backoff)
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
			return
		}
	}
}

// session lasts until the connection breaks. It says whether the agent ever answered.
func (a *agent) session(ctx context.Context) (greeted bool, err error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unixpacket", a.socket)
	if err != nil {
		return false, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	conn := c.(*net.UnixConn)
	if err := send(conn, &zdsapi.ZdsHello{Version: zdsapi.Version_V1}); err != nil {
		return false, err
	}
	slog.Info("connected to the istio-cni agent", "socket", a.socket)
	seen := map[string]bool{} // what the snapshot named; nil once it is complete
	for {
		req, fds, err := receive(conn)
		if err != nil {
			return greeted, err
		}
		greeted = true
		problem := a.handle(req, fds, &seen)
		ack := &zdsapi.Ack{}
		if problem != nil {
			slog.Error("request of the istio-cni agent failed", "request", fmt.Sprintf("%T", req.GetPayload()), "error", problem)
			ack.Error = problem.Error()
		}
		if err := send(conn, &zdsapi.WorkloadResponse{Payload: &zdsapi.WorkloadResponse_Ack{Ack: ack}}); err != nil {
			return greeted, err
		}
	}
}

// handle does what one message asks. It owns the descriptors.
func (a *agent) handle(req *zdsapi.WorkloadRequest, fds []int, seen *map[string]bool) error {
	add := req.GetAdd()
	for i, fd := range fds {
		if add == nil || i > 0 {
			unix.Close(fd)
		}
	}
	switch {
	case add != nil:
		if len(fds) != 1 || add.GetUid() == "" {
			if len(fds) > 0 {
				unix.Close(fds[0])
			}
			return fmt.Errorf("add of workload %q came with %d network namespaces, want 1", add.GetUid(), len(fds))
		}
		if *seen != nil {
			(*seen)[add.GetUid()] = true
		}
		return a.workloads.add(add.GetUid(), add.GetWorkloadInfo(), fds[0])
	case req.GetKeep() != nil:
		if *seen == nil {
			return errors.New("keep after the snapshot")
		}
		(*seen)[req.GetKeep().GetUid()] = true
		return nil
	case req.GetDel() != nil:
		delete(*seen, req.GetDel().GetUid())
		a.workloads.remove(req.GetDel().GetUid())
		return nil
	case req.GetSnapshotSent() != nil:
		if *seen != nil {
			a.workloads.reconcile(*seen)
			*seen = nil
		}
		return nil
	default:
		return errors.New("message not understood")
	}
}

func send(conn *net.UnixConn, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	if err := conn.SetWriteDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	_, err = conn.Write(data)
	return err
}

// receive reads one packet and the descriptors that came with it.
func receive(conn *net.UnixConn) (*zdsapi.WorkloadRequest, []int, error) {
	buf, oob := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(16*4))
	n, oobn, flags, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil {
		return nil, nil, err
	}
	var fds []int
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	for _, m := range messages {
		if rights, rightsErr := unix.ParseUnixRights(&m); rightsErr == nil {
			fds = append(fds, rights...)
		}
	}
	if err == nil && flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = errors.New("packet was cut short")
	}
	req := new(zdsapi.WorkloadRequest)
	if err == nil {
		err = proto.Unmarshal(buf[:n], req)
	}
	if err != nil {
		for _, fd := range fds {
			unix.Close(fd)
		}
		return nil, nil, err
	}
	return req, fds, nil
}
