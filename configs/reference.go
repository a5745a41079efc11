package configs

import (
	"fmt"
	"io"
	"reflect"
)

// Reference writes every key of the configuration with its meaning and, in
// parentheses, its default, in the order of the file.
func Reference(w io.Writer) error {
	return describe(w, reflect.TypeFor[Config](), "")
}

func describe(w io.Writer, t reflect.Type, indent string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || key == "-" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-32s %s\n", indent+key+":", f.Tag.Get("doc")); err != nil {
			return err
		}
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && hasKeys(inner) {
			if err := describe(w, inner, indent+"  "); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasKeys reports whether the struct is a mapping rather than a value that
// reads its own text.
func hasKeys(t reflect.Type) bool {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") != "" {
			return true
		}
	}
	return false
}
