package main

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"focalaudit/pkg/report"
)

// What the linker of a release sets: -ldflags "-X main.stampedVersion=0.2.0 -X main.stampedCommit=…".
var stampedVersion, stampedCommit string

// version stands in every report.
var version = cmp.Or(stampedVersion, moduleVersion(), report.Release)

// moduleVersion is the tag under which the module was fetched or checked out, without its
// "v", and empty between tags: reports of a clone have the same bytes at every commit.
func moduleVersion() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return ofTag(b.Main.Version)
}

// tag matches v1.2.3 and v1.2.3-rc.1, neither what Go calls a commit between tags
// (v0.0.0-20260102030405-0123456789ab) nor a tree with changes (v1.2.3+dirty).
var tag = regexp.MustCompile(`^v(\d+\.\d+\.\d+(?:-[a-z]+[.]?\d*)?)$`)

// ofTag returns the version of a tag, and "" if v is no tag.
func ofTag(v string) string {
	if m := tag.FindStringSubmatch(v); m != nil {
		return m[1]
	}
	return ""
}

// versionLine is what analyze --version prints.
func versionLine() string {
	commit := cmp.Or(short(stampedCommit), builtCommit())
	if commit != "" {
		commit = "commit " + commit + ", "
	}
	return fmt.Sprintf("focalaudit %s (%s%s, %s/%s)\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// builtCommit is the commit that Go recorded when it built from a clone, if it did.
func builtCommit() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = short(s.Value)
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}

// short is as much of a commit's hash as people need.
func short(hash string) string { return hash[:min(12, len(hash))] }

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit if known, Go version and platform",
		Args:  between(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionLine())
			return err
		},
	}
}
