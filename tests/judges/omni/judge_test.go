package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"talosc.dev/judges/minor/lines"
)

// ask goes through the protocol, so that the names of fields are tested too.
func ask[A any](t *testing.T, do string, request map[string]any) A {
	t.Helper()

	request["do"] = do

	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}

	answer := lines.Answer(line, handlers())
	if fault, ok := answer.(lines.Fault); ok {
		t.Fatalf("fault: %s", fault.Fault)
	}

	typed, ok := answer.(A)
	if !ok {
		t.Fatalf("unexpected answer %T", answer)
	}

	return typed
}

// fault asks what cannot be judged.
func fault(t *testing.T, do string, request map[string]any) string {
	t.Helper()

	request["do"] = do

	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}

	answer, ok := lines.Answer(line, handlers()).(lines.Fault)
	if !ok {
		t.Fatal("expected a fault")
	}

	return answer.Fault
}

func contains(t *testing.T, all []string, want string) {
	t.Helper()

	if !strings.Contains(strings.Join(all, "\n"), want) {
		t.Errorf("expected %q in %q", want, all)
	}
}

const (
	node1 = "4c4c4544-0039-3010-804a-b7c04f4d3233"
	node2 = "4c4c4544-0039-3010-804a-b7c04f4d3234"
)

// home makes one with a control plane of one machine and workers of a class; each argument replaces "old=>new".
func home(edits ...string) string {
	text := `kind: Cluster
name: home
kubernetes:
  version: v1.32.0
talos:
  version: v1.11.0
---
kind: ControlPlane
machines:
  - ` + node1 + `
---
kind: Workers
machineClass:
  name: worker
  size: 2
---
kind: Machine
name: ` + node1 + `
`

	for _, edit := range edits {
		before, after, _ := strings.Cut(edit, "=>")
		if strings.Count(text, before) != 1 {
			panic("edit must match once: " + before)
		}

		text = strings.Replace(text, before, after, 1)
	}

	return text
}

func TestTemplateIsAccepted(t *testing.T) {
	a := ask[templateAnswer](t, "validate", map[string]any{"text": home()})
	if !a.OK || len(a.Errors) > 0 || len(a.Resources) > 0 {
		t.Errorf("expected no error, got %+v", a)
	}
}

func TestTemplateIsRefused(t *testing.T) {
	for _, tt := range []struct{ edit, message string }{
		{"name: home\n=>nmae: home\n", "field nmae not found"},
		{"name: home\n=>name: home\nname: away\n", "already"},
		{"kind: ControlPlane=>kind: controlplane", "unknown model kind"},
		{"  size: 2=>  size: many", "many"},
		{"kind: Machine\n=>kind: Machine\npatches:\n  - inline: {machine: {}}\n", "either name or idOverride is required"},
		{"kind: Machine\n=>kind: Machine\npatches:\n  - {name: a, inline: {machine: {token: x}}}\n", `overriding "machine.token" is not allowed`},
		{"kind: Machine\n=>kind: Machine\npatches:\n  - file: absent.yaml\n", "absent.yaml"},
	} {
		a := ask[templateAnswer](t, "validate", map[string]any{"text": home(tt.edit)})
		if a.OK {
			t.Errorf("%s: expected an error", tt.edit)
		}

		contains(t, a.Errors, tt.message)
	}
}

func TestFilesLieBesideTheTemplate(t *testing.T) {
	patched := func(path string) string {
		return home("kind: Machine\n=>kind: Machine\npatches:\n  - file: " + path + "\n")
	}
	files := map[string]string{"clusters/patches/a.yaml": "machine:\n  sysctls: {a: \"1\"}\n", "shared/b.yaml": "machine:\n  sysctls: {b: \"1\"}\n"}

	for _, tt := range []struct {
		path, allow string
		ok          bool
	}{
		{"patches/a.yaml", "", true},
		{"patches/b.yaml", "", false},
		{"../shared/b.yaml", "", false},
		{"../shared/b.yaml", "..", true},
	} {
		a := ask[templateAnswer](t, "validate", map[string]any{
			"name": "clusters/home.yaml", "text": patched(tt.path), "files": files, "allow": tt.allow,
		})
		if a.OK != tt.ok {
			t.Errorf("%s: expected ok to be %v, got %q", tt.path, tt.ok, a.Errors)
		}

		if strings.Contains(strings.Join(a.Errors, "\n"), os.TempDir()) {
			t.Errorf("expected no path of this machine, got %q", a.Errors)
		}
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "home.yaml"), []byte(patched("a.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}

	if a := ask[templateAnswer](t, "validate", map[string]any{"file": filepath.Join(dir, "home.yaml")}); a.OK {
		t.Error("expected an error: there is no a.yaml")
	}

	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("machine:\n  sysctls: {a: \"1\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	// With the option, the text that is judged is not the file on the disk any more, and its files are found all the same.
	for _, strip := range []bool{false, true} {
		a := ask[templateAnswer](t, "validate", map[string]any{"file": filepath.Join(dir, "home.yaml"), "strip": strip})
		if !a.OK {
			t.Errorf("expected the file beside the template to be found, got %q", a.Errors)
		}
	}

	if got := fault(t, "validate", map[string]any{"text": "", "name": "../home.yaml"}); !strings.Contains(got, "not a path below") {
		t.Error(got)
	}
}

func TestRenderedResources(t *testing.T) {
	a := ask[templateAnswer](t, "render", map[string]any{"text": home(
		"kind: Machine\n=>kind: Machine\ninstall: {disk: /dev/sda}\npatches:\n  - {name: a, labels: {x: y}, inline: {machine: {sysctls: {a: \"1\"}}}}\n",
	)})
	if !a.OK {
		t.Fatal(a.Errors)
	}

	ids := map[string]jsonResource{}
	for _, r := range a.Resources {
		ids[r.Type+" "+r.ID] = r
	}

	for _, id := range []string{
		"Clusters.omni.sidero.dev home", "MachineSets.omni.sidero.dev home-control-planes", "MachineSets.omni.sidero.dev home-workers",
		"MachineSetNodes.omni.sidero.dev " + node1, "ConfigPatches.omni.sidero.dev 000-cm-" + node1 + "-install-disk",
	} {
		if _, ok := ids[id]; !ok {
			t.Errorf("expected %s in %v", id, ids)
		}
	}

	patch := ids["ConfigPatches.omni.sidero.dev 400-cm-"+node1+"-a"]
	if patch.Labels["x"] != "y" || patch.Annotations["name"] != "a" || patch.Namespace != "default" {
		t.Errorf("unexpected metadata of the patch: %+v", patch)
	}

	spec, _ := patch.Spec.(map[string]any)
	if got := spec["data"]; got != "machine:\n    sysctls:\n        a: \"1\"\n" {
		t.Errorf("unexpected data of the patch: %s", got)
	}
}

func TestTranslationCanFailAfterValidation(t *testing.T) {
	text := home() + "---\nkind: Workers\nname: workers\n"

	if a := ask[templateAnswer](t, "validate", map[string]any{"text": text}); !a.OK {
		t.Errorf("expected that validation does not see it, got %q", a.Errors)
	}

	a := ask[templateAnswer](t, "render", map[string]any{"text": text})
	if a.OK {
		t.Error("expected an error")
	}

	contains(t, a.Errors, "duplicate")
}

func TestGoldenOnlyFieldsAreStripped(t *testing.T) {
	edits := []string{
		"  version: v1.32.0\n=>  version: v1.32.0\n  healthchecks:\n    - {name: a, job: {}}\n",
		"talos:\n=>features: {disablePublicDiscoveryService: true, enableNodeAuditSkip: true, enableWorkloadProxy: true}\ntalos:\n",
		"kind: Workers\n=>kind: Workers\nsystemExtensions: []\n",
		"kind: ControlPlane\n=>kind: ControlPlane\nsystemExtensions: [siderolabs/iscsi-tools]\n",
		"kind: Machine\n=>kind: Machine\ninstall: {diskSelector: disk.size > 10u}\n",
	}

	if a := ask[templateAnswer](t, "validate", map[string]any{"text": home(edits...)}); a.OK || len(a.Stripped) > 0 {
		t.Errorf("expected that the client refuses what is newer than it, got %+v", a)
	}

	a := ask[templateAnswer](t, "render", map[string]any{"text": home(edits...), "strip": true})
	if !a.OK {
		t.Errorf("expected no error in the rest, got %q", a.Errors)
	}

	var got []string
	for _, f := range a.Stripped {
		got = append(got, f.Kind+" "+f.Path+" "+f.Since)
	}

	fields, err := goldenOnlyFields(goldenOnlyText)
	if err != nil {
		t.Fatal(err)
	}

	// One of each, so that a field cannot be listed without being tried here.
	if len(got) != len(fields) {
		t.Errorf("expected %d fields, got %q", len(fields), got)
	}

	contains(t, got, "Workers systemExtensions 1.9.0")
	contains(t, got, "Machine install.diskSelector 1.11.0")

	// The rest is still there.
	rest := fmt.Sprint(a.Resources)
	for _, want := range []string{"enableworkloadproxy:true", "siderolabs/iscsi-tools"} {
		if !strings.Contains(rest, want) {
			t.Errorf("expected %s in %s", want, rest)
		}
	}

	// And the rest is still judged.
	broken := append(slices.Clone(edits), "name: home\n=>nmae: home\n")
	contains(t, ask[templateAnswer](t, "validate", map[string]any{"text": home(broken...), "strip": true}).Errors, "field nmae not found")
}

func TestNothingToStripLeavesTheTextAlone(t *testing.T) {
	text := []byte("# a comment\nkind:   Cluster\nsystemExtensions: [a]\n")

	got, stripped, err := strip(text)
	if err != nil || len(stripped) > 0 || string(got) != string(text) {
		t.Errorf("expected the text, got %q, %v, %v", got, stripped, err)
	}
}

const class = `metadata:
  namespace: default
  type: MachineClasses.omni.sidero.dev
  id: worker
spec:
  autoprovision:
    providerid: proxmox
    kernelargs: []
    grpctunnel: 0
    providerdata: |
      cores: 2
`

func lostPaths(a resourcesAnswer) []string {
	var all []string
	for _, l := range a.Lost {
		all = append(all, l.What+" "+l.Path)
	}

	return all
}

func TestResourcesSurvive(t *testing.T) {
	a := ask[resourcesAnswer](t, "resources", map[string]any{"text": class + "---\n" + class})
	if !a.OK || len(a.Resources) != 2 || a.Resources[1].ID != "worker" {
		t.Errorf("expected both classes, got %+v", a)
	}
}

func TestWhatVanishesIsReported(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"providerid", "providerID", "lost spec.autoprovision.providerID"},
		{"  autoprovision", "  autoProvision", "lost spec.autoProvision"},
		{"kernelargs: []", "kernelArgs: [a]", "lost spec.autoprovision.kernelArgs"},
		{"grpctunnel: 0", "grpctunnel: 0x1", ""},
		{"providerid: proxmox", "providerid: 12", "changed spec.autoprovision.providerid"},
		{"providerid: proxmox", "providerid: true", "changed spec.autoprovision.providerid"},
		{"  id: worker", "  id: worker\n  labels: {a: true}", ""},
		{"  id: worker", "  id: worker\n  labels: {a: \"true\"}", ""},
		{"  id: worker", "  id: worker\n  labels: {a: x, a: x}", "repeated metadata.labels.a"},
		{"  id: worker", "  id: worker\n  lables: {a: x}", "lost metadata.lables"},
		{"  id: worker", "  id: worker\n  labels: {a: x, a: y}", "changed metadata.labels.a|repeated metadata.labels.a"},
		{"  id: worker", "  id: 12", ""},
	} {
		a := ask[resourcesAnswer](t, "resources", map[string]any{"text": strings.Replace(class, tt.before, tt.after, 1)})
		if got := strings.Join(lostPaths(a), "|"); got != tt.want || a.OK != (tt.want == "") || len(a.Errors) > 0 {
			t.Errorf("%s: expected %q, got %q and %q", tt.after, tt.want, got, a.Errors)
		}
	}
}

func TestResourcesAreRefused(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"    providerdata: |\n      cores: 2\n", "    providerdata:\n      cores: 2\n", "into string"},
		{"MachineClasses", "MachineKlasses", "MachineKlasses"},
		{"spec:", "spek:", "unexpected key"},
		{"grpctunnel: 0", "grpctunnel: enabled", "enabled"},
		{class, "", "no resource"},
	} {
		a := ask[resourcesAnswer](t, "resources", map[string]any{"text": strings.Replace(class, tt.before, tt.after, 1)})
		if a.OK {
			t.Errorf("%s: expected an error", tt.after)
		}

		contains(t, a.Errors, tt.want)
	}

	// What comes before the error is still shown.
	a := ask[resourcesAnswer](t, "resources", map[string]any{"text": class + "---\nspec: {}\n"})
	if a.OK || len(a.Resources) != 1 {
		t.Errorf("expected one class and an error, got %+v", a)
	}

	contains(t, a.Errors, "document 2")
}

func TestServerWouldRefuse(t *testing.T) {
	selectors := "metadata: {namespace: default, type: MachineClasses.omni.sidero.dev, id: big}\nspec:\n  matchlabels: [%q]\n"

	for selector, ok := range map[string]bool{"omni.sidero.dev/cores > 2, a": true, "a in b": false, "a b": false} {
		a := ask[resourcesAnswer](t, "resources", map[string]any{"text": fmt.Sprintf(selectors, selector)})
		if a.OK != ok {
			t.Errorf("%s: expected ok to be %v, got %q", selector, ok, a.Errors)
		}
	}

	patch := "metadata: {namespace: default, type: ConfigPatches.omni.sidero.dev, id: p}\nspec:\n  data: |\n    machine: {token: x}\n"
	contains(t, ask[resourcesAnswer](t, "resources", map[string]any{"text": patch}).Errors, "machine.token")
}
