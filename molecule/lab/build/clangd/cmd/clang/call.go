// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

// dialPatience covers a restart of the server. The agent gives up on a failed compile of its base programs and starts over,
// which costs an emulated node minutes.
var dialPatience = 20 * time.Second

func call(addr string, req *wire.Request) (*wire.Response, error) {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(req); err != nil {
		return nil, err
	}
	if body.Len() > wire.MaxRequest {
		return nil, fmt.Errorf("the request has %d bytes, more than the limit of %d", body.Len(), wire.MaxRequest)
	}
	client := &http.Client{Timeout: 15 * time.Minute, Transport: &http.Transport{DisableCompression: true}}
	var resp *http.Response
	for start, wait := time.Now(), 250*time.Millisecond; ; wait *= 2 {
		var err error
		resp, err = client.Post("http://"+addr+"/v1/clang", "application/x-gob", bytes.NewReader(body.Bytes()))
		if err == nil {
			break
		}
		var dial *net.OpError
		if !errors.As(err, &dial) || dial.Op != "dial" || time.Since(start)+wait > dialPatience {
			return nil, fmt.Errorf("compile server %s (set by %s, %s or the default): %w", addr, wire.ServerEnv, wire.ServerFile, err)
		}
		time.Sleep(wait)
	}
	defer resp.Body.Close()
	limited := io.LimitReader(resp.Body, wire.MaxResponse)
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return nil, fmt.Errorf("compile server %s refused: %s", addr, strings.TrimSpace(string(text)))
	}
	out := new(wire.Response)
	if err := gob.NewDecoder(limited).Decode(out); err != nil {
		return nil, fmt.Errorf("compile server %s: answer not understood: %w", addr, err)
	}
	return out, nil
}
