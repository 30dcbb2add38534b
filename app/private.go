package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// requireToken lets through who sends "Authorization: Bearer TOKEN" (RFC 6750). With no token to
// compare with, it lets nobody through and says how that is changed.
func requireToken(token string, next http.Handler) http.Handler {
	if token == "" {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			writeText(w, http.StatusForbidden, "closed: set API_TOKEN in the service's environment to open it\n")
		})
	}
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		// Digests are of one length, so the time taken tells nothing of the token, not even its length.
		got := sha256.Sum256([]byte(strings.TrimSpace(sent)))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="hello-world"`)
			writeText(w, http.StatusUnauthorized, "send Authorization: Bearer with the API token\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}
