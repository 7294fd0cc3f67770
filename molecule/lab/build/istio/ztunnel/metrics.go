// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"istio.io/istio/pkg/zdsapi"
)

// metrics go by ztunnel's names where they count the same thing, so that dashboards and rules can be tried on them.
type metrics struct {
	registry *prometheus.Registry

	opened, closed, failed, sent, received *prometheus.CounterVec

	active, pending  prometheus.Gauge
	started, stopped prometheus.Counter

	dnsRequests, dnsUpstream, dnsFailures prometheus.Counter
}

// The other end's identity is not known without mTLS. It stays "unknown", which is what ztunnel says then.
var flowLabels = []string{"reporter", "connection_security_policy", "response_flags", "source_workload", "source_workload_namespace",
	"destination_workload", "destination_workload_namespace"}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	vec := func(name, help string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, flowLabels)
		m.registry.MustRegister(v)
		return v
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	m.opened = vec("istio_tcp_connections_opened_total", "Connections opened.")
	m.closed = vec("istio_tcp_connections_closed_total", "Connections closed.")
	m.failed = vec("istio_tcp_connections_failed_total", "Connections that could not be opened.")
	m.sent = vec("istio_tcp_sent_bytes_total", "Bytes from the client of connections that ended.")
	m.received = vec("istio_tcp_received_bytes_total", "Bytes to the client of connections that ended.")
	m.active = gauge("workload_manager_active_proxy_count", "Pods with listeners.")
	m.pending = gauge("workload_manager_pending_proxy_count", "Pods whose listeners could not be opened yet.")
	m.started = counter("workload_manager_proxies_started_total", "Pods that got listeners.")
	m.stopped = counter("workload_manager_proxies_stopped_total", "Pods that lost them.")
	m.dnsRequests = counter("istio_dns_requests_total", "Captured DNS queries.")
	m.dnsUpstream = counter("istio_dns_upstream_requests_total", "DNS queries passed on.")
	m.dnsFailures = counter("istio_dns_upstream_failures_total", "DNS queries without an answer.")
	constant := func(name, help string, labels prometheus.Labels) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels})
		g.Set(1)
		m.registry.MustRegister(g)
	}
	constant("istio_build", "Build of this component.", prometheus.Labels{"component": program, "tag": version})
	constant("lab_ztunnel_info", "This is the lab's stand-in for ztunnel, not ztunnel.",
		prometheus.Labels{"version": version, "hbone": "false", "mtls": "false", "authorization": "false"})
	m.registry.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewGoCollector())
	return m
}

type flowMetrics struct{ opened, closed, failed, sent, received prometheus.Counter }

func (m *metrics) flow(direction string, info *zdsapi.WorkloadInfo) flowMetrics {
	const unknown = "unknown"
	labels := prometheus.Labels{"reporter": "source", "connection_security_policy": unknown, "response_flags": "-",
		"source_workload": info.GetName(), "source_workload_namespace": info.GetNamespace(),
		"destination_workload": unknown, "destination_workload_namespace": unknown}
	if direction == "inbound" {
		labels["reporter"] = "destination"
		for _, suffix := range []string{"workload", "workload_namespace"} {
			labels["destination_"+suffix], labels["source_"+suffix] = labels["source_"+suffix], unknown
		}
	}
	f := flowMetrics{opened: m.opened.With(labels), closed: m.closed.With(labels), sent: m.sent.With(labels), received: m.received.With(labels)}
	labels["response_flags"] = "CONNECT"
	f.failed = m.failed.With(labels)
	return f
}
