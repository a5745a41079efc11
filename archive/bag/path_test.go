package bag

import (
	"strings"
	"testing"
)

func TestSegment(t *testing.T) {
	for name, want := range map[string]string{
		"IMG-20260514-WA0001.jpg":         "IMG-20260514-WA0001.jpg",
		"Évaluation des risques 洪水.pdf":   "Évaluation des risques 洪水.pdf",
		"":                                "_",
		".":                               "_",
		"..":                              "_",
		"../../etc/passwd":                "_.._.._etc_passwd",
		".bashrc":                         "_.bashrc",
		`C:\temp\x`:                       "C__temp_x",
		"50% off.pdf":                     "50_ off.pdf",
		"line\r\nbreak":                   "line__break",
		"trailing. . ":                    "trailing",
		"con.txt":                         "_con.txt",
		"COM1":                            "_COM1",
		"communication.txt":               "communication.txt",
		"left\u200eto\u202eright":         "left_to_right",
		"bad\xffutf":                      "bad_utf",
		strings.Repeat("a", 300) + ".pdf": strings.Repeat("a", 196) + ".pdf",
		strings.Repeat("é", 150):          strings.Repeat("é", 100),
	} {
		if got := Segment(name); got != want {
			t.Errorf("Segment(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCheckPath(t *testing.T) {
	for _, p := range []string{"data/message.eml", "data/media/a b.jpg", "data/chat.txt"} {
		if err := CheckPath(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []string{"", "data", "data/", "chat.txt", "/data/x", "data//x", "data/../x", "data/./x", "data/x/", "data/a%0Ab", "data/a\nb", "data/con", strings.Repeat("data/", 200) + "x"} {
		if CheckPath(p) == nil {
			t.Errorf("%q is allowed", p)
		}
	}
}

func TestFolderNamesNothingTwice(t *testing.T) {
	f := NewFolder("data/media/")
	long := strings.Repeat("x", 250) + ".jpeg"
	for _, c := range [][2]string{
		{"a.jpg", "data/media/a.jpg"}, {"A.JPG", "data/media/A-2.JPG"}, {"a.jpg", "data/media/a-3.jpg"},
		{"a-3.jpg", "data/media/a-3-2.jpg"}, {"", "data/media/_"}, {"", "data/media/_-2"}, {"a/b", "data/media/a_b"},
		{long, "data/media/" + strings.Repeat("x", 195) + ".jpeg"}, {long, "data/media/" + strings.Repeat("x", 193) + "-2.jpeg"},
	} {
		if got := f.Path(c[0]); got != c[1] {
			t.Errorf("Path(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func FuzzSegment(f *testing.F) {
	for _, s := range []string{"", "a.jpg", "con", "..", strings.Repeat("é.", 200), " .x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		folder := NewFolder(Payload)
		first, second := folder.Path(name), folder.Path(name)
		if first == second || CheckPath(first) != nil || CheckPath(second) != nil {
			t.Errorf("%q becomes %q and %q: %v, %v", name, first, second, CheckPath(first), CheckPath(second))
		}
	})
}
