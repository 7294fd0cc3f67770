// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"istio.io/istio/pkg/zdsapi"
)

// manager holds the node's enrolled pods. They outlive a connection to the agent: the next snapshot says which ones are gone.
type manager struct {
	metrics *metrics
	dns     *dns

	mu       sync.Mutex
	active   map[string]*workload
	pending  map[string]*workload // listeners that could not be opened yet
	snapshot bool                 // a complete snapshot was seen
	closed   bool
	stopping sync.WaitGroup
}

func newManager(m *metrics, d *dns) *manager {
	return &manager{metrics: m, dns: d, active: map[string]*workload{}, pending: map[string]*workload{}}
}

// add opens the listeners in the namespace, whose descriptor it takes over. The pod is kept if that fails: it is tried again.
func (m *manager) add(uid string, info *zdsapi.WorkloadInfo, fd int) error {
	ns, err := enter(fd)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		ns.leave()
		return errors.New("shutting down")
	}
	if old := m.active[uid]; old != nil {
		if old.ns.id == ns.id {
			ns.leave() // the agent repeats itself after a reconnect
			return nil
		}
		slog.Info("pod has a new network namespace", "uid", uid, "workload", old.name())
		m.end(uid, old, podGrace)
	}
	if old := m.pending[uid]; old != nil {
		old.ns.leave()
		delete(m.pending, uid)
	}
	w := newWorkload(uid, info, ns, m.metrics, m.dns)
	err = m.start(w)
	m.count()
	return err
}

func (m *manager) start(w *workload) error {
	if err := w.listen(); err != nil {
		m.pending[w.uid] = w
		return err
	}
	delete(m.pending, w.uid)
	m.active[w.uid] = w
	m.metrics.started.Inc()
	slog.Info("pod enrolled", "uid", w.uid, "workload", w.name(), "netns", w.ns.id.inode)
	return nil
}

func (m *manager) end(uid string, w *workload, grace time.Duration) {
	delete(m.active, uid)
	m.metrics.stopped.Inc()
	w.closeListeners()
	m.stopping.Go(func() { w.drain(grace) })
}

// podGrace is for the connections of a pod that leaves the mesh alive. Those of a pod that dies end by themselves.
const podGrace = 30 * time.Second

func (m *manager) remove(uid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w := m.pending[uid]; w != nil {
		w.ns.leave()
		delete(m.pending, uid)
	}
	if w := m.active[uid]; w != nil {
		slog.Info("pod left", "uid", uid, "workload", w.name())
		m.end(uid, w, podGrace)
	}
	m.count()
}

// reconcile drops every pod that a complete snapshot did not name.
func (m *manager) reconcile(seen map[string]bool) {
	m.mu.Lock()
	gone := []string{}
	for _, set := range []map[string]*workload{m.active, m.pending} {
		for uid := range set {
			if !seen[uid] {
				gone = append(gone, uid)
			}
		}
	}
	m.snapshot = true
	m.mu.Unlock()
	for _, uid := range gone {
		m.remove(uid)
	}
	slog.Info("snapshot complete", "pods", len(seen), "gone", len(gone))
}

func (m *manager) retry(ctx context.Context) {
	for {
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return
		}
		m.mu.Lock()
		for _, w := range m.pending {
			if err := m.start(w); err != nil {
				slog.Warn("pod still without listeners", "uid", w.uid, "workload", w.name(), "error", err)
			}
		}
		m.count()
		m.mu.Unlock()
	}
}

// ready: the agent told everything it knew, and all of it is served.
func (m *manager) ready() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.snapshot && len(m.pending) == 0 && !m.closed
}

func (m *manager) count() {
	m.metrics.active.Set(float64(len(m.active)))
	m.metrics.pending.Set(float64(len(m.pending)))
}

// shutdown closes all listeners at once; the channel it returns closes when the last connection ended or the grace is over.
func (m *manager) shutdown(grace time.Duration) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for uid, w := range m.active {
		m.end(uid, w, grace)
	}
	for uid, w := range m.pending {
		w.ns.leave()
		delete(m.pending, uid)
	}
	m.count()
	done := make(chan struct{})
	go func() {
		defer close(done)
		finished := make(chan struct{})
		go func() { m.stopping.Wait(); close(finished) }()
		select {
		case <-finished:
		case <-time.After(grace + time.Second): // a pod that left just before us has its own, longer grace
		}
	}()
	return done
}
