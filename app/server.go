package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// server runs HTTP and gRPC together, from ready to drained.
type server struct {
	http    *http.Server
	grpc    *grpc.Server
	ready   *readiness
	options options
	log     *slog.Logger
}

// newServer bounds what one client can hold on to: time for each part of a request, header bytes,
// streams of a connection. Without secured there is no TLS.
func newServer(handler http.Handler, ready *readiness, options options, secured *tls.Config, log *slog.Logger) *server {
	limits := []grpc.ServerOption{grpc.ConnectionTimeout(5 * time.Second), grpc.MaxConcurrentStreams(100)}
	if secured != nil {
		limits = append(limits, grpc.Creds(credentials.NewTLS(secured)))
	}
	s := &server{
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      30 * time.Second,
			// Longer than the minute that proxies usually keep a connection: the one who may send
			// the next request should be the one who closes.
			IdleTimeout:    2 * time.Minute,
			MaxHeaderBytes: 16 << 10,
			TLSConfig:      secured,
			ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
		grpc:    grpc.NewServer(limits...),
		ready:   ready,
		options: options,
		log:     log,
	}
	healthpb.RegisterHealthServer(s.grpc, ready.health)
	return s
}

// serve returns nil when the first signal led to a complete drain, and an error when a listener
// failed, the grace was exceeded, or a second signal came.
func (s *server) serve(httpListener, grpcListener net.Listener, signals <-chan os.Signal) error {
	failed := make(chan error, 2)
	s.ready.set(true) // the listeners are open: from here on no connection is refused
	go func() { failed <- s.serveHTTP(httpListener) }()
	go func() { failed <- s.grpc.Serve(grpcListener) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serving stopped: %w; nothing is left to serve with, restart the process", err)
	case signal := <-signals:
		s.log.Info("draining", "signal", signal.String())
	}
	drained := make(chan error, 1)
	go func() { drained <- s.drain() }()
	select {
	case err := <-drained:
		return err
	case signal := <-signals:
		return fmt.Errorf("second signal (%s): stopped at once, requests in flight were cut off", signal)
	}
}

func (s *server) serveHTTP(listener net.Listener) error {
	if s.http.TLSConfig == nil {
		return s.http.Serve(listener)
	}
	return s.http.ServeTLS(listener, "", "") // the certificate is in TLSConfig
}

// drain fails readiness at once, goes on serving for drain_delay, in which clients and proxies
// notice and each connection in use is closed after its answer, then takes no more connections and
// waits for the requests in flight until shutdown_grace, counted from the start, is over.
func (s *server) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.shutdownGrace)
	defer cancel()
	s.ready.set(false)
	time.Sleep(s.options.drainDelay)
	err := s.http.Shutdown(ctx)
	// Last, so that health is answered to the end. Not gracefully: a health Watch ends only when its
	// client does, and GracefulStop would wait for it.
	s.grpc.Stop()
	if err != nil {
		return fmt.Errorf("shutdown_grace of %s is over with requests in flight, they were cut off; raise it in %s if they need longer",
			s.options.shutdownGrace, configKey)
	}
	s.log.Info("drained")
	return nil
}
