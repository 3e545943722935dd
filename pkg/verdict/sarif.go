package verdict

import (
	"encoding/json"
	"io"
	"net/url"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// maxResults is how many results GitHub takes of one run.
const maxResults = 25000

// The parts of SARIF 2.1.0 that are written (OASIS, sarif-v2.1.0-os).
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool       `json:"tool"`
	ColumnKind string          `json:"columnKind"`
	Calls      []sarifCall     `json:"invocations"` // one, with what became of the policy
	Results    []sarifResult   `json:"results"`
	Properties *sarifRunExtras `json:"properties,omitempty"`
}

type sarifCall struct {
	Successful bool `json:"executionSuccessful"`

	// Notices has one for each file that could not be read, and each rule that does not pass.
	Notices []sarifNotice `json:"toolExecutionNotifications"`
}

type sarifNotice struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"` // of a file that could not be read
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
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"` // by columnKind
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
var sarifLevels = map[findings.Severity]string{
	findings.Error: "error", findings.Warning: "warning", findings.Info: "note",
}

// sarif writes the findings as SARIF 2.1.0, the worst first: each with the line of its
// record in the annotation file.
func sarif(w io.Writer, v *gate.Verdict, o Options) error {
	rules, index := sarifRules()
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "focalaudit", Version: o.Version, Rules: rules}},
		ColumnKind: "utf16CodeUnits",
		Calls:      []sarifCall{sarifCallOf(v, o)},
		Results:    []sarifResult{},
	}
	for i := range v.Findings {
		if len(run.Results) == maxResults {
			break
		}
		f := &v.Findings[i]
		r := sarifOf(f, v, o)
		r.RuleIndex = index[f.Code]
		run.Results = append(run.Results, r)
	}
	if left := v.Counts.Total - len(run.Results); left > 0 {
		run.Properties = &sarifRunExtras{left}
	}
	// not text.JSON: these files have one space, and <, > and & escaped
	data, err := json.MarshalIndent(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}, "", " ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text.EscapeJSON(data), '\n'))
	return err
}

// sarifCallOf tells which files could not be read and which rules do not pass. A run that could not read a file, or
// decide a rule, is no success.
func sarifCallOf(v *gate.Verdict, of Options) sarifCall {
	c := sarifCall{Successful: v.Status != gate.Undecided, Notices: []sarifNotice{}}
	for i := range v.Rules {
		o := &v.Rules[i]
		if o.Status == gate.Pass {
			continue
		}
		level := "error"
		if o.Status == gate.Warn {
			level = "warning"
		}
		n := sarifNotice{Level: level, Message: sarifText{text.InLine(o.Title) + " " + told(o)}}
		if o.File != "" {
			n.Message.Text = text.InLine(o.Title) + ": " + told(o)
			n.Locations = []sarifLocation{{Physical: sarifPhysical{
				sarifArtifact{uri(of.path(o.File))}, sarifRegion{StartLine: max(1, o.Line)},
			}}}
		}
		c.Notices = append(c.Notices, n)
	}
	return c
}

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// sarifRules returns the catalogue as SARIF's rules, and the place of each code.
func sarifRules() (rules []sarifRule, index map[string]int) {
	rules, index = []sarifRule{}, map[string]int{}
	for _, e := range findings.Catalogue() {
		index[e.Code] = len(rules)
		rules = append(rules, sarifRule{
			ID: e.Code, Short: sarifText{e.Title}, Full: sarifText{e.Text}, Help: sarifText{e.Fix},
			Default:  sarifConfig{sarifLevels[e.Severity]},
			Property: map[string]any{"tags": []string{e.Family.String()}},
		})
	}
	return rules, index
}

// sarifOf makes the result of a finding.
func sarifOf(f *gate.Finding, v *gate.Verdict, o Options) sarifResult {
	r := sarifResult{
		RuleID: f.Code, Level: sarifLevels[f.Severity()], Message: sarifText{text.Printable(inImage(f))},
		Fingerprints: map[string]string{
			"focalaudit/v1":           f.Fingerprint,
			"primaryLocationLineHash": f.Fingerprint + ":1",
		},
	}
	source := f.Source
	if source == "" && len(v.Sources) > 0 {
		source = v.Sources[0].Name // what concerns the whole data set stands at its first file
	}
	l := sarifLocation{Physical: sarifPhysical{
		sarifArtifact{uri(o.path(source))}, sarifRegion{max(1, f.Line), f.Column},
	}}
	if f.File != "" {
		l.Logical = []sarifLogical{{Name: text.InLine(f.File), Kind: "object"}}
	}
	r.Locations = []sarifLocation{l}
	if v.Baseline {
		r.Baseline = "unchanged"
		switch {
		case f.New && f.Was > 0:
			r.Baseline = "updated"
		case f.New:
			r.Baseline = "new"
		}
	}
	switch {
	case f.Waived != nil:
		r.Suppressions = []sarifSuppression{{"external", text.Printable(f.Waived.Reason)}}
	case f.Reviewed:
		r.Suppressions = []sarifSuppression{{"external", "a person looked at it and kept it"}}
	}
	if f.Score >= 0 { // not NaN
		rank := 100 * f.Score
		r.Rank = &rank
	}
	return r
}

// uri writes a relative path as a URI reference.
func uri(file string) string { return (&url.URL{Path: file}).String() }
