package main

import (
	"log/slog"
	"sync"
)

// greeting is the text of hello-world.data, read again for every request: a mounted ConfigMap
// changes under the pod when the kubelet swaps its ..data symlink, a read follows symlinks, and
// the file is small and in the page cache. No watch can be missed because there is none.
type greeting struct {
	dir string
	log *slog.Logger

	mu    sync.Mutex
	last  []byte // the last content that could be read
	stale bool   // the file cannot be read at present
}

// openGreeting fails where the text cannot be read at the start: then there is nothing to fall back to.
func openGreeting(dir string, log *slog.Logger) (*greeting, error) {
	text, err := readKey(dir, dataKey)
	if err != nil {
		return nil, err
	}
	return &greeting{dir: dir, log: log, last: text}, nil
}

// text returns what the file holds now, or held when it could last be read. The log says once,
// not at each request, that the file has gone.
func (g *greeting) text() []byte {
	text, err := readKey(g.dir, dataKey)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		if !g.stale {
			g.log.Warn("greeting unreadable, answering with the last good one", "error", err.Error())
		}
		g.stale = true
		return g.last
	}
	g.last, g.stale = text, false
	return text
}
