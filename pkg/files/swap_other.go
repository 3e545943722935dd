//go:build !linux && !darwin

package files

// isMountPoint is for systems that tell. Elsewhere the exchange fails, and the old directory stays.
func isMountPoint(string) bool { return false }

// swap puts tmp in the place of dir.
func swap(tmp, dir string) error { return swapByRenaming(tmp, dir) }
