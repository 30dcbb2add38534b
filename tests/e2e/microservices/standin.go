package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// It stands in for every image of examples/microservices: its arguments and variables say which.
//
//	PGDATA        the database: POST adds a line to its file, GET answers with all lines
//	migrate       adds a line to the database, when that can be reached
//	pack          reads the database, and adds "packed X" for each "order X"
//	report        reads the database
//	(none)        a service: GET / asks everyone whose URL it has, POST goes on to orders, or else the database
func init() {
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/livez", func(http.ResponseWriter, *http.Request) {})
	role := strings.Join(os.Args[1:], " ")
	switch {
	case os.Getenv("PGDATA") != "":
		keep("started")
		http.HandleFunc("/", database)
		serve(":5432")
	case role == "migrate":
		end(patiently(func() error { _, err := say(url("DATABASE"), "migrated"); return err }))
	case role == "report":
		end(patiently(func() error { _, err := say(url("DATABASE"), ""); return err }))
	case role == "pack":
		go pack()
		serve(":8080")
	case role == "":
		http.HandleFunc("/", service)
		serve(":8080")
	default:
		end(fmt.Errorf("cannot do %q", role))
	}
}

func serve(address string) { end(http.ListenAndServe(address, nil)) }

func end(err error) {
	if err != nil {
		fmt.Println("standin:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// patiently is how a client waits for a database that starts beside it.
func patiently(try func() error) (err error) {
	for range 60 {
		if err = try(); err == nil {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	return err
}

func url(name string) string {
	return strings.Replace(os.Getenv(name+"_URL"), "postgres://", "http://", 1)
}

// say POSTs a line, or GETs where there is none.
func say(url, line string) (string, error) {
	client := http.Client{Timeout: 3 * time.Second}
	ask := func() (*http.Response, error) { return client.Get(url) }
	if line != "" {
		ask = func() (*http.Response, error) { return client.Post(url, "text/plain", bytes.NewBufferString(line)) }
	}
	answer, err := ask()
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s says %s: %s", url, answer.Status, text)
	}
	return string(text), err
}

func service(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if line := string(body); line != "" {
		next := url("ORDERS")
		if next == "" {
			next = url("DATABASE")
		}
		answer(w, next, line)
		return
	}
	for _, name := range []string{"CATALOG", "ORDERS", "DATABASE"} {
		if next := url(name); next != "" {
			fmt.Fprintf(w, "%s(", strings.ToLower(name))
			answer(w, next, "")
			fmt.Fprint(w, ")")
		}
	}
}

func answer(w http.ResponseWriter, url, line string) {
	text, err := say(url, line)
	if err != nil {
		text = err.Error()
		w.WriteHeader(http.StatusBadGateway)
	}
	fmt.Fprint(w, text)
}

func pack() {
	for ; ; time.Sleep(200 * time.Millisecond) {
		text, _ := say(url("DATABASE"), "")
		for _, line := range strings.Fields(text) {
			done := strings.Replace(line, "order", "packed", 1)
			if done != line && !strings.Contains(text, done) {
				say(url("DATABASE"), done)
			}
		}
	}
}

func file() string { return filepath.Join(os.Getenv("PGDATA"), "lines") }

func keep(line string) {
	if err := os.MkdirAll(os.Getenv("PGDATA"), 0o700); err != nil {
		end(err)
	}
	kept, err := os.OpenFile(file(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		end(err)
	}
	defer kept.Close()
	fmt.Fprintf(kept, "%s ", line)
}

func database(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if line := string(body); line != "" {
		keep(line)
	}
	text, _ := os.ReadFile(file())
	w.Write(text)
}
