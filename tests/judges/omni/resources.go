package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/protobuf"
	"github.com/siderolabs/omni/client/pkg/cosi/labels"
	"github.com/siderolabs/omni/client/pkg/omni/resources/omni"
	_ "github.com/siderolabs/omni/client/pkg/omni/resources/registry" // what the names of types stand for
	"go.yaml.in/yaml/v4"

	"talosc.dev/judges/minor/lines"
)

// jsonResource is a resource of Omni.
type jsonResource struct {
	Namespace   string            `json:"namespace"`
	Type        string            `json:"type"`
	ID          string            `json:"id"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	// Spec is as Omni shows it, with every field.
	Spec any `json:"spec"`
}

// lostPath is something that was written and that Omni does not have after reading it.
type lostPath struct {
	// Document counts from 1.
	Document int    `json:"document"`
	ID       string `json:"id"`
	Line     int    `json:"line"`
	Path     string `json:"path"`
	// What is "lost", "changed" or "repeated".
	What string `json:"what"`
	// Written and Kept are the two values, of a changed one.
	Written string `json:"written,omitempty"`
	Kept    string `json:"kept,omitempty"`
}

func (l lostPath) String() string {
	if l.What == changed {
		return fmt.Sprintf("%s: %s: changed from %s to %s", l.ID, l.Path, l.Written, l.Kept)
	}

	return fmt.Sprintf("%s: %s: %s", l.ID, l.Path, l.What)
}

const (
	lost     = "lost"
	changed  = "changed"
	repeated = "repeated"
)

// resourcesAnswer is what `omnictl apply` would send. OK means that all of it was read, and nothing was lost.
type resourcesAnswer struct {
	OK        bool           `json:"ok"`
	Errors    []string       `json:"errors"`
	Resources []jsonResource `json:"resources"`
	Lost      []lostPath     `json:"lost"`
}

func readResources(s source) (any, error) {
	o, err := s.open()
	if err != nil {
		return nil, err
	}
	defer o.close()

	answer := resourcesAnswer{Errors: []string{}, Resources: []jsonResource{}, Lost: []lostPath{}}

	all, lostPaths, err := decodeResources(o.text)
	answer.Errors = append(answer.Errors, o.messages(err)...)
	answer.Lost = append(answer.Lost, lostPaths...)

	for _, r := range all {
		answer.Errors = append(answer.Errors, serverChecks(r)...)

		shown, err := show(r)
		if err != nil {
			return nil, err
		}

		answer.Resources = append(answer.Resources, shown)
	}

	answer.OK = len(answer.Errors)+len(answer.Lost) == 0

	return answer, nil
}

// decodeResources reads a file as `omnictl apply` does, up to its first error, and compares what was read with what was written.
func decodeResources(text []byte) (all []resource.Resource, lostPaths []lostPath, err error) {
	dec, again := yaml.NewDecoder(bytes.NewReader(text)), yaml.NewDecoder(bytes.NewReader(text))

	for n := 1; ; n++ {
		var (
			res     protobuf.YAMLResource
			written yaml.Node
		)

		err := dec.Decode(&res)
		if errors.Is(err, io.EOF) {
			if n == 1 {
				return nil, nil, errors.New("no resource")
			}

			return all, lostPaths, nil
		}

		if err != nil {
			return all, lostPaths, fmt.Errorf("document %d: %w", n, err)
		}

		if err := again.Decode(&written); err != nil {
			return all, lostPaths, fmt.Errorf("document %d: %w", n, err)
		}

		if res.Resource() == nil {
			return all, lostPaths, fmt.Errorf("document %d: no resource", n)
		}

		kept, err := node(res.Resource())
		if err != nil {
			return all, lostPaths, err
		}

		for _, l := range compare("", written.Content[0], kept, false) {
			l.Document, l.ID = n, res.Resource().Metadata().ID()
			lostPaths = append(lostPaths, l)
		}

		all = append(all, res.Resource())
	}
}

// serverChecks are those of the server's own checks that the client's packages hold.
func serverChecks(r resource.Resource) []string {
	var err error

	switch r := r.(type) {
	case *omni.MachineClass:
		_, err = labels.ParseSelectors(r.TypedSpec().Value.MatchLabels)
	case *omni.ConfigPatch:
		data, uncompress := r.TypedSpec().Value.GetUncompressedData()
		if err = uncompress; err == nil {
			defer data.Free()

			err = omni.ValidateConfigPatch(data.Data())
		}
	}

	all := lines.Messages(err)
	for i := range all {
		all[i] = r.Metadata().ID() + ": " + all[i]
	}

	return all
}

// node is a resource as Omni writes it.
func node(r resource.Resource) (*yaml.Node, error) {
	out, err := resource.MarshalYAML(r)
	if err != nil {
		return nil, err
	}

	raw, err := yaml.Marshal(out)
	if err != nil {
		return nil, err
	}

	var doc yaml.Node

	if err = yaml.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}

	return doc.Content[0], nil
}

func show(r resource.Resource) (jsonResource, error) {
	root, err := node(r)
	if err != nil {
		return jsonResource{}, err
	}

	var spec any

	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value == "spec" {
			if err := root.Content[i+1].Decode(&spec); err != nil {
				return jsonResource{}, err
			}
		}
	}

	md := r.Metadata()

	return jsonResource{
		Namespace:   md.Namespace(),
		Type:        md.Type(),
		ID:          md.ID(),
		Labels:      nonNil(md.Labels().Raw()),
		Annotations: nonNil(md.Annotations().Raw()),
		Spec:        tagged(spec),
	}, nil
}

func nonNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}

	return m
}

// compare lists what is in one tree and not in the other, in the order in which it was written.
//
// In metadata every scalar is a text to Omni, whether it is quoted or not; elsewhere its type counts.
func compare(path string, written, kept *yaml.Node, metadata bool) []lostPath {
	written, kept = target(written), target(kept)
	at := lostPath{Path: path, Line: written.Line, What: changed, Written: describe(written), Kept: describe(kept)}

	switch {
	case metadata && written.Kind == yaml.ScalarNode && kept.Kind == yaml.ScalarNode:
		if written.Value != kept.Value {
			return []lostPath{at}
		}

		return nil
	case nothing(written) && nothing(kept):
		return nil
	case written.Kind != kept.Kind:
		return []lostPath{at}
	case written.Kind == yaml.ScalarNode:
		if !sameScalar(written, kept) {
			return []lostPath{at}
		}

		return nil
	case written.Kind == yaml.SequenceNode:
		if len(written.Content) != len(kept.Content) {
			return []lostPath{at}
		}

		var all []lostPath
		for i := range written.Content {
			all = append(all, compare(fmt.Sprintf("%s[%d]", path, i), written.Content[i], kept.Content[i], metadata)...)
		}

		return all
	}

	var (
		all  []lostPath
		seen []string
	)

	for i := 0; i+1 < len(written.Content); i += 2 {
		key := target(written.Content[i]).Value

		below := key
		if path != "" {
			below = path + "." + key
		}

		if slices.Contains(seen, key) {
			all = append(all, lostPath{Path: below, Line: written.Content[i].Line, What: repeated})

			continue
		}

		seen = append(seen, key)

		if value := valueOf(kept, key); value != nil {
			all = append(all, compare(below, written.Content[i+1], value, metadata || path == "" && key == "metadata")...)
		} else {
			all = append(all, lostPath{Path: below, Line: written.Content[i].Line, What: lost})
		}
	}

	return all
}

// sameScalar compares values, not spellings: 0x10 is 16, but "16" is not.
func sameScalar(a, b *yaml.Node) bool {
	var x, y any

	if a.Decode(&x) != nil || b.Decode(&y) != nil {
		return a.Value == b.Value
	}

	return fmt.Sprintf("%T %v", x, x) == fmt.Sprintf("%T %v", y, y)
}

// nothing means null, or an empty list or mapping: Omni does not tell them apart.
func nothing(n *yaml.Node) bool {
	return n.ShortTag() == "!!null" || n.Kind != yaml.ScalarNode && len(n.Content) == 0
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}

	return n
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}

	return nil
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return fmt.Sprintf("a list of %d", len(n.Content))
	default:
		return fmt.Sprintf("%s %q", n.ShortTag()[2:], n.Value)
	}
}
