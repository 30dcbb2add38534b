package main

import (
	"sync/atomic"

	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// readiness is the one answer that GET /readyz and the gRPC health service both give. It is false
// before the process serves and from the moment it is asked to stop.
type readiness struct {
	ready  atomic.Bool
	health *health.Server
}

func newReadiness() *readiness {
	r := &readiness{health: health.NewServer()}
	r.set(false) // a new health server says SERVING by itself
	return r
}

func (r *readiness) isReady() bool { return r.ready.Load() }

func (r *readiness) set(ready bool) {
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if ready {
		status = healthpb.HealthCheckResponse_SERVING
	}
	r.ready.Store(ready)
	r.health.SetServingStatus("", status)
}
