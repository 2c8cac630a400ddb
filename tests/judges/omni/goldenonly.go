package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed golden-only.txt
var goldenOnlyText string

// goldenOnly is a template field that is newer than the linked client.
type goldenOnly struct {
	kind  string
	path  []string
	empty bool // only an empty list there
	since string
}

// strippedField says where a field was taken out.
type strippedField struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Path  string `json:"path"`
	Since string `json:"since"`
}

func goldenOnlyFields(text string) ([]goldenOnly, error) {
	var all []goldenOnly

	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}

		fields := strings.Fields(line)
		if len(fields) != 3 {
			return nil, fmt.Errorf("golden-only.txt:%d: expected a kind, a path and a release", n)
		}

		path, empty := strings.CutSuffix(fields[1], "=[]")
		all = append(all, goldenOnly{kind: fields[0], path: strings.Split(path, "."), empty: empty, since: fields[2]})
	}

	return all, lines.Err()
}

// strip takes the golden-only fields out of a template. A text without any, or one that is no YAML, stays as it is.
func strip(text []byte) ([]byte, []strippedField, error) {
	fields, err := goldenOnlyFields(goldenOnlyText)
	if err != nil {
		return nil, nil, err
	}

	var (
		docs     []*yaml.Node
		stripped = []strippedField{}
		dec      = yaml.NewDecoder(bytes.NewReader(text))
	)

	for {
		var doc yaml.Node

		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}

		if err != nil {
			return text, stripped, nil // the client says what is wrong with it
		}

		docs = append(docs, &doc)

		if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
			root := doc.Content[0]
			kind, name := scalarAt(root, "kind"), scalarAt(root, "name")

			for _, f := range fields {
				if (f.kind == "*" || f.kind == kind) && remove(root, f.path, f.empty) {
					stripped = append(stripped, strippedField{Kind: kind, Name: name, Path: strings.Join(f.path, "."), Since: f.since})
				}
			}
		}
	}

	if len(stripped) == 0 {
		return text, stripped, nil
	}

	var out bytes.Buffer

	enc := yaml.NewEncoder(&out)
	for _, doc := range docs {
		if err := enc.Encode(doc); err != nil {
			return nil, nil, err
		}
	}

	return out.Bytes(), stripped, enc.Close()
}

func remove(node *yaml.Node, path []string, empty bool) bool {
	if node.Kind != yaml.MappingNode {
		return false
	}

	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value != path[0] {
			continue
		}

		value := node.Content[i+1]

		if len(path) > 1 {
			return remove(value, path[1:], empty)
		}

		if empty && (value.Kind != yaml.SequenceNode || len(value.Content) > 0) {
			return false
		}

		node.Content = append(node.Content[:i], node.Content[i+2:]...)

		return true
	}

	return false
}

func scalarAt(node *yaml.Node, key string) string {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1].Value
		}
	}

	return ""
}
