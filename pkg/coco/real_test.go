package coco

import (
	"context"
	"fmt"
	"testing"
)

func TestTry(t *testing.T) {
	files, err := Find([]string{"../../../shared/data"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(context.Background(), files, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Sources {
		m := map[string]int{}
		ex := map[string]string{}
		for _, f := range s.Flaws {
			m[f.Code]++
			ex[f.Code] = fmt.Sprint(f.Line, " ", f.Message)
		}
		fmt.Println(s.Name, s.Bytes, s.SHA256[:8], len(s.Images), len(s.Objects), s.BadImages, m)
		for _, e := range ex {
			fmt.Println("      ", e)
		}
	}
	fmt.Println(len(d.Classes), d.Skipped, d.Refused)
}
