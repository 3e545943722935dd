package focalaudit_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestReleaseIsReproducible holds .goreleaser.yaml to what docs/release.md promises, and
// bench/reproducible to the flags that a release is built with.
func TestReleaseIsReproducible(t *testing.T) {
	var c struct {
		Builds []struct {
			Main, Binary                 string
			Env, Flags, Ldflags, Goamd64 []string
			Goos, Goarch                 []string
			ModTimestamp                 string `yaml:"mod_timestamp"`
		}
		Archives []struct {
			Files []struct {
				Src  string
				Info struct{ Mtime, Owner, Group string }
			}
		}
		Sboms []struct{ Args []string }
	}
	if err := yaml.Unmarshal([]byte(read(t, ".goreleaser.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.Archives) != 1 || len(c.Sboms) != 1 {
		t.Fatalf("got %+v, want one build, one archive, one SBOM", c)
	}
	b := c.Builds[0]
	for what, has := range map[string]bool{
		"static":               slices.Contains(b.Env, "CGO_ENABLED=0"),
		"the time of a commit": b.ModTimestamp == "{{ .CommitTimestamp }}",
		"all systems":          slices.Equal(b.Goos, []string{"linux", "darwin", "windows"}),
		"both processors":      slices.Equal(b.Goarch, []string{"amd64", "arm64"}),
		"amd64 without FMA":    slices.Equal(b.Goamd64, []string{"v1"}),
		"version and commit": len(b.Ldflags) == 1 && strings.Contains(b.Ldflags[0], "-X main.stampedVersion=") &&
			strings.Contains(b.Ldflags[0], "-X main.stampedCommit="),
		"an SBOM without time": slices.Contains(c.Sboms[0].Args, "-notimestamp") &&
			slices.Contains(c.Sboms[0].Args, "-noserial"),
	} {
		if !has {
			t.Errorf(".goreleaser.yaml: want %s", what)
		}
	}
	for _, f := range c.Archives[0].Files {
		if f.Info.Mtime != "{{ .CommitDate }}" || f.Info.Owner == "" || f.Info.Group == "" {
			t.Errorf(".goreleaser.yaml: %s has a time or an owner of its own in the archive", f.Src)
		}
		if _, err := os.Stat(f.Src); err != nil && !strings.HasPrefix(f.Src, "build/") {
			t.Error(err)
		}
	}
	script := read(t, "bench", "reproducible")
	if flags := "flags=(" + strings.Join(b.Flags, " ") + ")"; !strings.Contains(script, "\n"+flags+"\n") {
		t.Errorf("bench/reproducible builds without %s", flags)
	}
}
