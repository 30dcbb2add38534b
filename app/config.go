package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The two keys of the configuration, as ConfigMap volumes lay them out: in one directory, or in one each.
const (
	dataKey   = "hello-world.data"   // the text to greet with
	configKey = "hello-world.config" // the options
)

// options are read once, when the process starts: what decides how it logs and stops should not
// change under a running process. Only the greeting and the certificate are live.
type options struct {
	logLevel      slog.Level
	enableLoad    bool
	drainDelay    time.Duration
	shutdownGrace time.Duration
}

func defaultOptions() options {
	return options{
		logLevel:      slog.LevelInfo,
		enableLoad:    false,
		drainDelay:    2 * time.Second,
		shutdownGrace: 20 * time.Second,
	}
}

// option is one key of hello-world.config.
type option struct {
	rule string                              // completes "must be ..."
	set  func(o *options, value string) bool // false if the value breaks the rule
}

var knownOptions = map[string]option{
	"log_level": {"one of debug, info, warn, error", func(o *options, value string) (ok bool) {
		o.logLevel, ok = map[string]slog.Level{
			"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		}[value]
		return ok
	}},
	"enable_load": {"true or false", func(o *options, value string) bool {
		o.enableLoad = value == "true"
		return value == "true" || value == "false"
	}},
	"drain_delay": {"a duration of at least 0s, such as 2s", func(o *options, value string) bool {
		var err error
		o.drainDelay, err = time.ParseDuration(value)
		return err == nil && o.drainDelay >= 0
	}},
	"shutdown_grace": {"a duration above 0s, such as 20s", func(o *options, value string) bool {
		var err error
		o.shutdownGrace, err = time.ParseDuration(value)
		return err == nil && o.shutdownGrace > 0
	}},
}

func readOptions(dir string) (options, error) {
	text, err := readKey(dir, configKey)
	if err != nil {
		return options{}, err
	}
	return parseOptions(filepath.Join(dir, configKey), string(text))
}

// parseOptions reads lines of "key = value"; what follows a # is a comment.
// Path is only for the messages.
func parseOptions(path, text string) (options, error) {
	parsed := defaultOptions()
	lineOf := map[string]int{}
	for i, line := range strings.Split(text, "\n") {
		number := i + 1
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found {
			return options{}, fmt.Errorf("%s:%d: %q must read \"key = value\"; complete it, or start the line with # to make it a comment",
				path, number, line)
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		option, known := knownOptions[key]
		if !known {
			return options{}, fmt.Errorf("%s:%d: option %q must be one of %s; correct it or remove the line",
				path, number, key, strings.Join(slices.Sorted(maps.Keys(knownOptions)), ", "))
		}
		if first := lineOf[key]; first != 0 {
			return options{}, fmt.Errorf("%s:%d: %s must be set once and is already set on line %d; remove one of them",
				path, number, key, first)
		}
		lineOf[key] = number
		if !option.set(&parsed, value) {
			return options{}, fmt.Errorf("%s:%d: %s is %q and must be %s; correct it, or remove the line for the default",
				path, number, key, value, option.rule)
		}
	}
	if parsed.drainDelay >= parsed.shutdownGrace {
		number := max(lineOf["drain_delay"], lineOf["shutdown_grace"])
		return options{}, fmt.Errorf("%s:%d: drain_delay is %s and must be shorter than shutdown_grace, %s, which it is part of; lower the one or raise the other",
			path, number, parsed.drainDelay, parsed.shutdownGrace)
	}
	return parsed, nil
}

// openGreeting is the text of hello-world.data.
func openGreeting(dir string, log *slog.Logger) (*live[[]byte], error) {
	return openLive("greeting", log, func() ([]byte, error) { return readKey(dir, dataKey) })
}

// namedBy says how the directory of each key is named.
var namedBy = map[string]string{
	dataKey:   "--data-dir or DATA_DIR",
	configKey: "--config-dir or CONFIG_DIR",
}

// readKey reads one file of a mounted directory.
func readKey(dir, key string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(dir, key))
	if err != nil {
		return nil, fmt.Errorf("%w; %s must be in %s and readable: mount it there, or name another directory with %s",
			err, key, dir, namedBy[key])
	}
	return content, nil
}
