// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

// Package nodeagent opens the ztunnel side of the real istio-cni node agent to tests. Istio keeps it to itself behind a
// Kubernetes client; a stand-in tested against a copy of the protocol would only prove that the copy agrees.
package nodeagent

import (
	"context"
	"time"
	_ "unsafe" // for linkname

	corev1 "k8s.io/api/core/v1"

	real "istio.io/istio/cni/pkg/nodeagent"
)

type server struct{ _ [0]func() }

//go:linkname newServer istio.io/istio/cni/pkg/nodeagent.newZtunnelServer
func newServer(addr string, pods real.PodNetnsCache, keepalive time.Duration) (*server, error)

//go:linkname serverRun istio.io/istio/cni/pkg/nodeagent.(*ztunnelServer).Run
func serverRun(s *server, ctx context.Context)

//go:linkname serverPodAdded istio.io/istio/cni/pkg/nodeagent.(*ztunnelServer).PodAdded
func serverPodAdded(s *server, ctx context.Context, pod *corev1.Pod, netns real.Netns) error

//go:linkname serverPodDeleted istio.io/istio/cni/pkg/nodeagent.(*ztunnelServer).PodDeleted
func serverPodDeleted(s *server, ctx context.Context, uid string) error

// Server is the agent's ztunnelServer.
type Server struct{ s *server }

// New listens on the socket.
func New(socket string, pods real.PodNetnsCache, keepalive time.Duration) (*Server, error) {
	s, err := newServer(socket, pods, keepalive)
	return &Server{s}, err
}

// Run serves until the context ends.
func (s *Server) Run(ctx context.Context) { serverRun(s.s, ctx) }

// PodAdded tells the newest connection of a pod.
func (s *Server) PodAdded(ctx context.Context, pod *corev1.Pod, netns real.Netns) error {
	return serverPodAdded(s.s, ctx, pod, netns)
}

// PodDeleted tells every connection that a pod is gone.
func (s *Server) PodDeleted(ctx context.Context, uid string) error {
	return serverPodDeleted(s.s, ctx, uid)
}
