// Package strictyaml decodes the files that people write for closeroll: the
// configuration, retention schedules, rules of law. It reports every fault in
// a file at once, each with its key path and line, and it accepts less YAML
// than YAML is: no anchors, aliases, tags, merge keys or second documents, no
// key twice, no key that the Go struct does not name, no key without a value.
//
// Values are decoded into exported struct fields by their yaml tags. A type
// that implements [encoding.TextUnmarshaler] reads its own scalars (and, if it
// is a struct, a mapping is still decoded by field). Scalars keep their
// spelling: 2026.10 in a string field stays "2026.10".
package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on a file. They are far above any real one and keep a hostile one
// from exhausting memory or stack.
const (
	MaxSize  = 1 << 20 // bytes
	maxDepth = 32      // levels of nesting
)

// A List is one or more strings; a file may give a single one without
// brackets.
type List []string

// Decode reads data into the struct that into points to. Fields that the file
// does not name keep their values, so defaults are set beforehand. The report
// holds what was wrong; the caller adds what its own validation finds.
func Decode(data []byte, into any) *Report {
	r := &Report{lines: make(map[string]int)}
	root, fault := parse(data)
	if fault != nil {
		r.faults, r.unread = append(r.faults, *fault), true
		return r
	}
	r.value("", root, reflect.ValueOf(into).Elem(), 0)
	return r
}

// parse returns the root of the only document.
func parse(data []byte) (root ast.Node, fault *Fault) {
	if fault := tooMuch(data); fault != nil {
		return nil, fault
	}
	defer func() {
		if p := recover(); p != nil { // the parser is not ours, and the file is not trusted
			root, fault = nil, &Fault{Text: "cannot be read as YAML"}
		}
	}()
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	switch {
	case err != nil:
		return nil, syntaxFault(err)
	case len(file.Docs) > 1:
		return nil, &Fault{Text: "holds more than one document (---)"}
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return nil, &Fault{Text: "is empty"}
	}
	return file.Docs[0].Body, nil
}

// syntaxFault makes the parser's complaint a fault: its first line, without
// the excerpt, which might show a secret.
func syntaxFault(err error) *Fault {
	f := &Fault{Text: "is not YAML"}
	first, _, _ := strings.Cut(err.Error(), "\n")
	place, text, ok := strings.Cut(first, "] ")
	if !ok {
		return f
	}
	line, _, _ := strings.Cut(strings.TrimPrefix(place, "["), ":")
	f.Line, _ = strconv.Atoi(line)
	if !strings.ContainsAny(text, `"'`) {
		f.Text += ": " + text
	}
	return f
}

// tooMuch refuses what would make a recursive parser run deep.
func tooMuch(data []byte) *Fault {
	if len(data) > MaxSize {
		return &Fault{Text: fmt.Sprintf("is larger than %d bytes", MaxSize)}
	}
	open, line := 0, 1
	lead := 0 // length of the run of indicators and blanks that begins the line
	leading := true
	for _, b := range data {
		switch b {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '\n':
			line, lead, leading = line+1, 0, true
			continue
		}
		if leading = leading && strings.IndexByte(" -?:\t", b) >= 0; leading {
			lead++
		}
		if open > 2*maxDepth || lead > 8*maxDepth {
			return &Fault{Line: line, Text: "is nested too deeply"}
		}
	}
	return nil
}

func (r *Report) value(path string, n ast.Node, v reflect.Value, depth int) {
	if path != "" {
		r.lines[path] = lineOf(n)
	}
	if depth > maxDepth {
		r.Add(path, "is nested too deeply")
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		r.mapping(path, n.Values, v, depth)
	case *ast.MappingValueNode:
		r.mapping(path, []*ast.MappingValueNode{n}, v, depth)
	case *ast.SequenceNode:
		r.sequence(path, n, v, depth)
	case *ast.NullNode:
		r.Add(path, "has no value")
	case *ast.StringNode:
		r.scalar(path, n.Value, n, v)
	case *ast.LiteralNode:
		r.scalar(path, n.Value.Value, n, v)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		r.scalar(path, n.GetToken().Value, n, v)
	default:
		r.Add(path, "anchors, aliases, tags and merge keys are not used here")
	}
}

func lineOf(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key // a flow or block mapping's own token may be its first colon
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

func (r *Report) mapping(path string, pairs []*ast.MappingValueNode, v reflect.Value, depth int) {
	fields := make(map[string]reflect.Value)
	var known []string
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("yaml"); name != "" && name != "-" {
				fields[name] = v.Field(i)
				known = append(known, name)
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	default:
		r.Add(path, "has keys, but %s is wanted", wanted(v))
		return
	}
	seen := make(map[string]bool)
	for _, pair := range pairs {
		key := keyOf(pair)
		at := join(path, key)
		r.lines[at] = lineOf(pair.Key)
		if seen[key] {
			r.Add(at, "is given twice")
			continue
		}
		seen[key] = true
		if v.Kind() == reflect.Map {
			item := reflect.New(v.Type().Elem()).Elem()
			r.value(at, pair.Value, item, depth+1)
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), item)
		} else if field, ok := fields[key]; ok {
			r.value(at, pair.Value, field, depth+1)
		} else {
			r.unknown(at, key, known)
		}
		r.lines[at] = lineOf(pair.Key)
	}
}

func (r *Report) unknown(at, key string, known []string) {
	near := Nearest(key, known)
	for _, k := range known {
		if strings.HasPrefix(k, key+"_") { // password, where password_file is meant
			near = k
		}
	}
	if near != "" {
		r.Add(at, "there is no such key; did you mean %s?", near)
		return
	}
	r.Add(at, "there is no such key; known here: %s", strings.Join(known, ", "))
}

func keyOf(pair *ast.MappingValueNode) string {
	if s, ok := pair.Key.(*ast.StringNode); ok {
		return s.Value
	}
	if t := pair.Key.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (r *Report) sequence(path string, n *ast.SequenceNode, v reflect.Value, depth int) {
	if v.Kind() != reflect.Slice {
		r.Add(path, "is a list, but %s is wanted", wanted(v))
		return
	}
	if len(n.Values) == 0 {
		r.Add(path, "is an empty list: leave the key out instead")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Values), len(n.Values)))
	for i, item := range n.Values {
		r.value(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i), depth+1)
	}
}

func (r *Report) scalar(path, s string, n ast.Node, v reflect.Value) {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(s)); err != nil {
			r.Add(path, "%v", err)
		}
		return
	}
	if d, ok := v.Addr().Interface().(*time.Duration); ok {
		var err error
		if *d, err = time.ParseDuration(s); err != nil {
			r.Add(path, "%q is not a duration: write it as 90s, 15m or 24h", s)
		}
		return
	}
	if list, ok := v.Addr().Interface().(*List); ok {
		*list = List{s}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if n.GetToken().Type != token.BoolType {
			r.Add(path, "%q is neither true nor false", s)
		}
		v.SetBool(strings.EqualFold(s, "true"))
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			r.Add(path, "%q is not a whole number", s)
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			r.Add(path, "%q is not a number", s)
		}
		v.SetFloat(f)
	default:
		r.Add(path, "is a single value, but %s is wanted", wanted(v))
	}
}

func wanted(v reflect.Value) string {
	if _, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && v.Kind() != reflect.Struct {
		return "a single value"
	}
	switch v.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Map:
		return "a mapping"
	case reflect.Struct:
		return "a mapping of its keys"
	}
	return "a single value"
}
