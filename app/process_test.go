package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// TestMain turns the test binary into the service when a test starts it so: a real process, with
// real signals and exit codes, and with the race detector wherever the tests have it.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_HELLO_WORLD") == "1" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func command(t *testing.T, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = []string{
		"RUN_HELLO_WORLD=1",
		"API_TOKEN= " + testToken + "\n", // as a Secret made from a file would have it
		"GORACE=atexit_sleep_ms=0",       // else each exit takes a second under the race detector
	}
	return cmd
}

// process is a running service.
type process struct {
	*exec.Cmd
	url, grpc string
	stderr    bytes.Buffer
	stdout    chan string // all after the first line, at the end
}

// start leaves the data beside the options, unless args name another directory.
func start(t *testing.T, config string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, dataKey, "Hello, world!")
	write(t, dir, configKey, config)
	args = append([]string{"--config-dir", dir, "--http-addr=127.0.0.1:0", "--grpc-addr=127.0.0.1:0"}, args...)
	p := &process{Cmd: command(t, args...), stdout: make(chan string, 1)}
	p.Stderr = &p.stderr
	pipe, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	stdout := bufio.NewReader(pipe)
	line, err := stdout.ReadBytes('\n')
	if err != nil {
		t.Fatalf("no first line: %v", err)
	}
	var first struct{ HTTP, GRPC string }
	if err := json.Unmarshal(line, &first); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	p.url, p.grpc = "http://"+first.HTTP, first.GRPC
	go func() { // read as it comes: a full pipe would hold up the service
		rest, _ := io.ReadAll(stdout)
		p.stdout <- string(rest)
	}()
	return p
}

// exit waits for the end and returns the exit code, standard error and the rest of standard output.
func (p *process) exit(t *testing.T) (code int, stderr, stdout string) {
	t.Helper()
	stdout = <-p.stdout
	if err := p.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode(), p.stderr.String(), stdout
}

func (p *process) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// get uses a connection of its own, as a probe does.
func get(url string, header ...string) (status int, body string, err error) {
	return getOver(&http.Transport{}, url, header...)
}

func getOver(transport *http.Transport, url string, header ...string) (status int, body string, err error) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, "", err
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	transport.DisableKeepAlives = true
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// background sends a request and returns once the service has it in hand.
func background(t *testing.T, p *process, path string) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		status, body, err := get(p.url + path)
		if err == nil && status != 200 {
			err = errors.New(body)
		}
		done <- err
	}()
	for range 500 {
		_, metrics, err := get(p.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(metrics, "\nhttp_requests_in_flight 2\n") { // this one and the scrape
			return done
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never arrived", path)
	return nil
}

func watchHealth(t *testing.T, p *process) func() healthpb.HealthCheckResponse_ServingStatus {
	t.Helper()
	conn, err := grpc.NewClient(p.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	check, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	if err != nil || check.Status != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("Check: got %v, %v; want SERVING", check, err)
	}
	stream, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return func() healthpb.HealthCheckResponse_ServingStatus {
		t.Helper()
		response, err := stream.Recv()
		if err != nil {
			t.Fatalf("Watch: %v", err)
		}
		return response.Status
	}
}

func TestTheProcessServesWithItsTokenFromTheEnvironment(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	if status, body, err := get(p.url + "/"); status != 200 || body != "Hello, world!" || err != nil {
		t.Errorf("/: got %d %q %v", status, body, err)
	}
	if status, _, err := get(p.url+"/private", "Authorization", "Bearer "+testToken); status != 200 || err != nil {
		t.Errorf("/private with the token: got %d %v", status, err)
	}
	if status, _, err := get(p.url + "/slow?for=1ms"); status != 404 || err != nil {
		t.Errorf("/slow, which is off by default: got %d %v", status, err)
	}
}

func TestADrainFailsReadinessFirstServesOnAndFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	p := start(t, "enable_load = true\ndrain_delay = 1s\nshutdown_grace = 10s")
	next := watchHealth(t, p)
	if got := next(); got != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("gRPC health: got %s before the signal", got)
	}
	inFlight := background(t, p, "/slow?for=2s")

	p.signal(t, syscall.SIGTERM)
	// The open Watch must neither miss the change nor hold up the end.
	if got := next(); got != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Errorf("gRPC health: got %s after the signal, want NOT_SERVING", got)
	}
	if status, _, err := get(p.url + "/readyz"); status != 503 || err != nil {
		t.Errorf("/readyz while draining: got %d %v, want 503", status, err)
	}
	if status, _, err := get(p.url + "/"); status != 200 || err != nil {
		t.Errorf("a new connection while draining: got %d %v, want 200", status, err)
	}
	select {
	case err := <-inFlight:
		t.Fatalf("the slow request ended too early to prove anything: %v", err)
	default:
	}
	if err := <-inFlight; err != nil {
		t.Errorf("the request in flight was lost: %v", err)
	}
	answered := time.Now()
	code, stderr, stdout := p.exit(t)
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, standard error %q; want 0 and nothing", code, stderr)
	}
	if took := time.Since(answered); took > 3*time.Second {
		t.Errorf("the end took %s after the last answer", took)
	}
	if !strings.Contains(stdout, `"msg":"drained"`) {
		t.Errorf("the log does not end with drained: %s", stdout)
	}
}

// Clients with connections kept alive find the service gone only when it is no longer in their
// list of endpoints; here they leave the list at the first answer of /readyz that is not 200.
func TestNoRequestIsLostOverKeptAliveConnectionsWhileDraining(t *testing.T) {
	t.Parallel()
	p := start(t, "drain_delay = 1s")
	var ready atomic.Bool
	ready.Store(true)
	var answered atomic.Int64
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			// A POST that fails is not sent again by itself, as a GET is; 405 is an answer too.
			client := &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
			for range 20000 {
				if !ready.Load() {
					break
				}
				response, err := client.Post(p.url+"/", "text/plain", http.NoBody)
				if err != nil {
					errs <- err
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				answered.Add(1)
				time.Sleep(time.Millisecond)
			}
			errs <- nil
		}()
	}
	time.Sleep(200 * time.Millisecond)
	before := answered.Load()
	p.signal(t, syscall.SIGTERM)
	time.Sleep(250 * time.Millisecond) // the cluster takes a while to notice
	during := answered.Load() - before
	ready.Store(false)
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Errorf("a request was lost: %v", err)
		}
	}
	if before == 0 || during == 0 {
		t.Errorf("%d requests before the signal and %d after prove nothing", before, during)
	}
	if code, stderr, _ := p.exit(t); code != 0 {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestAnEndWithRequestsInFlightIsOneLineAndExit1(t *testing.T) {
	tests := []struct {
		name, config string
		signals      []os.Signal
		want         string
	}{
		{"the grace is over", "enable_load = true\ndrain_delay = 0s\nshutdown_grace = 300ms", []os.Signal{syscall.SIGTERM},
			"hello-world: shutdown_grace of 300ms is over with requests in flight, they were cut off; raise it in hello-world.config if they need longer\n"},
		{"a second signal", "enable_load = true", []os.Signal{syscall.SIGTERM, syscall.SIGINT},
			"hello-world: second signal (interrupt): stopped at once, requests in flight were cut off\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, test.config)
			inFlight := background(t, p, "/slow?for=8s")
			begin := time.Now()
			for _, signal := range test.signals {
				p.signal(t, signal)
				time.Sleep(50 * time.Millisecond) // two pending signals may arrive in either order
			}
			code, stderr, _ := p.exit(t)
			if code != 1 || stderr != test.want {
				t.Errorf("exit %d, standard error %q; want 1, %q", code, stderr, test.want)
			}
			if took := time.Since(begin); took > 4*time.Second {
				t.Errorf("the end took %s", took)
			}
			if err := <-inFlight; err == nil {
				t.Error("the request in flight was answered: the test proved nothing")
			}
		})
	}
}

func TestAStartThatCannotSucceedIsOneLineAndExit1(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir, noData, noConfig, badOption := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	for _, each := range []string{dir, noConfig, badOption} {
		write(t, each, dataKey, "Hello")
	}
	for _, each := range []string{dir, noData} {
		write(t, each, configKey, "")
	}
	write(t, badOption, configKey, "\nlog_level = loud\nmore = wrong\n")
	mount := func(dir, key, named string) string {
		return "open " + dir + "/" + key + ": no such file or directory; " + key + " must be in " + dir +
			" and readable: mount it there, or name another directory with " + named
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no data", []string{"--config-dir", noData}, mount(noData, "hello-world.data", "--data-dir or DATA_DIR")},
		{"no config", []string{"--config-dir", noConfig}, mount(noConfig, "hello-world.config", "--config-dir or CONFIG_DIR")},
		{"bad option", []string{"--config-dir", badOption}, badOption + `/hello-world.config:2: log_level is "loud" and must be one of debug, info, warn, error; correct it, or remove the line for the default`},
		{"no certificate", []string{"--config-dir", dir, "--tls-dir", noData}, "open " + noData + "/tls.crt: no such file or directory; " +
			noData + " must hold a certificate in PEM, tls.crt, and its private key, tls.key: mount them there, or name another directory with --tls-dir or TLS_DIR"},
		{"HTTP address taken", []string{"--config-dir", dir, "--http-addr", taken.Addr().String()},
			`--http-addr "` + taken.Addr().String() + `": listen tcp ` + taken.Addr().String() + `: bind: address already in use; it must be a free host:port or :port, such as :8080`},
		{"gRPC address wrong", []string{"--config-dir", dir, "--http-addr=127.0.0.1:0", "--grpc-addr=50021"},
			`--grpc-addr "50021": listen tcp: address 50021: missing port in address; it must be a free host:port or :port, such as :8080`},
		{"unknown flag", []string{"--port=1"}, "flag provided but not defined: -port; --help lists the flags"},
		{"argument", []string{"serve"}, `unexpected argument "serve"; there are flags only: --help lists them`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cmd := command(t, test.args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != 1 || stderr.String() != "hello-world: "+test.want+"\n" {
				t.Errorf("exit %d\ngot  %swant hello-world: %s", code, stderr.String(), test.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output: %s", stdout.String())
			}
		})
	}
}

func TestHelpAndVersionGoToStandardOutputAndExit0(t *testing.T) {
	for arg, want := range map[string]string{"--help": "Usage: hello-world [flags]", "--version": "hello-world " + version + " go"} {
		cmd := command(t, arg)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), want) || stderr.Len() > 0 {
			t.Errorf("%s: %v\n%s%s", arg, err, out, stderr.String())
		}
	}
}
