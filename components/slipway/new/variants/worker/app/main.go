// A small worker: it does a piece of work every few seconds, and finishes the one it has begun when it is told to stop.
package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log := newLog()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	for next := time.Tick(5 * time.Second); ; {
		log.Info("working", "environment", os.Getenv("ENVIRONMENT"))
		select {
		case <-next:
		case <-stop:
			log.Info("stopped")
			return
		}
	}
}
