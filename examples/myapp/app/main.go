// Myapp says its version over HTTP, and stops without losing a request.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	version = "1.0.0"
	// For this long after the signal, clients that keep a connection are asked to take another one.
	drain = time.Second
	// For this long at most, requests that have begun are waited for. Kubernetes waits for 30 seconds in all.
	patience = 15 * time.Second
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "myapp: %v\n", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM or SIGINT.
func run(args []string, log io.Writer) error {
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: it takes none; the variable ADDRESS says where it serves", args[0])
	}
	address := os.Getenv("ADDRESS")
	if address == "" {
		address = ":8080"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot serve: %w; ADDRESS must be a free host:port or :port, such as :8080", err)
	}
	fmt.Fprintf(log, "myapp %s serves on %s\n", version, listener.Addr())
	return serve(stopping, listener)
}

// serve returns nil when the end of `stopping` has led to a complete drain.
func serve(stopping context.Context, listener net.Listener) error {
	var draining atomic.Bool
	server := &http.Server{Handler: handler(&draining), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving stopped: %w", err)
	case <-stopping.Done():
	}
	// To close idle connections at once would cut off a request that a client is just sending over one.
	draining.Store(true)
	time.Sleep(drain)
	end, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(end); errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("requests that took longer than %s were cut off", patience)
	} else if err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	return nil
}

func handler(draining *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "myapp %s\n", version) })
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if draining.Load() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		mux.ServeHTTP(w, r)
	})
}
