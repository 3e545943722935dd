package series

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// TextOrder says whether the labels of a series of pictures go on from 1 to 10 to 11, and not from 1 to 2: they were
// given to the pictures in the order of their names as text, in which 10 comes before 2.
type TextOrder struct {
	AsText, Of   int   // pictures after which labels go on as text, all that tell
	From, To     int32 // images
	First        int32 // the first image after which they do, -1 if there is none
	Text, Number int32 // the image behind First as text, as a number
	whole        bool  // these are nearly all of the source
}

// Found reports whether the labels are in the order of text.
func (t *TextOrder) Found() bool { return t.First >= 0 }

// longestCount is how many digits a count of pictures has at most: longer numbers are times and hashes.
const longestCount = 9

// OfTextOrder compares each picture of a series with the one behind it as text and the one behind it as a number, where
// these are two. The pictures of a video are more alike if they follow each other in it.
func OfTextOrder(src *dataset.Source) TextOrder {
	none := TextOrder{First: -1}
	if evenNames(src) || names.TileGrids(src) != nil {
		return none
	}
	var signs []bool
	var at [][3]int32 // an image, the one behind it as text, as a number
	for _, s := range numberedSeries(src) {
		behind := make(map[int32]int32, len(s))
		byText := slices.Clone(s)
		slices.SortStableFunc(byText, func(a, b frameName) int { return cmp.Compare(a.number, b.number) })
		for i := 1; i < len(byText); i++ {
			behind[byText[i-1].image] = byText[i].image
		}
		for i := 1; i < len(s); i++ {
			image, next := s[i-1].image, s[i].image
			other, ok := behind[image]
			if !ok || other == next {
				continue
			}
			asText, asNumber := alikeness(src, image, other), alikeness(src, image, next)
			if apart := asText - asNumber; asText >= 0 && asNumber >= 0 && max(apart, -apart) > leastAlike {
				signs, at = append(signs, apart > 0), append(at, [3]int32{image, other, next})
			}
		}
	}
	run, ok := likeliestRun(signs, 1)
	if !ok || !overlapAsText(src, at[run.first:run.last+1]) {
		return none
	}
	first := run.first + slices.Index(signs[run.first:], true)
	return TextOrder{AsText: run.True, Of: run.Of, From: at[run.first][0], To: at[run.last][0], First: at[first][0],
		Text: at[first][1], Number: at[first][2], whole: 10*run.Of >= 9*len(signs)}
}

// moreAsText is how many times as much of the objects overlaps in the picture behind as text: in the real videos 1.4
// to 9 times. Where made pictures have each class in turn, only classes go on, and this is 1.
const moreAsText = 1.25

// overlapAsText tells whether objects stand at the places of the picture behind as text, and not only have its classes.
func overlapAsText(src *dataset.Source, at [][3]int32) bool {
	var asText, asNumber float64
	for _, images := range at {
		asText += overlapping(src, images[0], images[1])
		asNumber += overlapping(src, images[0], images[2])
	}
	return asText >= moreAsText*asNumber && asText > 0
}

// evenNames tells whether all file names have one length, as where numbers have zeros in front.
func evenNames(src *dataset.Source) bool {
	for i := range src.Images {
		if len(src.Images[i].File) != len(src.Images[0].File) {
			return false
		}
	}
	return true
}

// A frameName is an image with the last number of its name.
type frameName struct {
	image          int32
	series, number string
}

// numberedSeries returns the series of pictures whose names are one but for their last number, in its order, if numbers
// have no zeros in front and some have more digits than others. Behind a point and digits a number is a fraction.
func numberedSeries(src *dataset.Source) (all [][]frameName) {
	var images []frameName
	for _, i := range sample.ImagesInUse(src) {
		before, number := names.LastNumber(src.Images[i].File)
		fraction := len(before) > 1 && before[len(before)-1] == '.' && isDigit(before[len(before)-2])
		if number != "" && len(number) <= longestCount && !fraction {
			after := names.NameStem(src.Images[i].File)[len(before)+len(number):]
			images = append(images, frameName{i, before + "\x00" + after, number})
		}
	}
	slices.SortFunc(images, func(a, b frameName) int {
		return cmp.Or(cmp.Compare(a.series, b.series), cmp.Compare(len(a.number), len(b.number)),
			cmp.Compare(a.number, b.number), sample.CompareNames(src, a.image, b.image))
	})
	for from := 0; from < len(images); {
		to, padded := from, false
		for ; to < len(images) && images[to].series == images[from].series; to++ {
			padded = padded || len(images[to].number) > 1 && images[to].number[0] == '0'
		}
		if s := images[from:to]; !padded && len(s[0].number) < len(s[len(s)-1].number) {
			all = append(all, s)
		}
		from = to
	}
	return all
}

// Finding returns the finding on labels in the order of text.
func (t *TextOrder) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[t.First]
	where := ""
	if !t.whole {
		where = fmt.Sprintf(", from %s to %s", say.Label(&src.Images[t.From]), say.Label(&src.Images[t.To]))
	}
	f := say.Finding("boxes-misjoined", s, im.Offset, im.Line, "%s: behind %s of %s that tell%s, the labels go on in the "+
		"picture that comes next as text, and not in the one with the next number. The labels seem to be given to the "+
		"pictures in the order of their names as text (1, 10, 11, 2): sort the names by their numbers and join them again, "+
		"or write the numbers with zeros in front. The labels of %s go on in %s, not in %s", text.Printable(src.Name),
		say.Group(t.AsText), say.Plural(t.Of, "picture"), where, say.Label(im), say.Label(&src.Images[t.Text]),
		say.Label(&src.Images[t.Number]))
	f.Level, f.Size, f.Cases = findings.Warning, float64(t.AsText), int64(t.AsText)
	return f
}
