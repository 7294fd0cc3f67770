// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

// flags are StandardCFlags of the agent's pkg/datapath/loader/compile.go.
var flags = strings.Fields(`-g -O2 --target=bpf -std=gnu99 -nostdinc -ftrap-function=__undefined_trap -Wall -Wextra -Werror -Wshadow
	-Wno-address-of-packed-member -Wno-unknown-warning-option -Wno-gnu-variable-sized-type-not-at-end -Wimplicit-int-conversion
	-Wenum-conversion -Wimplicit-fallthrough -mcpu=v3`)

// TestRealDatapath compiles Cilium's own programs and compares them with what clang makes of them without us.
func TestRealDatapath(t *testing.T) {
	dir := os.Getenv("LAB_BPF_DIR")
	if dir == "" {
		t.Skip("LAB_BPF_DIR does not name the bpf folder of Cilium's module")
	}
	c := newCompiler(t)
	c.bpfDir = dir
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	template := state + "/templates/abc"
	headers := map[string][]byte{
		state + "/globals/node_config.h": append([]byte("#define ENABLE_IPV4 1\n#define ENABLE_NODEPORT 1\n"+
			"#define DSR_ENCAP_MODE 0\n#define DSR_ENCAP_IPIP 2\n#define DSR_ENCAP_GENEVE 3\n"), read("node_config.h")...),
		state + "/netdev_config.h": read("netdev_config.h"),
		template + "/ep_config.h":  read("ep_config.h"),
	}
	native := t.TempDir()
	for name, data := range headers {
		if err := os.MkdirAll(filepath.Dir(native+name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(native+name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for program, own := range map[string]string{"bpf_lxc": template, "bpf_host": template, "bpf_sock": state} {
		args := append([]string{"-I" + state + "/globals", "-I" + own, "-I" + wire.LibraryDir, "-I" + wire.LibraryDir + "/include"}, flags...)
		args = append(args, "-c", wire.LibraryDir+"/"+program+".c", "-o", "-")
		var times [2]time.Duration
		var resp *wire.Response
		for i := range times {
			start := time.Now()
			var err error
			if resp, _, err = c.serve(context.Background(), &wire.Request{Args: args, Dir: state, Files: headers}); err != nil || resp.ExitCode != 0 {
				t.Fatalf("%s: %v %s", program, err, resp.Stderr)
			}
			times[i] = time.Since(start)
		}
		line := strings.NewReplacer(wire.LibraryDir, dir, wire.StateDir, native+wire.StateDir).Replace(strings.Join(args, "\x00"))
		direct, err := exec.Command(c.clang, strings.Split(line, "\x00")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		want, got := sections(t, direct), sections(t, resp.Stdout)
		if len(want) == 0 || len(want) != len(got) {
			t.Errorf("%s: %d sections, want %d", program, len(got), len(want))
		}
		for name, data := range want {
			if !bytes.Equal(data, got[name]) {
				t.Errorf("%s: section %s differs", program, name)
			}
		}
		t.Logf("%s: compiled in %s, from the cache in %s, %d bytes, %d equal sections", program, times[0].Round(time.Millisecond),
			times[1].Round(time.Millisecond), len(resp.Stdout), len(want))
	}
}

// sections are those the kernel gets: code and data, without what describes them by path.
func sections(t *testing.T, object []byte) map[string][]byte {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_PROGBITS && s.Flags&elf.SHF_ALLOC != 0 {
			data, err := s.Data()
			if err != nil {
				t.Fatal(err)
			}
			out[s.Name] = data
		}
	}
	return out
}
