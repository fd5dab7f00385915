//go:build !linux

package kubetest

import "syscall"

// endWithParent is known to Linux alone. Elsewhere, tests that are killed leave their processes behind.
func endWithParent() *syscall.SysProcAttr { return nil }
