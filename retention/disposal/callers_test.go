package disposal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// deleting are the methods by which a store loses what it keeps.
var deleting = []string{"DeleteVersion", "DeleteGoverned", "RemoveObject", "RemoveObjects", "RemoveObjectsWithResult", "RemoveObjectsWithIter", "RemoveBucket", "RemoveBucketWithOptions"}

// TestOneFunctionDeletes reads all of the program and names whoever calls a
// method that deletes from a store. There is Destroy, which deletes records;
// there are the probe's own two clean-ups, which name their keys themselves;
// there is the S3 store's implementation; and a founding that was broken off is
// cleared away only where there is no record. Nobody else.
func TestOneFunctionDeletes(t *testing.T) {
	want := map[string]string{
		"retention/disposal/execute.go Destroy":             "records, and former versions of the journal's batches",
		"archive/brokenoff.go BeginAgain":                   "keys of no archive; refuses where there is a record",
		"archive/store/probe.go purge":                      "store.ProbeKey",
		"archive/store/s3/inspect.go (*Store).purge":        "keys that begin with store.ProbeKey",
		"archive/store/s3/delete.go (*Store).deleteVersion": "is the implementation",
	}
	var got []string
	calls(t, func(_, name string) bool { return slices.Contains(deleting, name) }, func(where string) { got = append(got, where) })
	slices.Sort(got)
	got = slices.Compact(got)
	if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("who deletes from a store:\n%s\nwho may:\n%s", strings.Join(got, "\n"), strings.Join(slices.Sorted(maps.Keys(want)), "\n"))
	}
}

// TestOnlyExecuteDestroys: Destroy deletes what it is told to; what that is has
// to come of a grant.
func TestOnlyExecuteDestroys(t *testing.T) {
	var got []string
	calls(t, func(of, name string) bool { return name == "Destroy" && (of == "" || of == "disposal") }, func(where string) { got = append(got, where) })
	if len(got) != 1 || got[0] != "retention/disposal/execute.go Execute" {
		t.Errorf("who destroys: %v", got)
	}
}

// calls yields the functions of the program, tests and what only tests use
// apart, in which something of a wanted name is called or taken as a value.
func calls(t *testing.T, wanted func(of, name string) bool, yield func(where string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := token.NewFileSet()
	read := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "storetest") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		read++
		short, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				of, name := "", ""
				switch n := n.(type) {
				case *ast.SelectorExpr:
					of, name = "value", n.Sel.Name
					if id, ok := n.X.(*ast.Ident); ok {
						of = id.Name
					}
				case *ast.CallExpr:
					if id, ok := n.Fun.(*ast.Ident); ok {
						name = id.Name
					}
				}
				if wanted(of, name) {
					yield(filepath.ToSlash(short) + " " + funcName(fn))
				}
				return true
			})
		}
		return nil
	})
	if err != nil || read < 300 {
		t.Fatalf("%d files were read: %v", read, err)
	}
}

func funcName(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return fn.Name.Name
	}
	recv := fn.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		if id, ok := star.X.(*ast.Ident); ok {
			return "(*" + id.Name + ")." + fn.Name.Name
		}
	}
	if id, ok := recv.(*ast.Ident); ok {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}
