package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// newPair is a certificate of 127.0.0.1 that signs itself, and its key, as a Secret has them.
func newPair(t *testing.T) map[string]string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		certificateKey: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		privateKey:     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	}
}

// trusting is the client side of TLS that trusts only the certificate of the pair.
func trusting(pair map[string]string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(pair[certificateKey]))
	return &tls.Config{RootCAs: roots}
}

func TestBothPortsServeTLSAndNothingElse(t *testing.T) {
	t.Parallel()
	dir, data, pair := t.TempDir(), t.TempDir(), newPair(t)
	project(t, dir, pair)
	write(t, data, dataKey, "Hello over TLS.")
	p := start(t, "", "--tls-dir", dir, "--data-dir", data)
	https := strings.Replace(p.url, "http:", "https:", 1)

	status, body, err := getOver(&http.Transport{TLSClientConfig: trusting(pair)}, https)
	if status != 200 || body != "Hello over TLS." || err != nil {
		t.Errorf("HTTPS with its certificate trusted: got %d %q %v", status, body, err)
	}
	if _, _, err := get(https); err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("HTTPS without: got %v, want a refusal", err)
	}
	if status, _, err := get(p.url + "/"); status != 400 || err != nil {
		t.Errorf("HTTP: got %d %v, want 400", status, err)
	}
	for want, way := range map[codes.Code]credentials.TransportCredentials{
		codes.OK:          credentials.NewTLS(trusting(pair)),
		codes.Unavailable: insecure.NewCredentials(),
	} {
		if got := checkHealth(t, p.grpc, way); got != want {
			t.Errorf("gRPC with the security %s: got %s, want %s", way.Info().SecurityProtocol, got, want)
		}
	}
}

func checkHealth(t *testing.T, addr string, way credentials.TransportCredentials) codes.Code {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(way))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	check, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	if err == nil && check.Status != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health is %s", check.Status)
	}
	return status.Code(err)
}

func TestARenewedCertificateIsServedFromTheNextConnectionOn(t *testing.T) {
	dir, first, second := t.TempDir(), newPair(t), newPair(t)
	project(t, dir, first)
	log := &bytes.Buffer{}
	secured, err := openTLS(dir, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: secured, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	defer server.Close()
	trusted := func(pair map[string]string) bool {
		_, _, err := getOver(&http.Transport{TLSClientConfig: trusting(pair)}, "https://"+listener.Addr().String())
		return err == nil
	}
	if !trusted(first) || trusted(second) {
		t.Fatal("the first certificate is not served")
	}
	// In the middle of a change the certificate may be of one version, and the key of another.
	project(t, dir, map[string]string{certificateKey: second[certificateKey], privateKey: first[privateKey]})
	if !trusted(first) || trusted(second) {
		t.Error("with a pair that does not fit, the last one that did is not served")
	}
	trusted(first)
	if warnings := strings.Count(log.String(), "certificate unreadable"); warnings != 1 {
		t.Errorf("%d warnings for one change, want 1", warnings)
	}
	project(t, dir, second)
	if trusted(first) || !trusted(second) {
		t.Error("the second certificate is not served")
	}
}

func TestACertificateThatCannotBeServedIsOneLine(t *testing.T) {
	one, other := newPair(t), newPair(t)
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no files", nil, "open DIR/tls.crt: no such file or directory"},
		{"the key of another", map[string]string{certificateKey: one[certificateKey], privateKey: other[privateKey]},
			"tls: private key does not match public key"},
		{"no PEM", map[string]string{certificateKey: "MIIB", privateKey: one[privateKey]},
			"tls: failed to find any PEM data in certificate input"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			project(t, dir, test.files)
			_, err := openTLS(dir, slog.New(slog.DiscardHandler))
			want := strings.ReplaceAll(test.want, "DIR", dir) + "; " + dir + " must hold a certificate in PEM, tls.crt, and its " +
				"private key, tls.key: mount them there, or name another directory with --tls-dir or TLS_DIR"
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}
