// Package webui has no dashboard: its pages are built with Node, and are not in the module.
package webui

import "embed"

// FS is empty.
var FS embed.FS
