// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// netns is a thread inside a pod's network namespace. Sockets belong to the namespace of the thread that creates them, and to
// no thread afterwards, so one thread a pod that does nothing else is enough, and no other one ever changes namespaces.
type netns struct {
	id    nsID
	calls chan func()
	left  chan struct{}
	once  sync.Once
}

// nsID tells namespaces apart, as the kernel does.
type nsID struct{ device, inode uint64 }

// enter starts the thread. It takes over the descriptor: the thread itself keeps the namespace alive.
func enter(fd int) (*netns, error) {
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	n := &netns{id: nsID{uint64(st.Dev), st.Ino}, calls: make(chan func()), left: make(chan struct{})}
	entered := make(chan error)
	go func() {
		// Never unlocked: the runtime ends a locked thread with its goroutine instead of using it for others.
		runtime.LockOSThread()
		err := unix.Setns(fd, unix.CLONE_NEWNET)
		entered <- err
		if err != nil {
			return
		}
		for {
			select {
			case call := <-n.calls:
				call()
			case <-n.left:
				return
			}
		}
	}()
	if err := <-entered; err != nil {
		return nil, fmt.Errorf("enter network namespace: %w", err)
	}
	return n, nil
}

// do runs f inside. f must not wait for anything but the kernel.
func (n *netns) do(f func() error) error {
	result := make(chan error, 1)
	select {
	case n.calls <- func() { result <- f() }:
		return <-result
	case <-n.left:
		return errors.New("the network namespace was left")
	}
}

// leave ends the thread.
func (n *netns) leave() { n.once.Do(func() { close(n.left) }) }
