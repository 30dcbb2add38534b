// Package ecs does not follow Amazon's containers: the real one compiles for longer than the rest of Traefik.
package ecs

import (
	"errors"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/safe"
)

// Provider cannot be used.
type Provider struct{}

// Init always fails.
func (*Provider) Init() error {
	return errors.New("the provider ecs is not in this build")
}

// Provide sends nothing.
func (*Provider) Provide(chan<- dynamic.Message, *safe.Pool) error {
	return nil
}
