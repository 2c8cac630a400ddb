package schema_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"talosc.dev/judges/minor/schema"
)

// fields are those of the linked machinery, by document and path.
func fields(t *testing.T) map[string]schema.Field {
	t.Helper()

	// The sources of the oldest minor: nothing below looks at what comments alone say.
	out, err := exec.Command("go", "list", "-m", "-modfile", filepath.Join("..", "go.mod"), "-f", "{{.Dir}}",
		"github.com/siderolabs/talos/pkg/machinery").Output()
	if err != nil {
		t.Fatal(err)
	}

	all, err := schema.Fields(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}

	byPlace := map[string]schema.Field{}
	for _, field := range all {
		byPlace[field.Document+": "+field.Path] = field
	}

	if len(byPlace) != len(all) {
		t.Errorf("%d fields have %d places", len(all), len(byPlace))
	}

	return byPlace
}

func TestFieldsSayWhatTalosDoes(t *testing.T) {
	all := fields(t)

	for place, want := range map[string]schema.Field{
		": machine.token":                          {Type: "string", Merge: "nonzero", Secret: true},
		": machine.ca.key":                         {Type: "bytes", Secret: true},
		": machine.ca.crt":                         {Type: "bytes"},
		": machine.network.interfaces[].vlans":     {Type: "list of block", Merge: "keyed vlanId"},
		": cluster.network.podSubnets":             {Type: "list of string", Merge: "replace"},
		": machine.registries.mirrors":             {Type: "map of block"},
		": machine.registries.mirrors.*.endpoints": {Type: "list of string"},
		"NetworkDefaultActionConfig: ingress":      {Type: "enum accept|block", Merge: "nonzero"},
	} {
		field, ok := all[place]
		if !ok || field.Type != want.Type || field.Merge != want.Merge || field.Secret != want.Secret {
			t.Errorf("%s: expected %+v, got %+v", place, want, field)
		}
	}
}

func TestWithoutSourcesNothingIsKnown(t *testing.T) {
	if _, err := schema.Fields(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("expected an error")
	}
}
