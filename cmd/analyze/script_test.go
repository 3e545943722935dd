package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// leakless is tests that end with no goroutine left.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	if status := l.m.Run(); status != 0 {
		return status
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"analyze": main})
}

// TestScripts runs testdata/script/*.txtar: whole processes, with the files that
// they need inside. $SAMPLE is testdata/sample, $DETECTIONS those on it, $FORMER a report
// of the former schema, $CHOSEN a model's predictions under ultralytics.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SAMPLE", filepath.Join(root, "testdata", "sample"))
			e.Setenv("DETECTIONS", filepath.Join(root, "testdata", "detections.json"))
			e.Setenv("FORMER", filepath.Join(root, "pkg", "report", "testdata", "schema-1"))
			e.Setenv("ROOT", root)
			e.Setenv("CHOSEN", filepath.Join(root, "pkg", "belief", "testdata", "task_aligned"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "reorder": reorder, "add": add, "hook": hook},
	})
}

// status N COMMAND...: the command ends with status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("status %d, want %s", got, args[0])
	}
}

func readCOCO(ts *testscript.TestScript, file string) map[string][]map[string]any {
	data, err := os.ReadFile(ts.MkAbs(file))
	ts.Check(err)
	var doc map[string][]map[string]any
	ts.Check(json.Unmarshal(data, &doc))
	return doc
}

func writeCOCO(ts *testscript.TestScript, file string, doc map[string][]map[string]any) {
	data, err := json.MarshalIndent(doc, "", " ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(file), data, 0o600))
}

// hook STATUS ARGUMENT... runs the hook that pre-commit is told of, as pre-commit does:
// the words of its entry, and the arguments.
func hook(ts *testscript.TestScript, neg bool, args []string) {
	data, err := os.ReadFile(filepath.Join(ts.Getenv("ROOT"), ".pre-commit-hooks.yaml"))
	ts.Check(err)
	var hooks []struct{ Entry string }
	ts.Check(yaml.Unmarshal(data, &hooks))
	status(ts, neg, append([]string{args[0], "sh", "-c", hooks[0].Entry + ` "$@"`, "hook"}, args[1:]...))
}

// reorder OLD NEW writes a COCO file with its records in another order and its
// annotations renumbered.
func reorder(ts *testscript.TestScript, _ bool, args []string) {
	doc := readCOCO(ts, args[0])
	for _, records := range doc {
		slices.Reverse(records)
	}
	for i, a := range doc["annotations"] {
		a["id"] = 5000 + i
	}
	writeCOCO(ts, args[1], doc)
}

// add FILE JSON adds an annotation to a COCO file.
func add(ts *testscript.TestScript, _ bool, args []string) {
	doc := readCOCO(ts, args[0])
	var a map[string]any
	ts.Check(json.Unmarshal([]byte(args[1]), &a))
	doc["annotations"] = append(doc["annotations"], a)
	writeCOCO(ts, args[0], doc)
}
