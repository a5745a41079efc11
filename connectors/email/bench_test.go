package email

import (
	"strings"
	"testing"
)

// BenchmarkParse reads an ordinary message: a text in two forms and a file.
func BenchmarkParse(b *testing.B) {
	text := strings.Repeat("Sandbags are at the depot in Upton and the road is open.\n", 40)
	mail := "Received: from a by b; Mon, 2 Mar 2026 09:15:00 +0000\nFrom: A Field <a.field@upton.example>\nTo: office@dept.example\n" +
		"Subject: =?utf-8?Q?Flood_plan_=E2=80=93_Upton?=\nDate: Mon, 2 Mar 2026 09:15:00 +0000\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; charset=utf-8\n\n" + text +
		"--a\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>" + strings.ReplaceAll(text, "\n", "</p>\n<p>") + "</body></html>\n--a--\n" +
		"--m\nContent-Type: application/pdf; name=plan.pdf\nContent-Transfer-Encoding: base64\n\n" + encode64(strings.Repeat("%PDF-1.7 ", 2000)) + "--m--\n"
	b.SetBytes(int64(len(mail)))
	b.ReportAllocs()
	for b.Loop() {
		if m := Parse(strings.NewReader(mail), int64(len(mail)), Options{}); len(m.Attachments) != 1 {
			b.Fatal(m.Attachments)
		}
	}
}
