package main

import (
	"log/slog"
	"sync"
)

// live is what some files hold, read again each time it is needed: a mounted ConfigMap or Secret
// changes under the pod when the kubelet swaps its ..data symlink, a read follows symlinks, and the
// files are small and in the page cache. No watch can be missed because there is none.
type live[T any] struct {
	name string // for the log
	read func() (T, error)
	log  *slog.Logger

	mu    sync.Mutex
	last  T    // the last content that could be read
	stale bool // the files cannot be read at present
}

// openLive fails where the files cannot be read at the start: then there is nothing to fall back to.
func openLive[T any](name string, log *slog.Logger, read func() (T, error)) (*live[T], error) {
	content, err := read()
	if err != nil {
		return nil, err
	}
	return &live[T]{name: name, read: read, log: log, last: content}, nil
}

// now returns what the files hold now, or held when they could last be read. The log says once,
// not at each request, that they cannot be read.
func (l *live[T]) now() T {
	content, err := l.read()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		if !l.stale {
			l.log.Warn(l.name+" unreadable, answering with the last good one", "error", err.Error())
		}
		l.stale = true
		return l.last
	}
	l.last, l.stale = content, false
	return content
}
