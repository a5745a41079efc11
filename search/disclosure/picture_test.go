package disclosure

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// directory is Exif metadata with these tags, whose values are numbers; next
// is where the following directory is.
func directory(order binary.ByteOrder, next uint32, tags ...[2]uint32) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*\x00\x00\x00\x08")
	}
	add := func(sizes ...uint32) {
		for i := 0; i < len(sizes); i += 2 {
			one := make([]byte, sizes[i])
			if sizes[i] == 2 {
				order.PutUint16(one, uint16(sizes[i+1]))
			} else {
				order.PutUint32(one, sizes[i+1])
			}
			b = append(b, one...)
		}
	}
	add(2, uint32(len(tags)))
	for _, t := range tags {
		add(2, t[0], 2, 4, 4, 1, 4, t[1])
	}
	add(4, next)
	return b
}

// gpsMetadata has coordinates, a camera and a thumbnail.
func gpsMetadata() []byte {
	b := directory(binary.LittleEndian, 0, [2]uint32{0x010f, 0}, [2]uint32{0x8825, 0}, [2]uint32{0x0112, 1})
	gps := len(b)
	binary.LittleEndian.PutUint32(b[10+12+8:], uint32(gps))
	b = append(b, directory(binary.LittleEndian, 0, [2]uint32{2, 0})[8:]...)
	binary.LittleEndian.PutUint32(b[10+36:], uint32(len(b)))
	return append(b, directory(binary.LittleEndian, 0, [2]uint32{0x0103, 6})[8:]...)
}

func segment(marker byte, body string) string {
	return string([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

func chunk(kind, body string) string {
	size := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	return string(size) + kind + body + "crc "
}

func TestPictures(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i * 7)
	}
	var j, p, g bytes.Buffer
	if err := jpeg.Encode(&j, picture, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, picture); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&g, picture, nil); err != nil {
		t.Fatal(err)
	}
	into := func(s, more string, at int) []byte { return []byte(s[:at] + more + s[at:]) }
	exif := "Exif\x00\x00" + string(gpsMetadata())
	webp := "RIFF\x2e\x00\x00\x00WEBP" + "EXIF\x1a\x00\x00\x00" + string(directory(binary.BigEndian, 0, [2]uint32{0x0110, 0})) + "VP8 \x00\x00\x00\x00"
	all := []found{{Thumbnail, "", 0}, {Properties, "", 1}, {Location, "", 0}}
	for _, c := range []struct {
		name string
		file []byte
		want []found
	}{
		{"a.jpg", j.Bytes(), nil},
		{"exif.jpg", into(j.String(), segment(0xe1, exif), 2), all},
		{"orientation.jpg", into(j.String(), segment(0xe1, "Exif\x00\x00"+string(directory(binary.BigEndian, 0, [2]uint32{0x0112, 1}))), 2), nil},
		{"loop.jpg", into(j.String(), segment(0xe1, "Exif\x00\x00"+string(directory(binary.BigEndian, 8, [2]uint32{0x0112, 1}))), 2),
			[]found{{CannotBeChecked, "", 0}, {Thumbnail, "", 0}}},
		{"xmp.jpg", into(j.String(), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='1'/>")+segment(0xfe, "by me")+segment(0xed, "x"), 2),
			[]found{{Properties, "", 0}, {Properties, "", 0}, {Properties, "", 0}, {Location, "", 0}}},
		{"more.jpg", append(bytes.Clone(j.Bytes()), p.Bytes()...), []found{{TrailingData, "", 0}}},
		{"padded.jpg", append(bytes.Clone(j.Bytes()), 0, 0, '\n'), nil},
		{"cut.jpg", j.Bytes()[:len(j.Bytes())-2], []found{{CannotBeChecked, "", 0}}},
		{"a.png", p.Bytes(), nil},
		{"text.png", into(p.String(), chunk("tEXt", "Author\x00me")+chunk("tIME", "1234567")+chunk("eXIf", string(gpsMetadata()))+chunk("prVt", ""), 33),
			[]found{{Thumbnail, "", 0}, {Properties, "", 0}, {Properties, "", 0}, {Properties, "", 1}, {Location, "", 0}, {TrailingData, "", 0}}},
		{"cropped in place.png", append(bytes.Clone(p.Bytes()), p.Bytes()[100:]...), []found{{TrailingData, "", 0}}},
		{"cut.png", p.Bytes()[:60], []found{{CannotBeChecked, "", 0}}},
		{"a.gif", g.Bytes(), nil},
		{"comment.gif", into(g.String(), "!\xfe\x02hi\x00", len(g.String())-1), []found{{Properties, "", 0}}},
		{"more.gif", append(bytes.Clone(g.Bytes()), 'x'), []found{{TrailingData, "", 0}}},
		{"a.webp", []byte(webp), []found{{Properties, "", 1}}},
		{"scan.tiff", directory(binary.BigEndian, 0, [2]uint32{0x013b, 0}, [2]uint32{0x014a, 8}), []found{{CannotBeChecked, "", 0}, {CannotBeChecked, "", 0}, {Thumbnail, "", 0}, {Properties, "", 1}}},
		{"photo.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), []found{{CannotBeChecked, "", 0}}},
	} {
		expect(t, c.name, c.file, c.want...)
	}
}

func TestZipFiles(t *testing.T) {
	inner := zipped(entry{"minutes.docx", string(wordDocument(`<w:ins/>`))})
	file := zipped(entry{"notes.txt", "plain"}, entry{"more.zip", string(inner)}, entry{"film.mp4", "\x00\x00\x00\x18ftypmp42"}, entry{"folder/", ""})
	expect(t, "bundle.zip", file, found{CannotBeChecked, "film.mp4", 0}, found{TrackedChanges, "more.zip > minutes.docx > text", 1})
	expect(t, "before", append([]byte("PK\x03\x04 and no more"), file...), found{CannotBeChecked, "film.mp4", 0},
		found{TrackedChanges, "more.zip > minutes.docx > text", 1}, found{TrailingData, "", 0})
	expect(t, "after", append(bytes.Clone(file), "more"...), found{CannotBeChecked, "film.mp4", 0},
		found{TrackedChanges, "more.zip > minutes.docx > text", 1}, found{TrailingData, "", 0})
	expect(t, "twice", zipped(entry{"a", "1"}, entry{"a", "2"}), found{CannotBeChecked, "", 0})
	sealed := bytes.Clone(zipped(entry{"a", "1"}))
	sealed[6] |= 1
	sealed[bytes.Index(sealed, []byte("PK\x01\x02"))+8] |= 1
	expect(t, "sealed", sealed, found{CannotBeChecked, "", 0})
	deep := []byte("end")
	for range maxDepth + 2 {
		deep = zipped(entry{"z", string(deep)})
	}
	expect(t, "deep", deep, found{CannotBeChecked, strings.Repeat("z > ", maxDepth) + "z", 0})
}

func TestText(t *testing.T) {
	expect(t, "a.csv", []byte("name,rank\r\nA,B\r\n"))
	expect(t, "a.txt", []byte("a\u200bb\u202ec\x1b[8m"), found{HiddenText, "", 3})
	expect(t, "a.html", []byte("<html><!-- x -->"), found{CannotBeChecked, "", 0})
	expect(t, "a.rtf", []byte(`{\rtf1 x}`), found{CannotBeChecked, "", 0})
	expect(t, "empty", nil)
}
