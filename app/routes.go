package main

import (
	"io"
	"log/slog"
	"net/http"
)

type handlerArgs struct {
	greeting   *live[[]byte]
	token      string // opens /private; empty: it stays closed
	enableLoad bool
	ready      *readiness
	log        *slog.Logger
}

// newHandler is everything served over HTTP, logged and counted. A pattern with GET also serves HEAD.
func newHandler(args handlerArgs) http.Handler {
	metrics := newMetrics()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, string(args.greeting.now()))
	})
	// Alive means that the process answers: it depends on nothing that a restart would not mend.
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !args.ready.isReady() {
			writeText(w, http.StatusServiceUnavailable, "draining\n")
			return
		}
		writeText(w, http.StatusOK, "ok\n")
	})
	mux.Handle("GET /metrics", metrics.handler())
	mux.Handle("GET /private", requireToken(args.token, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			writeText(w, http.StatusOK, "You hold the token.\n")
		})))
	if args.enableLoad {
		mux.HandleFunc("GET /work", load("cpu", spin))
		mux.HandleFunc("GET /slow", load("for", sleep))
	}
	return observe(args.log, metrics, closeWhenDraining(args.ready, mux))
}

// closeWhenDraining asks each client that still comes while the process drains to take a new
// connection, to another pod, for its next request. Shutting the idle connections at once instead
// would cut off the request that a client is just sending over one.
func closeWhenDraining(ready *readiness, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ready.isReady() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // fails only when the client has gone
}
