package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const testToken = "correct-horse"

// fixture is a ready handler with every route open, its configuration directory and its log.
type fixture struct {
	http.Handler
	dir   string
	ready *readiness
	log   *bytes.Buffer
}

func newFixture(t *testing.T, change func(*handlerArgs)) fixture {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, dataKey, "Hello, world!")
	buffer := &bytes.Buffer{}
	log := slog.New(slog.NewJSONHandler(buffer, &slog.HandlerOptions{Level: slog.LevelDebug}))
	greeting, err := openGreeting(dir, log)
	if err != nil {
		t.Fatal(err)
	}
	ready := newReadiness()
	ready.set(true)
	args := handlerArgs{greeting: greeting, token: testToken, enableLoad: true, ready: ready, log: log}
	if change != nil {
		change(&args)
	}
	return fixture{newHandler(args), dir, ready, buffer}
}

func (f fixture) do(method, target string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response := httptest.NewRecorder()
	f.ServeHTTP(response, request)
	return response
}

func write(t *testing.T, dir, key, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, key), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRoutes(t *testing.T) {
	f := newFixture(t, nil)
	tests := []struct {
		method, target string
		status         int
		body           string
	}{
		{"GET", "/", 200, "Hello, world!"},
		{"GET", "/livez", 200, "ok\n"},
		{"GET", "/readyz", 200, "ok\n"},
		{"GET", "/nothing", 404, "404 page not found\n"},
		{"POST", "/", 405, "Method Not Allowed\n"},
		{"GET", "/slow?for=1ms", 200, "for=1ms done\n"},
		{"GET", "/work?cpu=1ms", 200, "cpu=1ms done\n"},
		{"GET", "/slow", 400, "for is \"\" and must be a duration above 0s and at most 10s, such as ?for=50ms\n"},
		{"GET", "/slow?for=0s", 400, "for is \"0s\" and must be a duration above 0s and at most 10s, such as ?for=50ms\n"},
		{"GET", "/work?cpu=10.1s", 400, "cpu is \"10.1s\" and must be a duration above 0s and at most 10s, such as ?cpu=50ms\n"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.target, func(t *testing.T) {
			got := f.do(test.method, test.target)
			if got.Code != test.status || got.Body.String() != test.body {
				t.Errorf("got %d %q, want %d %q", got.Code, got.Body, test.status, test.body)
			}
		})
	}
}

func TestLoadIsServedOnlyWhereItIsEnabled(t *testing.T) {
	f := newFixture(t, func(args *handlerArgs) { args.enableLoad = false })
	for _, target := range []string{"/slow?for=1ms", "/work?cpu=1ms"} {
		if got := f.do("GET", target); got.Code != 404 {
			t.Errorf("%s: got %d, want 404", target, got.Code)
		}
	}
}

func TestLoadLastsAsLongAsAsked(t *testing.T) {
	f := newFixture(t, nil)
	for _, target := range []string{"/slow?for=60ms", "/work?cpu=60ms"} {
		start := time.Now()
		f.do("GET", target)
		if took := time.Since(start); took < 60*time.Millisecond {
			t.Errorf("%s took %s", target, took)
		}
	}
}

func TestPrivateOpensOnlyToTheToken(t *testing.T) {
	tests := []struct {
		name, token, authorization string
		status                     int
	}{
		{"right", testToken, "Bearer " + testToken, 200},
		{"the scheme has no case", testToken, "bearer " + testToken, 200},
		{"nothing sent", testToken, "", 401},
		{"wrong", testToken, "Bearer wrong-horse!!", 401},
		{"a prefix", testToken, "Bearer correct", 401},
		{"empty", testToken, "Bearer ", 401},
		{"no scheme", testToken, testToken, 401},
		{"another scheme", testToken, "Basic " + testToken, 401},
		{"no token set", "", "Bearer " + testToken, 403},
		{"no token set, an empty one sent", "", "Bearer ", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t, func(args *handlerArgs) { args.token = test.token })
			got := f.do("GET", "/private", "Authorization", test.authorization)
			if got.Code != test.status {
				t.Fatalf("got %d %q, want %d", got.Code, got.Body, test.status)
			}
			if challenge := got.Header().Get("WWW-Authenticate"); (challenge != "") != (test.status == 401) {
				t.Errorf("status %d with WWW-Authenticate %q", got.Code, challenge)
			}
			if test.status == 403 && got.Body.String() != "closed: set API_TOKEN in the service's environment to open it\n" {
				t.Errorf("a closed door must say how it is opened; it says %q", got.Body)
			}
		})
	}
}

func TestReadinessFailsOnHTTPAndClosesConnectionsWhileOtherRoutesServe(t *testing.T) {
	f := newFixture(t, nil)
	if got := f.do("GET", "/"); got.Header().Get("Connection") != "" {
		t.Error("a ready process must keep connections alive")
	}
	f.ready.set(false)
	if got := f.do("GET", "/readyz"); got.Code != 503 || got.Body.String() != "draining\n" {
		t.Errorf("/readyz: got %d %q, want 503", got.Code, got.Body)
	}
	for _, target := range []string{"/", "/livez"} {
		got := f.do("GET", target)
		if got.Code != 200 || got.Header().Get("Connection") != "close" {
			t.Errorf("%s: got %d, Connection %q; want 200, close", target, got.Code, got.Header().Get("Connection"))
		}
	}
}

// project does what the kubelet does with each version of a ConfigMap or Secret: it writes the files
// to a new directory and renames a symlink onto ..data.
func project(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	version, err := os.MkdirTemp(dir, "..version")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range files {
		write(t, version, key, text)
		if err := os.Symlink("..data/"+key, filepath.Join(dir, key)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Base(version), filepath.Join(dir, "..tmp")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
}

func TestAMountedGreetingChangesLive(t *testing.T) {
	dir := t.TempDir()
	project(t, dir, map[string]string{dataKey: "one"})
	greeting, err := openGreeting(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, func(args *handlerArgs) { args.greeting = greeting })
	if got := f.do("GET", "/").Body.String(); got != "one" {
		t.Fatalf("got %q, want one", got)
	}
	project(t, dir, map[string]string{dataKey: "two"})
	if got := f.do("GET", "/").Body.String(); got != "two" {
		t.Errorf("got %q after the change, want two", got)
	}
}

func TestAnUnreadableGreetingFallsBackToTheLastGoodOneAndWarnsOnce(t *testing.T) {
	f := newFixture(t, nil)
	write(t, f.dir, dataKey, "latest")
	f.do("GET", "/")
	if err := os.Remove(filepath.Join(f.dir, dataKey)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := f.do("GET", "/"); got.Code != 200 || got.Body.String() != "latest" {
			t.Errorf("got %d %q, want the last good text", got.Code, got.Body)
		}
	}
	if warnings := strings.Count(f.log.String(), "greeting unreadable"); warnings != 1 {
		t.Errorf("%d warnings for one loss, want 1", warnings)
	}
	write(t, f.dir, dataKey, "back")
	if got := f.do("GET", "/").Body.String(); got != "back" {
		t.Errorf("got %q, want the text that came back", got)
	}
}

// Without the race detector this proves little.
func TestTheGreetingMayBeAskedForByManyAtOnce(t *testing.T) {
	f := newFixture(t, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if got := f.do("GET", "/").Body.String(); got != "Hello, world!" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	group.Wait()
}

func TestMetricsCountByRouteAndNeverByWhatAClientMadeUp(t *testing.T) {
	f := newFixture(t, nil)
	for range 2 {
		f.do("GET", "/")
	}
	f.do("GET", "/slow?for=30ms")
	f.do("POST", "/private")
	for _, path := range []string{"/made-up-1", "/made-up-2"} {
		f.do("GET", path)
		f.do("MADEUP", path)
	}
	scrape := f.do("GET", "/metrics")
	if got := scrape.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("Content-Type %q is not the Prometheus text format", got)
	}
	text := scrape.Body.String()
	for _, line := range []string{
		`http_requests_total{code="200",method="GET",route="/"} 2`,
		`http_requests_total{code="405",method="POST",route="unmatched"} 1`,
		`http_requests_total{code="404",method="GET",route="unmatched"} 2`,
		`http_requests_total{code="404",method="other",route="unmatched"} 2`,
		`http_request_duration_seconds_count{code="200",method="GET",route="/"} 2`,
		`http_request_duration_seconds_bucket{code="200",method="GET",route="/slow",le="0.025"} 0`,
		`http_request_duration_seconds_bucket{code="200",method="GET",route="/slow",le="10"} 1`,
		`http_requests_in_flight 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if strings.Contains(strings.ToLower(text), "made-up") || strings.Contains(strings.ToLower(text), "madeup") {
		t.Error("a client chose a label's value")
	}
	if !strings.Contains(text, "go_goroutines ") {
		t.Error("the Go runtime's metrics are missing")
	}
}

func TestARequestIsOneLogLineWithoutQueryOrToken(t *testing.T) {
	f := newFixture(t, nil)
	tests := []struct{ path, query, level string }{
		{"/", "?password=hunter2", "INFO"},
		{"/private", "", "INFO"},
		{"/nothing", "?password=hunter2", "INFO"},
		{"/livez", "", "DEBUG"},
		{"/readyz", "", "DEBUG"},
		{"/metrics", "", "DEBUG"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			f.log.Reset()
			response := f.do("GET", test.path+test.query, "Authorization", "Bearer "+testToken)
			line := f.log.String()
			for _, secret := range []string{"hunter2", testToken} {
				if strings.Contains(line, secret) {
					t.Errorf("the log holds %s: %s", secret, line)
				}
			}
			var got struct {
				Level, Msg, Method, Path, Remote string
				Status, Bytes                    int
				Duration                         *float64 `json:"duration_ms"`
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatalf("not one line of JSON: %v: %s", err, line)
			}
			if got.Level != test.level || got.Msg != "request" || got.Method != "GET" || got.Path != test.path ||
				got.Status != response.Code || got.Bytes != response.Body.Len() || got.Duration == nil || got.Remote == "" {
				t.Errorf("got %s", line)
			}
		})
	}
}
