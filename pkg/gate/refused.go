package gate

import (
	"regexp"
	"strconv"
	"strings"
)

// Refuse returns the verdict where no file could be read: one outcome a file, and why nothing is left.
func Refuse(files []string, why string) Verdict {
	v := Verdict{Status: Pass}
	for _, file := range files {
		v.add(refused(file, false))
	}
	v.add(Outcome{Name: "nothing could be read", Rule: "nothing could be read", Status: Undecided, Error: why})
	return v
}

// refused returns the outcome of a file that could not be read, and of which the report says nothing therefore.
// Accepted is a user's word that the others are enough.
func refused(why string, accepted bool) Outcome {
	file, line, text := placed(why)
	o := Outcome{Name: file + " could not be read", Status: Undecided, File: file, Line: line, Error: text}
	if o.Rule = o.Name; accepted {
		o.Rule, o.Status, o.Error = text+"; --keep-going accepts that", Warn, ""
	}
	return o
}

// placeOf is how the words about a file begin: with its name, and in text with line, column and byte.
var placeOf = regexp.MustCompile(`^(.*?)(?::(\d+):(\d+) (\(byte \d+\)))?: `)

// placed divides the words about a file into its name, a line, 0 if there is none, and the rest.
func placed(why string) (file string, line int, text string) {
	m := placeOf.FindStringSubmatch(why)
	if m == nil {
		return why, 0, why
	}
	text = strings.TrimPrefix(why, m[0])
	if line, _ = strconv.Atoi(m[2]); m[2] != "" {
		text = "line " + m[2] + ", column " + m[3] + " " + m[4] + ": " + text
	}
	return m[1], line, text
}
