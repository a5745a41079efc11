package plaintext

import "strings"

// Flowed undoes format=flowed (RFC 3676, section 4): lines that end in a space
// are joined with the next line of the same quotation depth, space-stuffing is
// removed, and the signature separator stays. delSp is the parameter DelSp.
func Flowed(text string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	open, openDepth := false, 0 // a paragraph is waiting for its next line
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		line = strings.TrimSuffix(line, "\r")
		depth := len(line) - len(strings.TrimLeft(line, ">"))
		line = strings.TrimPrefix(line[depth:], " ")
		separator := line == "-- "
		if open && (depth != openDepth || separator) {
			out.WriteByte('\n')
			open = false
		}
		if !open && depth > 0 {
			out.WriteString(quoteMark(depth))
		}
		if open = strings.HasSuffix(line, " ") && !separator; open {
			openDepth = depth
			if delSp {
				line = line[:len(line)-1]
			}
			out.WriteString(line)
			continue
		}
		out.WriteString(line)
		out.WriteByte('\n')
	}
	if open {
		out.WriteByte('\n')
	}
	return out.String()
}
