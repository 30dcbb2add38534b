// A small web service: it greets, says whether it is ready and alive, and loses no request when it stops.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log := newLog()
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		log.Info("request", "path", r.URL.Path)
		fmt.Fprintf(w, "Hello from %s\n", os.Getenv("ENVIRONMENT"))
	})
	http.HandleFunc("GET /livez", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if stopping.Err() != nil {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})

	server := &http.Server{Addr: ":8080", ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Info("listening", "address", server.Addr)
	select {
	case err := <-failed:
		log.Error("cannot serve", "error", err)
		os.Exit(1)
	case <-stopping.Done():
	}
	// Requests that have begun are answered; Kubernetes waits for 30 seconds in all.
	patience, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		log.Error("requests were cut off", "error", err)
		os.Exit(1)
	}
}
