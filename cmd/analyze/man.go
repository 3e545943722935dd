//go:build man

package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// The command man exists in builds with the tag man only, so that the program of users
// does not carry what renders the pages: go run -tags man ./cmd/analyze man DIR. The pages
// bear the day of SOURCE_DATE_EPOCH, or of today.
func init() { more = append(more, newMan) }

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into DIR",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // no date of its own: two runs write equal bytes
			return doc.GenManTree(root, &doc.GenManHeader{
				Title: "ANALYZE", Section: "1", Source: "focalaudit " + version, Manual: "focalaudit",
			}, args[0])
		},
	}
}
