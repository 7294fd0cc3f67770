// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors

package main

import (
	"encoding/gob"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"zerotrust.lab/clangd/internal/wire"
)

func handler(c *compiler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /v1/clang", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		req := new(wire.Request)
		if err := gob.NewDecoder(http.MaxBytesReader(w, r.Body, wire.MaxRequest)).Decode(req); err != nil {
			http.Error(w, "request not understood: "+err.Error(), http.StatusBadRequest)
			return
		}
		resp, j, err := c.serve(r.Context(), req)
		what := fmt.Sprintf("%q", req.Args)
		if j != nil && j.source != "" {
			what = j.source
		}
		if err != nil {
			status := http.StatusInternalServerError
			if errors.As(err, new(refusal)) {
				status = http.StatusBadRequest
			}
			log.Printf("%s %s: error after %s: %v", r.RemoteAddr, what, time.Since(start).Round(time.Millisecond), err)
			http.Error(w, err.Error(), status)
			return
		}
		origin := "compiled"
		if resp.Cached {
			origin = "from cache"
		}
		log.Printf("%s %s: exit %d, %s in %s, %d files in, %d bytes out", r.RemoteAddr, what, resp.ExitCode, origin,
			time.Since(start).Round(time.Millisecond), len(req.Files), len(resp.Stdout))
		w.Header().Set("Content-Type", "application/x-gob")
		if err := gob.NewEncoder(w).Encode(resp); err != nil {
			log.Printf("%s %s: answer not delivered: %v", r.RemoteAddr, what, err)
		}
	})
	return mux
}
