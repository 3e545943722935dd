package foreign

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf writes text in UTF-16 or UTF-32.
func utf(s string, size int, order binary.AppendByteOrder) string {
	var b []byte
	for _, r := range s {
		if size == 4 {
			b = order.AppendUint32(b, uint32(r))
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			b = order.AppendUint16(b, u)
		}
	}
	return string(b)
}

// TestText: files of other formats, as several programs write them.
func TestText(t *testing.T) {
	const doc = `{"images": []}`
	le, be := binary.LittleEndian, binary.BigEndian
	cases := []struct{ name, text, want string }{
		{"LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS pointer"},
		{"LFS with an extension", "version https://git-lfs.github.com/spec/v1\r\next-0-foo sha256:4d\r\noid sha256:4d7a\r\nsize 12\r\n",
			"Git LFS pointer"},
		{"LFS of old", "version https://hawser.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS pointer"},
		{"git-annex", "/annex/objects/SHA256E-s10--ab.json\n", "git-annex pointer"},
		{"block comment", "/* made by x, 2024 */\n" + doc, "JSON with comments"},
		{"line comments", "// made by x, 2024\n// and y\n" + doc, "JSON with comments"},
		{"hash comment", "# a, b, c, d\n" + doc, "JSON with comments"},
		{"pickle, protocol 0", "(dp0\nVimages\np1\n(lp2\n", "Python pickle"},
		{"TFRecord", "\x03\x00\x00\x00\x00\x00\x00\x00abcd\n\x01x", "TFRecord"},
		{"zip", "PK\x03\x04\x14\x00", "zip archive"},
		{"empty zip", "PK\x05\x06\x00\x00", "zip archive"},
		{"tar", strings.Repeat("a", 257) + "ustar\x0000", "tar archive"},
		{"bzip2", "BZh91AY&SY", "bzip2"},
		{"xz", "\xfd7zXZ\x00\x00", "xz data"},
		{"7z", "7z\xbc\xaf\x27\x1c", "7-Zip"},
		{"gzip twice", "\x1f\x8b\x08", "gzip"},
		{"UTF-16LE with a mark", "\xff\xfe" + utf(doc, 2, le), "UTF-16 text"},
		{"UTF-16BE with a mark", "\xfe\xff" + utf(doc, 2, be), "UTF-16 text"},
		{"UTF-16LE", utf(doc, 2, le), "-f UTF-16LE"},
		{"UTF-16BE", utf("\n"+doc, 2, be), "-f UTF-16BE"},
		{"UTF-32LE with a mark", "\xff\xfe\x00\x00" + utf(doc, 4, le), "UTF-32 text"},
		{"UTF-32BE with a mark", "\x00\x00\xfe\xff" + utf(doc, 4, be), "UTF-32 text"},
		{"UTF-32LE", utf(doc, 4, le), "-f UTF-32LE"},
		{"UTF-32BE", utf(doc, 4, be), "-f UTF-32BE"},
		{"zeros", strings.Repeat("\x00", 100), "zero bytes"},
		{"HTML", "<!DOCTYPE html>\n<html><body>404</body></html>", "HTML page"},
		{"HTML without a doctype", "\n  <HTML lang=\"en\"><head>", "HTML page"},
		{"HTML behind a comment", "<!-- saved -->\n<!doctype HTML PUBLIC \"-//W3C//DTD\">", "HTML page"},
		{"XHTML", "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML\" \"x\">\n<html xmlns=\"a\">",
			"HTML page"},
		{"S3", `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code></Error>",
			"error message of a server"},
		{"CVAT", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>",
			"CVAT"},
		{"CVAT without a head", `<annotations><image id="0" name="a.jpg" width="1" height="2"><box label="car"/></image></annotations>`,
			"CVAT"},
		{"VOC", "<annotation>\n\t<folder>VOC2007</folder>\n\t<filename>1.jpg</filename><object><bndbox>",
			"Pascal VOC"},
		{"VOC verified", "\xef\xbb\xbf<?xml version='1.0'?><!-- x --><annotation verified=\"yes\"><size/>",
			"Pascal VOC"},
		{"LabelMe's XML", "<annotation><filename>a.jpg</filename><object><polygon><pt><x>1</x>", "LabelMe's web tool"},
		{"dlib", "<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><dataset><images><image file='a.jpg'>",
			"imglab"},
		{"other XML", "<kml><Document/></kml>", "XML"},
		{"YOLO", "0 0.5 0.5 0.25 0.1\n12 0.1 0.2 .3 1\n", "label file of YOLO"},
		{"YOLO segments", "3 0.5 0.5 0.25 0.1 0.3 0.4\r\n", "label file of YOLO"},
		{"YOLO with scores", "0 0.512345 1.0 0.25 1e-05 0.93\n", "label file of YOLO"},
		{"KITTI", "Car 0.00 0 -1.57 599.41 156.40 629.75 189.25 2.85 2.63 12.34 0.47 1.49 69.44 -1.56\n", "KITTI"},
		{"data.yaml", "train: ../train/images\nval: ../valid/images\nnc: 3\nnames: ['a', 'b', 'c']\n",
			"data.yaml of YOLO"},
		{"data.yaml with comments", "# Ultralytics\npath: ../coco\ntrain: a\n", "data.yaml of YOLO"},
		{"CSV", "image,xmin,ymin,xmax,ymax,class\na.jpg,1,2,3,4,car\n", "CSV table"},
		{"list", "images/a.jpg\nimages/b.PNG\n", "list of pictures"},
		{"lines", "{\"a\": 1}\n{\"a\": 2}\n", "JSON lines"},
		{"SageMaker", "{\"source-ref\":\"s3://b/a.jpg\",\"bb\":{}}\n{\"source-ref\":\"s3://b/b.jpg\"}\n",
			"SageMaker Ground Truth manifest, as JSON lines"},
		{"results as lines", "{\"image_id\":1,\"bbox\":[1,2,3,4],\"score\":0.5}\n\n{\"image_id\":2}\n",
			"COCO results (detections with scores), as JSON lines (one JSON value after the other): `jq -s . OLD > NEW`"},
		{"Labelbox", "{\"data_row\":{\"id\":\"x\"},\"projects\":{}}\n{\"data_row\":{}}\n", "Labelbox"},
		{"Hugging Face", "{\"file_name\":\"a.png\",\"objects\":{\"bbox\":[[1,2,3,4]],\"categories\":[0]}}\n{\"file_name\":\"b.png\"}",
			"Hugging Face"},
		{"Parquet", "PAR1\x15\x04", "Parquet"},
		{"pickle", "\x80\x04\x95", "pickle"},
		{"NumPy", "\x93NUMPY\x01\x00", "NumPy"},
		{"PNG", "\x89PNG\r\n\x1a\n", "a picture"},
		{"nothing", "", ""},
		{"space", "  \n", ""},
		{"a word", "hello", ""},
		{"COCO", doc, ""},
		{"COCO over lines", "{\n  \"images\": [\n    {\"id\": 1}\n  ]\n}\n", ""},
		{"COCO with two records a line", "[{\"id\": 1},\n{\"id\": 2}]", ""},
		{"numbers", "1 2 3\n4 5 6\n", ""},
	}
	for _, c := range cases {
		k, ok := Text([]byte(c.text))
		if ok != (c.want != "") || !strings.Contains(k.String(), c.want) {
			t.Errorf("%s: %v %q, want %q", c.name, ok, k, c.want)
		}
		if ok && k.Help == "" {
			t.Errorf("%s: %s: no help", c.name, k.Name)
		}
	}
}

func TestAtFault(t *testing.T) {
	for _, c := range []struct {
		text string // with a ^ before the byte at which reading stopped
		done bool
		want string
	}{
		{"{^'images': [{'id': 1}]}", false, "Python"},
		{"{\"a\": 1, ^// one\n}", false, "comments"},
		{"{\"a\": ^None}", false, "Python"},
		{"{\"a\": N^one}", false, "Python"},
		{"{\"a\": n^an}", false, "Python"},
		{"{\"a\": ^False}", false, "Python"},
		{"{\"a\": [^True]}", false, "Python"},
		{"{\"a\": ^array([1])}", false, "Python"},
		{"{\"a\": ^np.float32(1)}", false, "Python"},
		{"^OrderedDict([('images', [])])", false, "Python"},
		{"^defaultdict(<class 'list'>, {})", false, "Python"},
		{"[^(1, 2)]", false, "Python"},
		{"{\"a\": [1,\n^<<<<<<< HEAD\n2]}", false, "merge conflict"},
		{"{\"a\": [1,\n^>>>>>>> other\n2]}", false, "merge conflict"},
		{"{\"a\": 1}\n^>>>>>>> other", true, "merge conflict"},
		{"{\"a\": ^<b>}", false, ""},
		{"{\"a\": nu^}", false, ""},
		{"{\"a\": ^x}", false, ""},
		{"{}\n^{}", true, "JSON lines"},
		{"[] ^[]", true, "JSON lines"},
		{"{} ^x", true, ""},
		{"{} ^", true, ""},
		{"^", false, ""},
	} {
		at := strings.Index(c.text, "^")
		k, ok := AtFault([]byte(strings.Replace(c.text, "^", "", 1)), at, c.done)
		if ok != (c.want != "") || ok && !strings.Contains(k.Name, c.want) {
			t.Errorf("%s: %v %q, want %q", c.text, ok, k, c.want)
		}
	}
}

// jsonCases are files of other formats, as several programs and versions write them.
var jsonCases = []struct{ name, text, want string }{
	{"panoptic", `{"images":[{"id":1}],"annotations":[{"image_id":1,"file_name":"a.png","segments_info":[{"id":3,"category_id":1,"bbox":[1,2,3,4]}]}]}`,
		"panoptic"},
	{"panoptic results", `[{"image_id":1,"file_name":"a.png","segments_info":[]}]`, "panoptic"},
	{"captions", `{"annotations":[{"image_id":1,"id":2,"caption":"a cat"}],"images":[{"id":1}]}`, "captions"},
	{"caption results", `[{"image_id":1,"caption":"a cat"}]`, "captions"},
	{"results", `[{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.5}]`, "COCO results"},
	{"segment results", `[{"image_id":1,"category_id":1,"segmentation":{"size":[1,2],"counts":"x"},"score":0.5}]`,
		"COCO results"},
	{"keypoint results", `[{"image_id":1,"keypoints":[1,2,2],"score":0.5}]`, "COCO results"},
	{"annotations alone", `[{"id":1,"image_id":1,"category_id":1,"bbox":[1,2,3,4],"area":12}]`,
		"without the object around it"},
	{"VIA 2", `{"a.jpg12":{"filename":"a.jpg","size":12,"regions":[{"shape_attributes":{"name":"rect","x":1}}],"file_attributes":{}}}`,
		"VIA"},
	{"VIA 1", `{"a.jpg12":{"fileref":"","size":12,"filename":"a.jpg","base64_img_data":"","file_attributes":{},"regions":{"0":{"shape_attributes":{}}}}}`,
		"VIA"},
	{"VIA without regions", `{"a.jpg-1":{"filename":"a.jpg","size":-1,"regions":[],"file_attributes":{}}}`, "VIA"},
	{"VIA project", `{"_via_settings":{"ui":{}},"_via_img_metadata":{},"_via_attributes":{}}`, "VIA"},
	{"VIA 3", `{"project":{"pid":"__VIA_PROJECT_ID__","rev":"1"},"config":{},"attribute":{},"file":{},"metadata":{},"view":{}}`,
		"VIA"},
	{"LabelMe", `{"version":"5.0.1","flags":{},"shapes":[{"label":"car","points":[[1,2]],"shape_type":"rectangle"}],"imagePath":"a.jpg","imageData":null}`,
		"LabelMe"},
	{"LabelMe with the picture first", `{"imageData":"` + strings.Repeat("QUJD", 100_000) + `","imagePath":"a.jpg","shapes":[]}`,
		"LabelMe"},
	{"LabelMe of old", `{"flags":{},"shapes":[{"label":"a","line_color":null,"points":[]}],"lineColor":[0,255,0,128],"imagePath":"a","imageData":"x"}`,
		"LabelMe"},
	{"X-AnyLabeling", `{"version":"2.3.6","flags":{},"shapes":[],"imagePath":"a.jpg","imageData":null,"imageHeight":1,"imageWidth":2}`,
		"LabelMe"},
	{"Label Studio", `[{"id":1,"annotations":[{"id":2,"result":[{"value":{"x":1}}]}],"data":{"image":"/data/a.jpg"}}]`,
		"Label Studio"},
	{"Label Studio before 1.0", `[{"id":1,"completions":[{"id":1001,"result":[]}],"data":{"image":"a.jpg"}}]`,
		"Label Studio"},
	{"Label Studio JSON_MIN", `[{"image":"/data/a.jpg","id":1,"label":[{"x":1,"y":2,"width":3,"height":4,"rectanglelabels":["car"],"original_width":640}],"annotator":1}]`,
		"Label Studio"},
	{"Label Studio without labels", `[{"image":"/data/a.jpg","id":1,"annotator":1,"annotation_id":1,"created_at":"x"}]`,
		"Label Studio"},
	{"Label Studio's tasks", `[{"data":{"image":"a.jpg"}}]`, "Label Studio"},
	{"Label Studio, one task", `{"id":1,"data":{"image":"a.jpg"},"annotations":[{"result":[]}],"predictions":[]}`,
		"Label Studio"},
	{"CreateML", `[{"image":"a.jpg","annotations":[{"label":"car","coordinates":{"x":1,"y":2,"width":3,"height":4}}]}]`,
		"CreateML"},
	{"text", `"{\"images\": []}"`, "dumped twice"},
	{"text of a text", `"\"{\\\"images\\\": []}\""`, "dumped twice"},
	{"detectron2's dicts", `[{"file_name":"a.jpg","annotations":[{"bbox":[1,2,3,4],"bbox_mode":1}]}]`, "detectron2's dicts"},
	{"nested", `{"images":[{"id":1,"file_name":"a.jpg","annotations":[{"bbox":[1,2,3,4]}]}]}`, "within each image"},
	{"capital", `{"images":[{"id":1,"file_name":"a.jpg"}],"Annotations":[{"id":1}]}`, "under another key"},
	{"singular", `{"images":[{"id":1,"file_name":"a.jpg"}],"annotation":[{"id":1}]}`, "under another key"},
	{"CreateML of others", `[{"imagefilename":"a.jpg","annotation":[{"coordinates":{"x":1},"label":"car"}]}]`,
		"CreateML"},
	{"CreateML without objects", `[{"image":"a.jpg","annotations":[]}]`, "CreateML"},
	{"Supervisely", `{"description":"","tags":[],"size":{"height":1,"width":2},"objects":[{"classTitle":"car","geometryType":"rectangle","points":{"exterior":[[1,2]],"interior":[]}}]}`,
		"Supervisely"},
	{"Supervisely without objects", `{"description":"","name":"a.jpg","size":{"width":2,"height":1},"tags":[],"objects":[]}`,
		"Supervisely"},
	{"Supervisely's meta.json", `{"classes":[{"title":"car","shape":"rectangle","color":"#FF0000"}],"tags":[],"projectType":"images"}`,
		"Supervisely"},
	{"Datumaro", `{"info":{},"categories":{"label":{"labels":[{"name":"car"}]}},"items":[{"id":"a","annotations":[{"type":"bbox","bbox":[1,2,3,4]}]}]}`,
		"Datumaro"},
	{"Datumaro 1", `{"dm_format_version":"1.0","media_type":2,"infos":{},"categories":{},"items":[]}`, "Datumaro"},
	{"SageMaker, one line", `{"source-ref":"s3://b/a.jpg","bb":{"annotations":[{"class_id":0}],"image_size":[{"width":1}]},"bb-metadata":{}}`,
		"SageMaker"},
	{"SageMaker's JSON", `{"file":"a.jpg","image_size":[{"width":1,"height":2,"depth":3}],"annotations":[{"class_id":0,"top":1}],"categories":[]}`,
		"SageMaker"},
	{"SageMaker as a list", `[{"source-ref":"s3://b/a.jpg"}]`, "SageMaker"},
	{"FiftyOne", `{"samples":[{"filepath":"a.jpg","ground_truth":{"_cls":"Detections","detections":[]}}]}`,
		"FiftyOne"},
	{"FiftyOne's metadata", `{"name":"x","media_type":"image","sample_fields":[{"name":"id"}]}`, "FiftyOne"},
	{"FiftyOneImageDetection", `{"classes":["car"],"labels":{"a":[{"label":0,"bounding_box":[0.1,0.1,0.2,0.2]}]}}`,
		"FiftyOne"},
	{"CVAT's backup", `[{"version":0,"tags":[],"shapes":[{"type":"rectangle","points":[1,2,3,4],"frame":0}],"tracks":[]}]`,
		"CVAT"},
	{"Labelbox", `[{"ID":"x","Labeled Data":"https://a.jpg","Label":{"objects":[]}}]`, "Labelbox"},
	{"BDD100K", `[{"name":"a.jpg","labels":[{"category":"car","box2d":{"x1":1}}]}]`, "BDD100K"},
	{"VoTT", `{"asset":{"name":"a.jpg"},"regions":[{"boundingBox":{}}],"version":"2.2.0"}`, "VoTT"},
	{"V7", `{"version":"2.0","item":{"name":"a.jpg"},"annotations":[{"name":"car","bounding_box":{"x":1}}]}`, "V7"},
	{"Cityscapes", `{"imgHeight":1,"imgWidth":2,"objects":[{"label":"car","polygon":[[1,2]]}]}`, "Cityscapes"},
	{"GeoJSON", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{}}]}`, "GeoJSON"},
	{"SA-1B", `{"image":{"image_id":1,"width":1,"height":1,"file_name":"sa_1.jpg"},"annotations":[{"bbox":[1,2,3,4],"id":1}]}`,
		"one image, as SA-1B"},
	{"MMDetection", `[{"filename":"a.jpg","width":1,"ann":{"bboxes":[]}}]`, "MMDetection"},
	{"COCO within", `{"train":{"images":[],"annotations":[]}}`, "within another value"},
	{"images", `{"info":{},"images":[{"id":1,"file_name":"a.jpg"}],"categories":[]}`,
		"list of images without annotations"},
	{"no images", `{"images":[]}`, "list of images without annotations"},
	{"list of images", `[{"id":1,"file_name":"a.jpg","width":1}]`, "list of images without annotations"},
	{"names", `["a.jpg","b.jpg"]`, "list of pictures"},
	{"names by part", `{"train":["a.jpg"],"val":["b.jpg"]}`, "list of pictures"},
	{"classes without boxes", `{"images":[{"id":1}],"annotations":[{"image_id":1,"category_id":2}]}`,
		"annotations without boxes"},
	{"no array images", `{"annotations":[{"image_id":1,"bbox":[1,2,3,4]}]}`, "without the array images"},
	{"settings", `{"lr":0.1,"epochs":12}`, "JSON of another kind"},
	{"a number", `5`, "JSON of another kind"},
	{"an empty list", `[]`, "JSON of another kind"},
}

// TestJSON: each of the formats, and each with its keys in another order and spaced out.
func TestJSON(t *testing.T) {
	for _, c := range jsonCases {
		var v any
		if err := json.Unmarshal([]byte(c.text), &v); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		sorted, err := json.MarshalIndent(v, "", "\t") // by key
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{c.text, "\n" + string(sorted) + "\n"} {
			s := NewSketch()
			s.Read(strings.NewReader(text), "")
			if k := s.Kind(); !strings.Contains(k.Name, c.want) || k.Help == "" {
				t.Errorf("%s: %+v, want %q", c.name, k, c.want)
			}
		}
	}
}

// TestSketchOfBlanks: blanks that are read little by little, as compressed data are. The decoder would look at 8 MB in
// pieces of 100 bytes 80,000 times, for minutes.
func TestSketchOfBlanks(t *testing.T) {
	text := `{"images":[` + strings.Repeat(" ", 8<<20) + `], "a` + strings.Repeat(" ", 100) + `\" b" :  "c", "d":1}`
	s := NewSketch()
	if s.Read(pieces{strings.NewReader(text)}, ""); !s.paths["images[]"] || !s.paths["d"] {
		t.Errorf("got %v", s.paths)
	}
	got, err := io.ReadAll(Squeeze(pieces{strings.NewReader(text)}))
	if want := `{"images":[ ], "a` + strings.Repeat(" ", 100) + `\" b" : "c", "d":1}`; err != nil || string(got) != want {
		t.Errorf("%v; got %q, want %q", err, got, want)
	}
}

// pieces reads at most 100 bytes at a time.
type pieces struct{ r io.Reader }

// Read implements io.Reader.
func (p pieces) Read(to []byte) (int, error) { return p.r.Read(to[:min(len(to), 100)]) }

// TestSketchEnds: what is broken, deep or long ends a sketch, and what was seen counts.
func TestSketchEnds(t *testing.T) {
	for _, text := range []string{
		`{"shapes":[],"imagePath":"a.jpg","x":`,
		`{"shapes":[],"imagePath":"a.jpg","x":` + strings.Repeat("[", 100_000),
		`{"shapes":[],"imagePath":"a.jpg","x":[` + strings.Repeat("1,", 1_000_000) + `1]}`,
		`{"shapes":[],"imagePath":"a.jpg","x":NaN}`,
	} {
		s := NewSketch()
		s.Read(strings.NewReader(text), "")
		if k := s.Kind(); !strings.Contains(k.Name, "LabelMe") {
			t.Errorf("%.60s: %+v", text, k)
		}
	}
}

// TestDirectory: what is there in place of *.json.
func TestDirectory(t *testing.T) {
	voc := "<annotation><filename>a.jpg</filename></annotation>"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing", nil, "no file"},
		{"hidden", map[string]string{".git/config": "x"}, "no file"},
		{"YOLO", map[string]string{"labels/a.txt": "0 0.5 0.5 0.1 0.1\n", "labels/b.txt": "", "classes.txt": "car\n", "images/a.jpg": ""},
			"3 .txt files, such as a.txt: a label file of YOLO"},
		{"YOLO's data.yaml", map[string]string{"data.yaml": "names: [a]\n", "images/a.jpg": ""}, "data.yaml of YOLO"},
		{"VOC", map[string]string{"Annotations/a.xml": voc, "Annotations/b.xml": voc, "JPEGImages/a.jpg": "", "README.md": "x"},
			"2 .xml files, such as a.xml: an annotation in the XML of Pascal VOC"},
		{"CVAT", map[string]string{"annotations.xml": "<annotations><version>1.1</version></annotations>", "images/a.PNG": ""},
			"CVAT"},
		{"pictures", map[string]string{"a.jpg": "", "b.PNG": ""}, "2 pictures and no annotations"},
		{"a picture", map[string]string{"sub/a.webp": ""}, "1 picture and no annotations"},
		{"manifest", map[string]string{"output.manifest": "{\"source-ref\":\"s3://b/a.jpg\"}\n{\"source-ref\":\"s3://b/b.jpg\"}\n"},
			"SageMaker"},
		{"manifest of a line", map[string]string{"output.manifest": "{\"source-ref\":\"s3://b/a.jpg\"}\n"},
			"SageMaker"},
		{"CSV", map[string]string{"train.csv": "a,b,c,d\n1,2,3,4\n"}, "CSV"},
		{"COCO by another name", map[string]string{"train.coco": `{"images":[],"annotations":[]}`},
			"looks like COCO but for its ending"},
		{"zip", map[string]string{"annotations.zip": "PK\x03\x04"}, "zip archive"},
		{"one other", map[string]string{"a.md": "x"}, "1 file (.md) whose annotations are not known"},
		{"others", map[string]string{"a.md": "x", "b": "y"}, "none of 2 files"},
		{"known", map[string]string{"a.json": "[]", "a.jpg": "", "b.md": "x"}, ""},
		{"known and YOLO", map[string]string{"a.json": "[]", "b.txt": "0 0.5 0.5 0.1 0.1\n"},
			"1 .txt file, such as b.txt"},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		k, err := Directory(dir, func(name string) bool { return strings.HasSuffix(name, ".json") })
		if err != nil || !strings.Contains(k.Name, c.want) || (k.Help == "") != (c.want == "") {
			t.Errorf("%s: %+v %v, want %q", c.name, k, err, c.want)
		}
	}
}

// FuzzText: no bytes stop it.
func FuzzText(f *testing.F) {
	f.Add([]byte("<?xml version='1.0'?><a>"), 3)
	f.Add([]byte("{\"a\": None}"), 6)
	f.Fuzz(func(_ *testing.T, text []byte, at int) {
		Text(text)
		AtFault(text, max(0, min(at, len(text))), at%2 == 0)
		s := NewSketch()
		s.Read(strings.NewReader(string(text)), "")
		s.Kind()
	})
}

// BenchmarkJSON is a file of LabelMe: a data set has one for each picture.
func BenchmarkJSON(b *testing.B) {
	shape := `{"label":"car","points":[[10,20],[40,60]],"shape_type":"rectangle","flags":{}}`
	text := `{"version":"5.0.1","shapes":[` + strings.Repeat(shape+",", 8) + shape + `],"imagePath":"a.jpg"}`
	for b.Loop() {
		s := NewSketch()
		s.Read(strings.NewReader(text), "")
		if k := s.Kind(); !strings.Contains(k.Name, "LabelMe") {
			b.Fatal(k)
		}
	}
}
