package main

import (
	"fmt"
	"strings"
	"testing"
)

// sysctl is a patch of a template that sets machine.sysctls.a.
func sysctl(id, value string) string {
	return fmt.Sprintf("patches:\n  - {idOverride: %q, inline: {machine: {sysctls: {a: %q}}}}\n", id, value)
}

// beside is a ConfigPatches resource that sets machine.sysctls.a.
func beside(id, labels, value string) map[string]any {
	return map[string]any{"text": fmt.Sprintf(
		"metadata: {namespace: default, type: ConfigPatches.omni.sidero.dev, id: %q, labels: {%s}}\nspec:\n  data: |\n    machine: {sysctls: {a: %q}}\n",
		id, labels, value)}
}

func value(m machineAnswer) string {
	_, rest, _ := strings.Cut(m.Config, "sysctls:\n        a: ")
	value, _, _ := strings.Cut(rest, "\n")

	return strings.Trim(value, `"`)
}

func machine(t *testing.T, a machinesAnswer, set, id string) machineAnswer {
	t.Helper()

	for _, m := range a.Machines {
		if m.Set == set && m.ID == id {
			return m
		}
	}

	t.Fatalf("no machine %s %s in %+v", set, id, a)

	return machineAnswer{}
}

func TestLevelsOrderPatches(t *testing.T) {
	// The ids sort against the order of the levels.
	text := home(
		"kind: Cluster\n=>kind: Cluster\n"+sysctl("z", "cluster"),
		"kind: ControlPlane\n=>kind: ControlPlane\n"+sysctl("y", "set"),
		"kind: Machine\n=>kind: Machine\n"+sysctl("x", "cluster-machine"),
	)
	own := beside("a", "omni.sidero.dev/machine: "+node1, "machine")

	for _, tt := range []struct {
		text   string
		beside []any
		want   string
	}{
		{text, []any{own}, "machine"},
		{text, nil, "cluster-machine"},
		{strings.Replace(text, sysctl("x", "cluster-machine"), "", 1), nil, "set"},
		{strings.Replace(strings.Replace(text, sysctl("x", "cluster-machine"), "", 1), sysctl("y", "set"), "", 1), nil, "cluster"},
	} {
		a := ask[machinesAnswer](t, "machines", map[string]any{"text": tt.text, "resources": tt.beside, "print": true})
		if !a.OK {
			t.Fatalf("%+v", a)
		}

		if got := value(machine(t, a, "home-control-planes", node1)); got != tt.want {
			t.Errorf("expected the value of the %s level, got %s", tt.want, got)
		}

		// The workers have the cluster's patch alone.
		if got := value(machine(t, a, "home-workers", "")); got != "cluster" {
			t.Errorf("expected the value of the cluster for the workers, got %s", got)
		}
	}

	a := ask[machinesAnswer](t, "machines", map[string]any{"text": text, "resources": []any{own}})

	var order []string
	for _, p := range machine(t, a, "home-control-planes", node1).Patches {
		order = append(order, p.Level+" "+p.ID)
	}

	if got := strings.Join(order, ", "); got != "cluster z, machine-set y, cluster-machine x, machine a, omni join config" {
		t.Errorf("unexpected order: %s", got)
	}
}

func TestIdsOrderPatchesInsideALevel(t *testing.T) {
	patches := "patches:\n  - {idOverride: b, inline: {machine: {sysctls: {a: late}}}}\n  - {idOverride: a, inline: {machine: {sysctls: {a: early}}}}\n"

	a := ask[machinesAnswer](t, "machines", map[string]any{"text": home("kind: Cluster\n=>kind: Cluster\n" + patches), "print": true})
	if got := value(machine(t, a, "home-workers", "")); got != "late" {
		t.Errorf("expected the patch with the greater id to win, got %s", got)
	}
}

func TestMachinesOfAClass(t *testing.T) {
	request := func() map[string]any {
		return map[string]any{
			"text": home(), "print": true,
			"members":   map[string]any{"home-workers": []string{node2}},
			"resources": []any{beside("p", "omni.sidero.dev/machine: "+node2, "mine")},
		}
	}

	a := ask[machinesAnswer](t, "machines", request())
	if !a.OK || len(a.Warnings) > 0 {
		t.Fatalf("%+v", a)
	}

	if got := value(machine(t, a, "home-workers", node2)); got != "mine" {
		t.Errorf("expected the machine's own value, got %s", got)
	}

	if got := value(machine(t, a, "home-control-planes", node1)); got != "" {
		t.Errorf("expected nothing on another machine, got %s", got)
	}

	// A patch that goes nowhere is an error.
	nowhere := request()
	delete(nowhere, "members")

	if a := ask[machinesAnswer](t, "machines", nowhere); a.OK {
		t.Error("expected an error")
	} else {
		contains(t, a.Errors, "p: no machine of the template takes this patch")
	}

	// A machine patch that also names the cluster reaches every machine of it.
	both := request()
	both["resources"] = []any{beside("p", "omni.sidero.dev/machine: "+node2+", omni.sidero.dev/cluster: home", "mine")}
	a = ask[machinesAnswer](t, "machines", both)
	contains(t, a.Warnings, "whole cluster")

	if got := value(machine(t, a, "home-control-planes", node1)); got != "mine" {
		t.Errorf("expected the value everywhere, got %q", got)
	}
}

func TestResourcesBesideAreChecked(t *testing.T) {
	for _, tt := range []struct {
		beside any
		want   string
	}{
		{beside("p", "a: b", "x"), "no label of a machine or of a cluster"},
		{map[string]any{"text": class}, "expected ConfigPatches, not MachineClasses.omni.sidero.dev"},
		{map[string]any{"text": strings.Replace(beside("p", "omni.sidero.dev/machine: "+node1, "x")["text"].(string), "  data:", "  datum:", 1)}, "spec.datum: lost"},
		{map[string]any{"text": strings.Replace(beside("p", "omni.sidero.dev/machine: "+node1, "x")["text"].(string), "sysctls", "sysctl", 1)}, "unknown keys"},
	} {
		a := ask[machinesAnswer](t, "machines", map[string]any{"text": home(), "resources": []any{tt.beside}})
		if a.OK {
			t.Errorf("expected %s", tt.want)
		}

		contains(t, a.Errors, tt.want)
	}

	same := beside("p", "omni.sidero.dev/machine: "+node1, "x")
	a := ask[machinesAnswer](t, "machines", map[string]any{"text": home(), "resources": []any{same, same}})
	contains(t, a.Errors, "a patch with this id is there already")
}

func TestHostnameHasTheFormOfTheBirth(t *testing.T) {
	inMachine := "kind: Machine\n=>kind: Machine\npatches:\n  - {name: hostname, inline: {machine: {network: {hostname: a}}}}\n"
	inDocument := "kind: Machine\n=>kind: Machine\npatches:\n  - {name: hostname, inline: {apiVersion: v1alpha1, kind: HostnameConfig, auto: off, hostname: a}}\n"

	for _, tt := range []struct {
		edit, born string
		ok         bool
	}{
		{inMachine, "", true}, // the template's own version
		{inMachine, "1.11.0", true},
		{inMachine, "v1.12.0", false},
		{inDocument, "1.11.0", false},
		{inDocument, "1.12.0", true},
		{inDocument, "1.13.0", true},
	} {
		a := ask[machinesAnswer](t, "machines", map[string]any{"text": home(tt.edit), "born": tt.born})
		m := machine(t, a, "home-control-planes", node1)

		if a.OK != tt.ok || m.OK != tt.ok {
			t.Errorf("born %s: expected ok to be %v, got %q for %s", tt.born, tt.ok, m.Errors, tt.edit)
		}

		if !machine(t, a, "home-workers", "").OK {
			t.Error("expected that the workers do not mind")
		}
	}
}

func TestMachinesNeedATemplate(t *testing.T) {
	a := ask[machinesAnswer](t, "machines", map[string]any{"text": home("name: home\n=>nmae: home\n")})
	if a.OK || len(a.Machines) > 0 {
		t.Errorf("expected an error and no machine, got %+v", a)
	}

	contains(t, a.Errors, "nmae")
}

func TestMachinesThatCannotBeJudged(t *testing.T) {
	for _, tt := range []struct {
		request map[string]any
		want    string
	}{
		{map[string]any{"text": home(), "born": "1.14.0"}, "cannot be judged by Talos"},
		{map[string]any{"text": home(), "members": map[string]any{"home-wrokers": []string{node2}}}, "no machine set"},
		{map[string]any{"text": home(), "members": map[string]any{"home-control-planes": []string{node2}}}, "not a set of a machine class"},
		{map[string]any{"text": home(), "members": map[string]any{"home-workers": []string{node1}}}, "there twice"},
		{map[string]any{"text": home(), "bron": "1.9.0"}, "unknown field"},
		{map[string]any{"file": "absent.yaml"}, "absent.yaml"},
	} {
		if got := fault(t, "machines", tt.request); !strings.Contains(got, tt.want) {
			t.Errorf("expected %s, got %s", tt.want, got)
		}
	}
}
