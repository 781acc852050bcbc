//go:build cgo

package main

/*
#include <stdlib.h>
#include <gnu/libc-version.h>
*/
import "C"
import "strings"

// Asks glibc for its version.
func native() string {
	return " glibc " + strings.SplitN(C.GoString(C.gnu_get_libc_version()), ".", 2)[0]
}
