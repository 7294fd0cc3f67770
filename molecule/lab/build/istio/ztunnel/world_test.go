// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	cni "istio.io/istio/cni/pkg/config"
	"istio.io/istio/cni/pkg/iptables"
	"istio.io/istio/cni/pkg/nftables"
	real "istio.io/istio/cni/pkg/nodeagent"
	"istio.io/istio/cni/pkg/scopes"
	"istio.io/istio/pkg/zdsapi"
	dep "istio.io/istio/tools/istio-iptables/pkg/dependencies"

	"zerotrust.lab/istio/ztunnel/internal/nodeagent"
)

// pod is a network namespace on the test's bridge. The rules in it are the ones istio-cni writes.
type pod struct {
	*netns
	name   string
	path   string
	v4, v6 netip.Addr
}

// world is a node with three pods; the last one is in no mesh.
type world struct {
	t       *testing.T
	a, b, c *pod
}

func newWorld(t *testing.T) *world {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, tool := range []string{"ip", "iptables", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})))
	w := &world{t: t}
	prefix := fmt.Sprintf("zt%d", os.Getpid())
	node := prefix + "n"
	if out, err := exec.Command("ip", "netns", "add", node).CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %s", out)
	}
	t.Cleanup(func() { w.ip("netns", "del", node) })
	w.ip("-n", node, "link", "add", "br0", "type", "bridge", "forward_delay", "0")
	w.ip("-n", node, "link", "set", "br0", "up")
	for i, p := range []**pod{&w.a, &w.b, &w.c} {
		name := fmt.Sprintf("%s%c", prefix, 'a'+i)
		*p = &pod{name: name, path: "/run/netns/" + name,
			v4: netip.AddrFrom4([4]byte{10, 99, 0, byte(i + 1)}), v6: netip.MustParseAddr(fmt.Sprintf("fd00:99::%d", i+1))}
		w.ip("netns", "add", name)
		t.Cleanup(func() { w.ip("netns", "del", name) })
		w.ip("-n", node, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
		w.ip("-n", node, "link", "set", name, "master", "br0", "up")
		w.ip("-n", name, "link", "set", "lo", "up")
		w.ip("-n", name, "addr", "add", (*p).v4.String()+"/24", "dev", "eth0")
		w.ip("-n", name, "addr", "add", (*p).v6.String()+"/64", "dev", "eth0", "nodad")
		w.ip("-n", name, "link", "set", "eth0", "up")
		w.ip("-n", name, "route", "add", "default", "via", "10.99.0.254")
		fd, err := unix.Open((*p).path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			(*p).netns, err = enter(fd)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup((*p).leave)
	}
	return w
}

func (w *world) ip(args ...string) {
	w.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		w.t.Errorf("ip %s: %s", strings.Join(args, " "), out)
	}
}

// enroll writes the in-pod rules with the agent's own code.
func (w *world) enroll(kind string, pods ...*pod) {
	w.t.Helper()
	cfg := &cni.AmbientConfig{EnableIPv6: true, RedirectDNS: true, HostProbeSNATAddress: netip.MustParseAddr("169.254.7.127"),
		HostProbeV6SNATAddress: netip.MustParseAddr("fd16:9254:7127:1337:ffff:ffff:ffff:ffff")}
	for _, p := range pods {
		err := p.do(func() error {
			deps := &dep.RealDependencies{UsePodScopedXtablesLock: false}
			if kind == "nftables" {
				_, rules, err := nftables.NewNftablesConfigurator(cfg, cfg, deps, deps, iptables.RealNlDeps())
				if err != nil {
					return err
				}
				return rules.CreateInpodRules(scopes.CNIAgent, cni.PodLevelOverrides{})
			}
			_, rules, err := iptables.NewIptablesConfigurator(cfg, cfg, deps, deps, iptables.RealNlDeps())
			if err != nil {
				return err
			}
			return rules.CreateInpodRules(scopes.CNIAgent, cni.PodLevelOverrides{})
		})
		if err != nil {
			w.t.Fatalf("%s rules: %v", kind, err)
		}
	}
}

// dial connects like an application of the pod.
func (p *pod) connect(to netip.AddrPort) (c *net.TCPConn, err error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	d.SetMultipathTCP(false)
	err = p.do(func() error {
		conn, err := d.Dial("tcp", to.String())
		if err == nil {
			c = conn.(*net.TCPConn)
		}
		return err
	})
	return c, err
}

// node is the real agent's server and what it knows of the pods.
type node struct {
	t      *testing.T
	socket string
	server *nodeagent.Server
	cancel context.CancelFunc

	mu   sync.Mutex
	pods map[string]real.WorkloadInfo
}

func (n *node) ReadCurrentPodSnapshot() map[string]real.WorkloadInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := map[string]real.WorkloadInfo{}
	for uid, info := range n.pods {
		out[uid] = info
	}
	return out
}

func newNode(t *testing.T, socket string, pods ...*pod) *node {
	t.Helper()
	if socket == "" {
		socket = filepath.Join(t.TempDir(), "z.sock")
	}
	n := &node{t: t, socket: socket, pods: map[string]real.WorkloadInfo{}}
	for _, p := range pods {
		ns, err := real.OpenNetns(p.path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ns.Close() })
		n.pods["uid-"+p.name] = real.WorkloadInfo{Workload: &zdsapi.WorkloadInfo{Name: p.name, Namespace: "test", ServiceAccount: "default"}, Netns: ns}
	}
	var err error
	if n.server, err = nodeagent.New(socket, n, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, n.cancel = context.WithCancel(context.Background())
	t.Cleanup(n.cancel)
	go n.server.Run(ctx)
	return n
}

func (n *node) add(p *pod) error {
	ns, err := real.OpenNetns(p.path)
	if err != nil {
		return err
	}
	defer ns.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.server.PodAdded(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: p.name, Namespace: "test", UID: types.UID("uid-" + p.name)}}, ns)
}

func (n *node) del(p *pod) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return n.server.PodDeleted(ctx, "uid-"+p.name)
}

// start runs our side against the socket until the test ends.
func start(t *testing.T, socket string) *manager {
	t.Helper()
	m := newMetrics()
	workloads := newManager(m, newDNS(m, "/nonexistent"))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		<-workloads.shutdown(0)
	})
	go workloads.retry(ctx)
	go (&agent{socket: socket, workloads: workloads}).run(ctx)
	return workloads
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func (m *manager) serves(p *pod) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.active["uid-"+p.name] != nil
}
