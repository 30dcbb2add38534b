// Hello-world is the small service that Slipway's stacks deploy. It greets over HTTP, answers the
// standard gRPC health service, and stops without losing a request. See README.md.
package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

const version = "1.0.0"

const usage = `hello-world greets over HTTP with the text it finds in its configuration directory.

Usage: hello-world [flags]

  --config-dir DIR   directory that holds hello-world.data and hello-world.config
                     (default: CONFIG_DIR, else /etc/hello-world)
  --data-dir DIR     directory that holds hello-world.data instead
                     (default: DATA_DIR, else the configuration directory)
  --tls-dir DIR      directory that holds tls.crt and tls.key; HTTP and gRPC are then served over TLS
                     (default: TLS_DIR, else there is no TLS)
  --http-addr ADDR   where HTTP is served (default ":8080")
  --grpc-addr ADDR   where the gRPC health service is served (default ":50021")
  --version          print the version and exit
  --help             print this and exit

Environment:
  CONFIG_DIR         the configuration directory, where --config-dir is not given
  DATA_DIR           the directory of hello-world.data, where --data-dir is not given
  TLS_DIR            the directory of the certificate, where --tls-dir is not given
  API_TOKEN          the bearer token that opens GET /private; without it /private is closed
`

// errAnswered stands for a command line that was answered by printing something: nothing is to be run.
var errAnswered = errors.New("answered")

type flags struct {
	configDir, dataDir, tlsDir, httpAddr, grpcAddr string
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "hello-world: %v\n", err)
		os.Exit(1)
	}
}

// run serves until a signal ends it. The error it returns is one line: what happened, the rule,
// the way out.
func run(args []string, stdout io.Writer) error {
	// Subscribed first, so that a signal during the start is not the end of the process either.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)

	flags, err := parseFlags(args, stdout)
	if errors.Is(err, errAnswered) {
		return nil
	}
	if err != nil {
		return err
	}
	options, err := readOptions(flags.configDir)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(stdout, &slog.HandlerOptions{Level: options.logLevel}))
	greeting, err := openGreeting(flags.dataDir, log)
	if err != nil {
		return err
	}
	var secured *tls.Config
	if flags.tlsDir != "" {
		if secured, err = openTLS(flags.tlsDir, log); err != nil {
			return err
		}
	}
	ready := newReadiness()
	handler := newHandler(handlerArgs{
		greeting: greeting,
		// Secrets made from a file often end in a newline, which no header can carry.
		token:      strings.TrimSpace(os.Getenv("API_TOKEN")),
		enableLoad: options.enableLoad,
		ready:      ready,
		log:        log,
	})
	httpListener, err := listen("--http-addr", flags.httpAddr)
	if err != nil {
		return err
	}
	grpcListener, err := listen("--grpc-addr", flags.grpcAddr)
	if err != nil {
		return err
	}
	log.Info("serving", "version", version,
		"http", httpListener.Addr().String(), "grpc", grpcListener.Addr().String(), "tls", secured != nil)
	return newServer(handler, ready, options, secured, log).serve(httpListener, grpcListener, signals)
}

func parseFlags(args []string, stdout io.Writer) (flags, error) {
	var parsed flags
	set := flag.NewFlagSet("hello-world", flag.ContinueOnError)
	set.SetOutput(io.Discard) // the package would print the usage after every mistake
	set.StringVar(&parsed.configDir, "config-dir", cmp.Or(os.Getenv("CONFIG_DIR"), "/etc/hello-world"), "")
	set.StringVar(&parsed.dataDir, "data-dir", os.Getenv("DATA_DIR"), "")
	set.StringVar(&parsed.tlsDir, "tls-dir", os.Getenv("TLS_DIR"), "")
	set.StringVar(&parsed.httpAddr, "http-addr", ":8080", "")
	set.StringVar(&parsed.grpcAddr, "grpc-addr", ":50021", "")
	showVersion := set.Bool("version", false, "")

	err := set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return flags{}, errAnswered
	case err != nil:
		return flags{}, fmt.Errorf("%w; --help lists the flags", err)
	case set.NArg() > 0:
		return flags{}, fmt.Errorf("unexpected argument %q; there are flags only: --help lists them", set.Arg(0))
	case *showVersion:
		fmt.Fprintf(stdout, "hello-world %s %s\n", version, runtime.Version())
		return flags{}, errAnswered
	}
	parsed.dataDir = cmp.Or(parsed.dataDir, parsed.configDir)
	return parsed, nil
}

func listen(flag, addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w; it must be a free host:port or :port, such as :8080", flag, addr, err)
	}
	return listener, nil
}
