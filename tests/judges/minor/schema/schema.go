// Package schema lists every field of the configuration that the linked Talos machinery reads, by reflection.
//
// It compiles against every minor that the judges are built for. What Talos keeps in comments alone (what is deprecated, and
// the values of enums that are texts) is read from the sources of that machinery; see sources.go.
package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	_ "unsafe" // for the registry of kinds, which no package outside of the machinery may import

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configloader" // registers every kind
)

// registry is that of pkg/machinery/config/internal/registry, with the beginning of its fields: its maps are the same in
// every minor.
type registry struct {
	lock       sync.Mutex
	registered map[string]func(version string) config.Document
}

//go:linkname kinds github.com/siderolabs/talos/pkg/machinery/config/internal/registry.registry
var kinds *registry

// legacy is the kind under which the document without a kind is registered.
const legacy = "v1alpha1"

// Field is one line of the table.
type Field struct {
	// Document is the kind, empty for the document that has none.
	Document string `json:"document"`
	// Path leads from the document to the field: names, "[]" for an element of a list and "*" for a key of a map.
	Path string `json:"path"`
	// Type is what it holds, in the words of words.go.
	Type string `json:"type"`
	// Merge is what becomes of two values, in the words of merge.go; empty for the usual way.
	Merge string `json:"merge,omitempty"`
	// Secret says that Talos takes the value away when it shows a configuration.
	Secret bool `json:"secret,omitempty"`
	// Deprecated says that a comment of Talos says so.
	Deprecated bool `json:"deprecated,omitempty"`
	// Instead are the kinds of documents that the comment offers, some of which never came to be.
	Instead []string `json:"instead,omitempty"`
}

// Fields lists the fields of every document, in the order of the kinds and of the types; sources is the directory of the
// machinery module.
func Fields(sources string) ([]Field, error) {
	comments, err := readComments(sources)
	if err != nil {
		return nil, err
	}

	names := make([]string, 0, len(kinds.registered))
	for name := range kinds.registered {
		names = append(names, name)
	}

	slices.Sort(names)

	var all []Field

	for _, name := range names {
		document := kinds.registered[name]("v1alpha1")
		walk := walker{comments: comments, secret: secrets(document)}

		if name != legacy {
			walk.document = name
		}

		if err := walk.block(reflect.TypeOf(document).Elem(), ""); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}

		all = append(all, walk.fields...)
	}

	return all, nil
}

type walker struct {
	comments comments
	secret   map[string]bool
	document string
	fields   []Field
}

// block lists the fields of a struct.
func (w *walker) block(t reflect.Type, path string) error {
	if names := blocks[nameOf(t)]; names != nil {
		for _, name := range names {
			inner := join(path, name)
			w.fields = append(w.fields, Field{Document: w.document, Path: inner, Type: "bytes", Secret: w.secret[inner]})
		}

		return nil
	}

	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")

		if !field.IsExported() || name == "-" {
			continue
		}

		if name == "" && (field.Anonymous || strings.Contains(options, "inline")) {
			if nameOf(field.Type) == "meta.Meta" {
				continue
			}

			if err := w.block(deref(field.Type), path); err != nil {
				return err
			}

			continue
		}

		if name == "" {
			name = strings.ToLower(field.Name)
		}

		if err := w.field(t, field, join(path, name)); err != nil {
			return err
		}
	}

	return nil
}

func (w *walker) field(owner reflect.Type, field reflect.StructField, path string) error {
	comment := w.comments.fields[nameOf(owner)+"."+field.Name]

	shape, inner, err := shapeOf(field.Type, path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}

	if comment.values != nil && shape.word == "string" && !strings.Contains(shape.prefix, "map") {
		shape.word = "word " + strings.Join(comment.values, "|")
	}

	merge, err := mergeOf(field)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}

	w.fields = append(w.fields, Field{
		Document:   w.document,
		Path:       path,
		Type:       shape.prefix + shape.word,
		Merge:      merge,
		Secret:     w.secret[path],
		Deprecated: comment.deprecated,
		Instead:    comment.instead,
	})

	if inner == nil {
		return nil
	}

	return w.block(inner, path+shape.steps)
}

func join(path, name string) string {
	if path == "" {
		return name
	}

	return path + "." + name
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}

	return t
}

// nameOf is the name of a type with its package.
func nameOf(t reflect.Type) string {
	return deref(t).String()
}
