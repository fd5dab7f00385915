package kubetest

import "syscall"

// endWithParent has the kernel end a process when the tests do, however they end.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
