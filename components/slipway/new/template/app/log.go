package main

import (
	"log/slog"
	"os"
)

// newLog writes a line of JSON for each event, from the level that LOG_LEVEL names; info, if it names none.
func newLog() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(os.Getenv("LOG_LEVEL")))
	return slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
}
