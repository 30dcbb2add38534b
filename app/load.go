package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// maxLoad bounds what one request may ask for. It is well under the server's write timeout.
const maxLoad = 10 * time.Second

// load serves a request that lasts as long as the query parameter says, for tests of autoscaling
// (spin) and of draining (sleep).
func load(param string, pass func(context.Context, time.Duration)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value := r.URL.Query().Get(param)
		duration, err := time.ParseDuration(value)
		if err != nil || duration <= 0 || duration > maxLoad {
			writeText(w, http.StatusBadRequest, fmt.Sprintf(
				"%s is %q and must be a duration above 0s and at most %s, such as ?%s=50ms\n", param, value, maxLoad, param))
			return
		}
		pass(r.Context(), duration)
		writeText(w, http.StatusOK, fmt.Sprintf("%s=%s done\n", param, duration))
	}
}

// spin keeps one core busy until the time is over or the client has gone.
func spin(ctx context.Context, duration time.Duration) {
	for end := time.Now().Add(duration); time.Now().Before(end) && ctx.Err() == nil; {
	}
}

// sleep waits, without load, until the time is over or the client has gone.
func sleep(ctx context.Context, duration time.Duration) {
	select {
	case <-time.After(duration):
	case <-ctx.Done():
	}
}
