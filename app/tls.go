package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"path/filepath"
)

// The two keys of the certificate's directory, as a Secret of type kubernetes.io/tls has them.
const (
	certificateKey = "tls.crt"
	privateKey     = "tls.key"
)

// openTLS is the server side of TLS with the certificate in dir. It is read again for each
// handshake, so that a renewed one is served without a restart. A read in the middle of a change
// finds a key that does not fit: then the last pair that fitted serves.
func openTLS(dir string, log *slog.Logger) (*tls.Config, error) {
	certificate, err := openLive("certificate", log, func() (*tls.Certificate, error) { return readCertificate(dir) })
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate.now(), nil },
	}, nil
}

func readCertificate(dir string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, certificateKey), filepath.Join(dir, privateKey))
	if err != nil {
		return nil, fmt.Errorf("%w; %s must hold a certificate in PEM, %s, and its private key, %s: mount them there, or name another directory with --tls-dir or TLS_DIR",
			err, dir, certificateKey, privateKey)
	}
	return &pair, nil
}
