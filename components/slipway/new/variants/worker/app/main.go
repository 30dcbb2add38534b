// A small worker: it does a piece of work every few seconds, and finishes the one it has begun when it is told to stop.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var level slog.Level
	_ = level.UnmarshalText([]byte(os.Getenv("LOG_LEVEL"))) // info, if it is none
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	next := time.NewTicker(5 * time.Second)
	defer next.Stop()
	for {
		log.Info("working", "environment", os.Getenv("ENVIRONMENT"))
		select {
		case <-next.C:
		case <-stopping.Done():
			log.Info("stopped")
			return
		}
	}
}
