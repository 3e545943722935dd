//go:build !linux && !darwin

package files

// swap puts tmp in the place of dir.
func swap(tmp, dir string) error { return swapByRenaming(tmp, dir) }
