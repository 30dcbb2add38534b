package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestOptionsAreReadOverTheirDefaults(t *testing.T) {
	tests := []struct {
		name, text string
		want       options
	}{
		{"an empty file is all defaults", "", options{slog.LevelInfo, false, 2 * time.Second, 20 * time.Second}},
		{"one option leaves the others alone", "log_level = debug", options{slog.LevelDebug, false, 2 * time.Second, 20 * time.Second}},
		{"every option", "log_level=warn\nenable_load = true\ndrain_delay = 0s\nshutdown_grace = 1m",
			options{slog.LevelWarn, true, 0, time.Minute}},
		{"comments, blank lines and CRLF", "# options\r\n\r\n  log_level = error  # quiet\r\n#enable_load = true\r\n",
			options{slog.LevelError, false, 2 * time.Second, 20 * time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseOptions("f", test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAWrongOptionIsOneLineWithValueRuleAndWayOut(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no value", "log_level = info\nlog_level", `f:2: "log_level" must read "key = value"; complete it, or start the line with # to make it a comment`},
		{"unknown", "\nlevel = info", `f:2: option "level" must be one of drain_delay, enable_load, log_level, shutdown_grace; correct it or remove the line`},
		{"twice", "log_level = info\n\nlog_level = info", `f:3: log_level must be set once and is already set on line 1; remove one of them`},
		{"level", "log_level = loud", `f:1: log_level is "loud" and must be one of debug, info, warn, error; correct it, or remove the line for the default`},
		{"empty value", "log_level =", `f:1: log_level is "" and must be one of debug, info, warn, error; correct it, or remove the line for the default`},
		{"switch", "enable_load = yes", `f:1: enable_load is "yes" and must be true or false; correct it, or remove the line for the default`},
		{"delay without a unit", "drain_delay = 2", `f:1: drain_delay is "2" and must be a duration of at least 0s, such as 2s; correct it, or remove the line for the default`},
		{"negative delay", "drain_delay = -1s", `f:1: drain_delay is "-1s" and must be a duration of at least 0s, such as 2s; correct it, or remove the line for the default`},
		{"no grace", "shutdown_grace = 0s", `f:1: shutdown_grace is "0s" and must be a duration above 0s, such as 20s; correct it, or remove the line for the default`},
		{"grace without a unit", "shutdown_grace = 20", `f:1: shutdown_grace is "20" and must be a duration above 0s, such as 20s; correct it, or remove the line for the default`},
		{"delay as long as the grace", "drain_delay = 20s", `f:1: drain_delay is 20s and must be shorter than shutdown_grace, 20s, which it is part of; lower the one or raise the other`},
		{"grace under the default delay", "log_level = info\nshutdown_grace = 1s", `f:2: drain_delay is 2s and must be shorter than shutdown_grace, 1s, which it is part of; lower the one or raise the other`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseOptions("f", test.text)
			if err == nil {
				t.Fatalf("accepted %q", test.text)
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestFlagsBeatTheEnvironmentAndTheEnvironmentTheDefault(t *testing.T) {
	tests := []struct {
		name, env string
		args      []string
		want      flags
	}{
		{"defaults", "", nil, flags{"/etc/hello-world", "/etc/hello-world", "", ":8080", ":50021"}},
		{"environment", "/env", nil, flags{"/env", "/env/data", "/env/tls", ":8080", ":50021"}},
		{"flags", "/env", []string{"--config-dir=/flag", "--data-dir=/flag/data", "--tls-dir=/flag/tls", "--http-addr", ":1", "--grpc-addr=:2"},
			flags{"/flag", "/flag/data", "/flag/tls", ":1", ":2"}},
		{"the data is beside the options", "", []string{"--config-dir=/flag"}, flags{"/flag", "/flag", "", ":8080", ":50021"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for variable, below := range map[string]string{"CONFIG_DIR": "", "DATA_DIR": "/data", "TLS_DIR": "/tls"} {
				if test.env != "" {
					t.Setenv(variable, test.env+below)
				}
			}
			got, err := parseFlags(test.args, &strings.Builder{})
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
