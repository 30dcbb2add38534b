package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAnswers(t *testing.T) {
	app := start(t)
	for path, want := range map[string]string{"/": "myapp " + version + "\n", "/livez": "ok\n", "/readyz": "ok\n"} {
		if status, body := app.get(t, path); status != http.StatusOK || body != want {
			t.Errorf("GET %s: %d %q; want 200 %q", path, status, body, want)
		}
	}
	if status, _ := app.get(t, "/other"); status != http.StatusNotFound {
		t.Errorf("GET /other: %d; want 404", status)
	}
}

func TestItDrainsBeforeItStops(t *testing.T) {
	app := start(t)
	// An idle connection, which a shutdown at once would close.
	app.get(t, "/")
	app.stop()
	status := 0
	for i := 0; i < 50 && status != http.StatusServiceUnavailable; i++ {
		time.Sleep(10 * time.Millisecond)
		status, _ = app.get(t, "/readyz")
	}
	if status != http.StatusServiceUnavailable {
		t.Fatalf("GET /readyz while it drains: %d; want 503", status)
	}
	response, err := app.client.Get(app.url + "/")
	if err != nil {
		t.Fatalf("it does not answer while it drains: %v", err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("while it drains: %d, closes the connection: %t; want 200, true", response.StatusCode, response.Close)
	}
	if err := <-app.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := app.client.Get(app.url + "/"); err == nil {
		t.Error("it still answers after its end")
	}
}

func TestMistakesAreOneLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	t.Setenv("ADDRESS", taken.Addr().String())
	for want, args := range map[string][]string{"address already in use": nil, `unexpected argument "now"`: {"now"}} {
		err := run(args, new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("run(%q): %v; want one line with %q", args, err, want)
		}
	}
}

type app struct {
	url    string
	client *http.Client
	stop   func()
	ended  chan error
}

func start(t *testing.T) *app {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopping, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	made := &app{
		url:    "http://" + listener.Addr().String(),
		client: &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second},
		stop:   stop,
		ended:  make(chan error, 1),
	}
	go func() { made.ended <- serve(stopping, listener) }()
	return made
}

func (a *app) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := a.client.Get(a.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
