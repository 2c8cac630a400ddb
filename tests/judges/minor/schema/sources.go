package schema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

// comment is what Talos says of a field in a comment alone.
type comment struct {
	deprecated bool
	instead    []string
	// values are those of a text that is an enum.
	values []string
}

type comments struct {
	fields map[string]comment
}

// kind is a name that a comment offers; quotes are not always around it.
var kind = regexp.MustCompile(`\b[A-Z][A-Za-z0-9]+Config\b`)

// readComments reads the comments of every field of every struct below config/types, by package, type and field.
func readComments(sources string) (comments, error) {
	out := comments{fields: map[string]comment{}}

	err := filepath.WalkDir(filepath.Join(sources, "config", "types"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}

		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}

		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}

		out.add(file)

		return nil
	})

	return out, err
}

func (c comments) add(file *ast.File) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}

		for _, spec := range general.Specs {
			named, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}

			block, ok := named.Type.(*ast.StructType)
			if !ok {
				continue
			}

			for _, field := range block.Fields.List {
				for _, name := range field.Names {
					c.fields[file.Name.Name+"."+named.Name.Name+"."+name.Name] = read(field.Doc.Text())
				}
			}
		}
	}
}

// read reads one comment: a paragraph "Deprecated: …", and the lists of the generator of Talos's documentation.
func read(text string) comment {
	var out comment

	if _, after, found := strings.Cut(text, "Deprecated:"); found {
		out.deprecated = true
		after, _, _ = strings.Cut(after, "\n\n")

		out.instead = kind.FindAllString(after, -1)
	}

	inValues := false

	for _, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)

		switch value, isItem := strings.CutPrefix(trimmed, "- "); {
		case trimmed == "values:":
			inValues = true
		case inValues && isItem:
			out.values = append(out.values, strings.Trim(value, "\"' "))
		case trimmed != "":
			inValues = false
		}
	}

	return out
}
