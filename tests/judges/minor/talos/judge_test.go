package talos_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"

	"talosc.dev/judges/minor/talos"
)

const (
	hostnameInMachine  = "machine:\n  network:\n    hostname: node-1\n"
	hostnameInDocument = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\nhostname: node-1\n"
	bond               = "apiVersion: v1alpha1\nkind: BondConfig\nname: bond0\nlinks: [eth0]\nbondMode: active-backup\n"
)

// linked says whether the linked machinery is of this minor of Talos 1, or of a newer one.
func linked(t *testing.T, minor int) bool {
	t.Helper()

	contract, err := config.ParseContractFromVersion(talos.Version())
	if err != nil {
		t.Fatal(err)
	}

	return contract.Minor >= minor
}

func worker(born int) talos.Birth {
	return talos.Birth{Role: "worker", Born: fmt.Sprintf("1.%d.0", born), Kubernetes: "1.32.0"}
}

func judge(t *testing.T, birth talos.Birth, texts ...string) talos.Judgement {
	t.Helper()

	var patches []talos.Patch
	for i, text := range texts {
		patches = append(patches, talos.Patch{ID: fmt.Sprintf("p%d", i), Text: text})
	}

	judgement, err := talos.Judge(birth, patches, true)
	if err != nil {
		t.Fatal(err)
	}

	return judgement
}

func accepted(t *testing.T, j talos.Judgement) {
	t.Helper()

	if !j.OK || j.Stage != "" || len(j.Errors) > 0 {
		t.Errorf("expected no error, got %s: %q", j.Stage, j.Errors)
	}
}

func refusedAt(t *testing.T, j talos.Judgement, stage, message string) {
	t.Helper()

	if j.OK || j.Stage != stage || !strings.Contains(strings.Join(j.Errors, "\n"), message) {
		t.Errorf("expected %q at %s, got ok=%v at %q: %q", message, stage, j.OK, j.Stage, j.Errors)
	}
}

// births are all those that the linked machinery can be upgraded from, and its own.
func births(t *testing.T) []int {
	t.Helper()

	var all []int

	for minor := 7; linked(t, minor); minor++ {
		all = append(all, minor)
	}

	if len(all) < 3 {
		t.Fatalf("Talos %s is older than every birth that is to be judged", talos.Version())
	}

	return all
}

func TestGeneratedConfigIsAccepted(t *testing.T) {
	for _, born := range births(t) {
		for _, role := range []string{"worker", "controlplane"} {
			t.Run(fmt.Sprint(role, born), func(t *testing.T) {
				birth := worker(born)
				birth.Role = role

				accepted(t, judge(t, birth))
			})
		}
	}
}

func TestDocumentOfTalos112IsUnknownBefore(t *testing.T) {
	j := judge(t, worker(9), bond)

	if linked(t, 12) {
		accepted(t, j)
	} else {
		refusedAt(t, j, talos.StageLoad, `"BondConfig" "v1alpha1": not registered`)
	}
}

func TestHostnameHasTheFormOfTheBirth(t *testing.T) {
	for _, born := range births(t) {
		t.Run(fmt.Sprint(born), func(t *testing.T) {
			inMachine := judge(t, worker(born), hostnameInMachine)
			if born < 12 {
				accepted(t, inMachine)
			} else {
				refusedAt(t, inMachine, talos.StageValidate, "static hostname is already set in v1alpha1 config")
			}

			inDocument := judge(t, worker(born), hostnameInDocument)

			switch {
			case !linked(t, 12):
				refusedAt(t, inDocument, talos.StageLoad, `"HostnameConfig" "v1alpha1": not registered`)
			case born < 12:
				refusedAt(t, inDocument, talos.StageValidate, "hostname")
			default:
				accepted(t, inDocument)
			}
		})
	}
}

func TestLaterPatchWins(t *testing.T) {
	set := func(value string) string { return "machine:\n  sysctls:\n    a: \"" + value + "\"\n" }

	for _, order := range [][]string{{"1", "2"}, {"2", "1"}} {
		j := judge(t, worker(9), set(order[0]), set(order[1]))
		accepted(t, j)

		if want := "sysctls:\n        a: \"" + order[1] + "\""; !strings.Contains(j.Config, want) {
			t.Errorf("expected %s in\n%s", want, j.Config)
		}
	}
}

func TestErrorsNameThePatchAndTheStage(t *testing.T) {
	fine := "machine:\n  sysctls:\n    a: \"1\"\n"

	refusedAt(t, judge(t, worker(9), fine, "machine:\n  sysctl: {}\n"), talos.StageLoad, "p1: ")
	refusedAt(t, judge(t, worker(9), fine, "machine:\n  sysctl: {}\n", "machine: [\n"), talos.StageLoad, "p2: ")
	refusedAt(t, judge(t, worker(9), fine, "- {op: replace, path: /nowhere/at/all, value: 1}\n"), talos.StageApply, "p1: ")
	refusedAt(t, judge(t, worker(9), "machine:\n  kubelet:\n    nodeIP:\n      validSubnets: [nowhere]\n"), talos.StageValidate, "nowhere")
}

func TestWarningsAreReported(t *testing.T) {
	birth := worker(9)
	birth.Role = "controlplane"

	j := judge(t, birth, "cluster:\n  network:\n    cni:\n      name: custom\n")
	accepted(t, j)

	if len(j.Warnings) != 1 || !strings.Contains(j.Warnings[0], `"urls" field should not be empty`) {
		t.Errorf("expected one warning of the missing urls, got %q", j.Warnings)
	}
}

func TestPrintedConfigHasNothingRandom(t *testing.T) {
	birth := talos.Birth{Role: "controlplane", Born: "1.9.0", Kubernetes: "1.32.0"}

	first, err := talos.Base(birth)
	if err != nil {
		t.Fatal(err)
	}

	talos.ForgetSecrets()

	second, err := talos.Base(birth)
	if err != nil {
		t.Fatal(err)
	}

	if first.Cluster().ID() == second.Cluster().ID() {
		t.Fatal("expected new secrets")
	}

	one, err := talos.Print(first)
	if err != nil {
		t.Fatal(err)
	}

	two, err := talos.Print(second)
	if err != nil {
		t.Fatal(err)
	}

	if one != two {
		t.Errorf("expected one text, got\n%s\nand\n%s", one, two)
	}
}

func TestBaseHasTheDocumentsOfTheBirth(t *testing.T) {
	for _, born := range births(t) {
		cfg, err := talos.Base(worker(born))
		if err != nil {
			t.Fatal(err)
		}

		want := "v1alpha1"
		if born >= 12 {
			want = "v1alpha1 HostnameConfig"
		}

		// What a pre-release generates is still to change.
		if born >= 14 {
			continue
		}

		if got := strings.Join(talos.Documents(cfg), " "); got != want {
			t.Errorf("born with 1.%d: expected %s, got %s", born, want, got)
		}
	}
}

func TestWhatCannotBeJudgedIsAnError(t *testing.T) {
	for _, tt := range []struct {
		birth talos.Birth
		want  string
	}{
		{talos.Birth{Role: "worker", Born: "1.15.0", Kubernetes: "1.32.0"}, "cannot be judged by Talos"},
		{talos.Birth{Role: "worker", Born: "soon", Kubernetes: "1.32.0"}, "born"},
		{talos.Birth{Role: "worker", Kubernetes: "1.32.0"}, "born"},
		{talos.Birth{Role: "worker", Born: "1.9.0"}, "kubernetes"},
		{talos.Birth{Role: "init", Born: "1.9.0", Kubernetes: "1.32.0"}, "role"},
		{talos.Birth{Role: "cook", Born: "1.9.0", Kubernetes: "1.32.0"}, "cook"},
	} {
		if _, err := talos.Judge(tt.birth, nil, false); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: expected an error with %q, got %v", tt.birth, tt.want, err)
		}
	}
}
