package gate_test

import (
	"strings"
	"testing"

	"focalaudit/pkg/gate"
)

// TestReasonsThatCannotBeSeen: a reason of characters that nobody sees is none.
func TestReasonsThatCannotBeSeen(t *testing.T) {
	for _, reason := range []string{"", " ", `\u200b`, `\u00a0\u2028`, `\t\n`} {
		_, _, err := gate.ParsePolicy([]byte("gate:\n  waivers: [{code: box-empty, until: 2099-01-01, reason: \"" + reason + "\"}]\n"))
		if err == nil || !strings.Contains(err.Error(), "no reason") {
			t.Errorf("%q: got %v", reason, err)
		}
	}
}
