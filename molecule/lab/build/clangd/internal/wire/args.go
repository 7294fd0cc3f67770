// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package wire

import "strings"

// Kind tells what an argument's value is, as far as paths are concerned.
type Kind int

const (
	Plain   Kind = iota // no path in it
	Include             // a folder of headers
	Input               // a file that is read
	Output              // a file that is written
)

// Arg is one argument, split into what precedes the path and the path itself.
type Arg struct {
	Kind   Kind
	Prefix string
	Value  string
}

// valued options take a value, joined or as the next argument. The longer spelling comes first: -include is no -i nor -I.
var valued = []struct {
	name   string
	kind   Kind
	joined bool
}{
	{"-isystem", Include, true}, {"-iquote", Include, true}, {"-idirafter", Include, true},
	{"-include", Input, true}, {"-imacros", Input, true},
	{"-MF", Output, true}, {"-MT", Plain, true}, {"-MQ", Plain, true},
	{"-target", Plain, false},
	{"-I", Include, true}, {"-o", Output, true}, {"-D", Plain, true}, {"-U", Plain, true}, {"-x", Plain, true},
}

// Parse splits a clang command line. One Arg stands for one argument, so the line can be put together again.
func Parse(args []string) []Arg {
	out := make([]Arg, 0, len(args))
next:
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") || a == "-" {
			out = append(out, Arg{Kind: Input, Value: a})
			continue
		}
		for _, v := range valued {
			if a == v.name {
				out = append(out, Arg{Kind: Plain, Value: a})
				if i++; i < len(args) {
					out = append(out, Arg{Kind: v.kind, Value: args[i]})
				}
				continue next
			}
			if v.joined && strings.HasPrefix(a, v.name) {
				out = append(out, Arg{Kind: v.kind, Prefix: v.name, Value: a[len(v.name):]})
				continue next
			}
		}
		out = append(out, Arg{Kind: Plain, Value: a})
	}
	return out
}
