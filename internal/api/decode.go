package api

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

func usage(format string, args ...any) error {
	return &Error{Code: CodeUsage, Message: fmt.Sprintf(format, args...)}
}

// decode fills req, a pointer to a struct, from the request, and reads its body
// to the end. Errors are of type *Error.
func (s *Server) decode(w http.ResponseWriter, r *http.Request, req any) error {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(s.opts.Time)); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, s.opts.Body)
	v := reflect.ValueOf(req).Elem()
	var err error
	if inQuery(r.Method) {
		err = decodeQuery(r, v)
	} else {
		err = decodeBody(r, req)
	}
	if err != nil {
		return err
	}
	if err := decodePath(r, v); err != nil {
		return err
	}
	return control.SetReadDeadline(time.Time{}) // from here on it is only watched for its end
}

// decodePath fills v from the pattern's wildcards.
func decodePath(r *http.Request, v reflect.Value) error {
	for _, f := range fields(v.Type()) {
		if f.path == "" {
			continue
		}
		if err := set(v.FieldByIndex(f.index), []string{r.PathValue(f.path)}); err != nil {
			return usage("%s: %v", f.path, err)
		}
	}
	return nil
}

// inQuery reports whether requests of this method are in the query.
func inQuery(method string) bool {
	return method == http.MethodGet || method == http.MethodDelete
}

// decodeBody decodes exactly one JSON value without unknown names.
func decodeBody(r *http.Request, req any) error {
	if r.URL.RawQuery != "" {
		return usage("this call takes its parameters in the body, not in the query")
	}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		return usage("the request is not application/json")
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(req)
	if err == nil {
		_, err = d.Token()
		if err == nil {
			err = errors.New("there is more than one JSON value")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return &Error{Code: CodeTooLarge, Message: fmt.Sprintf("the request has more than %d octets", large.Limit)}
	}
	return usage("the request is not as it should be: %v", err)
}

// decodeQuery decodes the query's parameters. A body is refused.
func decodeQuery(r *http.Request, v reflect.Value) error {
	if n, _ := r.Body.Read(make([]byte, 1)); n > 0 {
		return usage("this call takes no body")
	}
	return decodeParameters(r, v)
}

// decodeParameters fills v from the query's parameters.
func decodeParameters(r *http.Request, v reflect.Value) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return usage("the query cannot be read: %v", err)
	}
	all := fields(v.Type())
	for name, given := range values {
		i := slices.IndexFunc(all, func(f field) bool { return f.query == name })
		if i < 0 {
			return usage("there is no parameter %q", name)
		}
		if err := set(v.FieldByIndex(all[i].index), given); err != nil {
			return usage("%s: %v", name, err)
		}
	}
	return nil
}

// A field of a request that comes from the path or the query.
type field struct {
	index       []int
	path, query string
	kind        reflect.Type
}

// fields lists the fields of a request type, those of embedded structs too.
func fields(t reflect.Type) (all []field) {
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		one := field{index: f.Index, path: f.Tag.Get("path"), query: name, kind: f.Type}
		if one.path != "" || name == "-" {
			one.query = ""
		}
		all = append(all, one)
	}
	return all
}

// set decodes text into v. The error is for the caller's eyes.
func set(v reflect.Value, text []string) error {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String {
		list := reflect.MakeSlice(v.Type(), len(text), len(text))
		for i := range text {
			list.Index(i).SetString(text[i])
		}
		v.Set(list)
		return nil
	}
	if len(text) != 1 {
		return errors.New("given more than once")
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text[0]))
	}
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text[0])
	case v.CanInt():
		n, err := strconv.ParseInt(text[0], 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a number in range", text[0])
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(text[0], 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a number in range", text[0])
		}
		v.SetUint(n)
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text[0])
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text[0])
		}
		v.SetBool(b)
	default:
		return fmt.Errorf("cannot be given as text")
	}
	return nil
}

// checkRequest finds out when a route is registered what would otherwise only
// show when it is called.
func (t Route) checkRequest() error {
	if t.request.Kind() != reflect.Struct {
		return fmt.Errorf("request %v is not a struct", t.request)
	}
	var fromPath []string
	for _, f := range fields(t.request) {
		if f.path != "" {
			fromPath = append(fromPath, f.path)
		}
		if (f.path != "" || f.query != "" && inQuery(t.method)) && !fromText(f.kind) {
			return fmt.Errorf("field %s%s of %v cannot be given as text", f.path, f.query, t.request)
		}
	}
	for part := range strings.SplitSeq(t.path, "{") {
		name, _, is := strings.Cut(part, "}")
		if !is {
			continue
		}
		i := slices.Index(fromPath, strings.TrimSuffix(name, "..."))
		if i < 0 {
			return fmt.Errorf("request %v has no field for {%s}", t.request, name)
		}
		fromPath = slices.Delete(fromPath, i, i+1)
	}
	if len(fromPath) > 0 {
		return fmt.Errorf("the path has no {%s}", fromPath[0])
	}
	return nil
}

func fromText(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	}
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String
}
