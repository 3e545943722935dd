package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
)

// maxResults is what GitHub takes of one run.
const maxResults = 25000

// The parts of SARIF 2.1.0 that the report has (OASIS, sarif-v2.1.0-os).
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool       `json:"tool"`
	ColumnKind string          `json:"columnKind"`
	Results    []sarifResult   `json:"results"`
	Properties *sarifRunExtras `json:"properties,omitempty"`
}

type sarifRunExtras struct {
	Left int `json:"findingsLeftOut"` // beyond maxResults, and those that the report does not list
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID       string         `json:"id"`
	Short    sarifText      `json:"shortDescription"`
	Full     sarifText      `json:"fullDescription"`
	Help     sarifText      `json:"help"`
	Default  sarifConfig    `json:"defaultConfiguration"`
	Property map[string]any `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"` // one: GitHub refuses a file with a result that has none
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Baseline     string             `json:"baselineState,omitempty"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Rank         *float64           `json:"rank,omitempty"` // 0 to 100
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// sarifLevels are the levels of severities.
var sarifLevels = map[findings.Severity]string{findings.Error: "error", findings.Warning: "warning", findings.Info: "note"}

// VerdictSARIF writes the findings as SARIF 2.1.0, the worst first: each with the
// line of its record in the annotation file. prefix leads from the repository's root
// to the sources.
func VerdictSARIF(w io.Writer, v *gate.Verdict, prefix, version string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "focalaudit", Version: version, Rules: []sarifRule{}}}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	index := map[string]int{}
	for _, e := range findings.Catalogue() {
		index[e.Code] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: e.Code, Short: sarifText{e.Title}, Full: sarifText{e.Text}, Help: sarifText{e.Fix}, Default: sarifConfig{sarifLevels[e.Severity]},
			Property: map[string]any{"tags": []string{e.Family.String()}},
		})
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		if len(run.Results) == maxResults {
			break
		}
		r := sarifResult{RuleID: f.Code, RuleIndex: index[f.Code], Level: sarifLevels[f.Severity()], Message: sarifText{Printable(f.Message)},
			Fingerprints: map[string]string{"focalaudit/v1": f.Fingerprint, "primaryLocationLineHash": f.Fingerprint + ":1"}}
		source := f.Source
		if source == "" && len(v.Sources) > 0 {
			source = v.Sources[0].Name // what concerns the whole data set stands at its first file
		}
		l := sarifLocation{Physical: sarifPhysical{sarifArtifact{uri(path.Join(prefix, source))}, sarifRegion{max(1, f.Line)}}}
		if f.File != "" {
			l.Logical = []sarifLogical{{Name: f.File, Kind: "object"}}
		}
		r.Locations = []sarifLocation{l}
		if v.Baseline {
			r.Baseline = map[bool]string{true: "new", false: "unchanged"}[f.New]
		}
		if f.Waived != nil {
			r.Suppressions = []sarifSuppression{{"external", f.Waived.Reason}}
		}
		if f.Score >= 0 { // not NaN
			rank := 100 * f.Score
			r.Rank = &rank
		}
		run.Results = append(run.Results, r)
	}
	if left := v.Counts.Total - len(run.Results); left > 0 {
		run.Properties = &sarifRunExtras{left}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// uri writes a relative path as a URI reference.
func uri(file string) string { return (&url.URL{Path: file}).String() }
