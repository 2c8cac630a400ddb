package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/siderolabs/omni/client/pkg/omni/resources/omni"
	"github.com/siderolabs/omni/client/pkg/siderolink"

	"talosc.dev/judges/minor/talos"
)

// machinesRequest asks what every machine of a template says of its config.
type machinesRequest struct {
	source
	// Born is the Talos version that the cluster was created with; by default its present one.
	Born string `json:"born,omitempty"`
	// Resources are files of ConfigPatches that are applied beside the template.
	Resources []source `json:"resources,omitempty"`
	// Members are machines of class-based sets, by the id of the set.
	Members map[string][]string `json:"members,omitempty"`
	// Print asks for the merged configs.
	Print bool `json:"print,omitempty"`
}

// machinesAnswer says it of every machine. OK means no errors, of the template or of any machine.
type machinesAnswer struct {
	OK bool `json:"ok"`
	// Errors are those of the template and of the resources; without a cluster there are no machines.
	Errors     []string        `json:"errors"`
	Warnings   []string        `json:"warnings"`
	Cluster    string          `json:"cluster"`
	Talos      string          `json:"talos"`
	Kubernetes string          `json:"kubernetes"`
	Born       string          `json:"born"`
	Machines   []machineAnswer `json:"machines"`
	Stripped   []strippedField `json:"stripped"`
}

// machineAnswer is one machine, or the machines of a class-based set that have nothing of their own (then ID is empty).
type machineAnswer struct {
	Set  string `json:"set"`
	ID   string `json:"id"`
	Role string `json:"role"`
	talos.Judgement
	// Patches are in the order in which Omni merges them.
	Patches []levelPatch `json:"patches"`
}

type levelPatch struct {
	talos.Patch
	// Level is cluster, machine-set, cluster-machine, machine, or omni for what Omni itself adds.
	Level string `json:"level"`
}

func judgeMachines(r machinesRequest) (any, error) {
	o, err := r.source.open()
	if err != nil {
		return nil, err
	}
	defer o.close()

	answer := machinesAnswer{
		Errors: []string{}, Warnings: []string{}, Machines: []machineAnswer{}, Stripped: o.stripped, Born: r.Born,
	}

	tmpl, err := o.template()
	if err != nil {
		answer.Errors = o.messages(err)

		return answer, nil
	}

	translated, err := tmpl.Translate()
	if err != nil {
		answer.Errors = o.messages(err)

		return answer, nil
	}

	c := collect(translated)
	answer.Cluster = c.cluster.Metadata().ID()
	answer.Talos = c.cluster.TypedSpec().Value.TalosVersion
	answer.Kubernetes = c.cluster.TypedSpec().Value.KubernetesVersion

	if answer.Born == "" {
		answer.Born = answer.Talos
	}

	if err := c.addMembers(r.Members); err != nil {
		return nil, err
	}

	for _, s := range r.Resources {
		errs, warnings, err := c.addResources(s)
		if err != nil {
			return nil, err
		}

		answer.Errors = append(answer.Errors, errs...)
		answer.Warnings = append(answer.Warnings, warnings...)
	}

	if len(answer.Errors) > 0 {
		return answer, nil
	}

	answer.OK = true

	for _, set := range c.sets {
		for _, id := range c.machines(set) {
			machine, err := c.judge(set, id, answer.Born, r.Print)
			if err != nil {
				return nil, err
			}

			answer.OK = answer.OK && machine.OK
			answer.Machines = append(answer.Machines, machine)
		}
	}

	for _, id := range c.unused() {
		answer.OK = false
		answer.Errors = append(answer.Errors, fmt.Sprintf("%s: no machine of the template takes this patch", id))
	}

	return answer, nil
}

// cluster is what a template makes.
type cluster struct {
	cluster *omni.Cluster
	sets    []*omni.MachineSet
	nodes   map[resource.ID][]resource.ID
	patches []*omni.ConfigPatch
	extra   []resource.ID
	used    map[resource.ID]bool
}

func collect(all []resource.Resource) *cluster {
	c := &cluster{nodes: map[resource.ID][]resource.ID{}, used: map[resource.ID]bool{}}

	for _, r := range all {
		switch r := r.(type) {
		case *omni.Cluster:
			c.cluster = r
		case *omni.MachineSet:
			c.sets = append(c.sets, r)
		case *omni.MachineSetNode:
			set, _ := r.Metadata().Labels().Get(omni.LabelMachineSet)
			c.nodes[set] = append(c.nodes[set], r.Metadata().ID())
		case *omni.ConfigPatch:
			c.patches = append(c.patches, r)
		}
	}

	return c
}

func (c *cluster) addMembers(members map[string][]string) error {
	for set, ids := range members {
		i := slices.IndexFunc(c.sets, func(s *omni.MachineSet) bool { return s.Metadata().ID() == set })
		if i < 0 {
			return fmt.Errorf("request: members: no machine set %q", set)
		}

		if c.sets[i].TypedSpec().Value.MachineAllocation == nil {
			return fmt.Errorf("request: members: %q is not a set of a machine class", set)
		}

		c.nodes[set] = append(c.nodes[set], ids...)
	}

	seen := map[resource.ID]bool{}

	for _, ids := range c.nodes {
		for _, id := range ids {
			if seen[id] {
				return fmt.Errorf("request: members: machine %q is there twice", id)
			}

			seen[id] = true
		}
	}

	return nil
}

// addResources takes the patches of a file that is applied beside the template.
func (c *cluster) addResources(s source) (errs, warnings []string, err error) {
	o, err := s.open()
	if err != nil {
		return nil, nil, err
	}
	defer o.close()

	all, lostPaths, err := decodeResources(o.text)
	errs = o.messages(err)

	for _, l := range lostPaths {
		errs = append(errs, l.String())
	}

	for _, r := range all {
		patch, ok := r.(*omni.ConfigPatch)
		if !ok {
			errs = append(errs, fmt.Sprintf("%s: expected ConfigPatches, not %s", r.Metadata().ID(), r.Metadata().Type()))

			continue
		}

		errs = append(errs, serverChecks(patch)...)
		id := patch.Metadata().ID()

		if slices.ContainsFunc(c.patches, func(p *omni.ConfigPatch) bool { return p.Metadata().ID() == id }) {
			errs = append(errs, fmt.Sprintf("%s: a patch with this id is there already", id))
		}

		_, ofMachine := label(patch, omni.LabelMachine)
		_, ofCluster := label(patch, omni.LabelCluster)
		_, ofSet := label(patch, omni.LabelMachineSet)
		_, ofNode := label(patch, omni.LabelClusterMachine)

		switch {
		case ofMachine && ofCluster && !ofSet && !ofNode:
			warnings = append(warnings, fmt.Sprintf("%s: labels of a machine and of a cluster: Omni gives it to the whole cluster too", id))
		case !ofMachine && !ofCluster:
			errs = append(errs, fmt.Sprintf("%s: no label of a machine or of a cluster, so Omni gives it to no machine", id))
		}

		c.patches = append(c.patches, patch)
		c.extra = append(c.extra, id)
	}

	return errs, warnings, nil
}

// machines are those of a set; a set without any still stands for machines that come later.
func (c *cluster) machines(set *omni.MachineSet) []resource.ID {
	if ids := c.nodes[set.Metadata().ID()]; len(ids) > 0 {
		return ids
	}

	return []resource.ID{""}
}

func (c *cluster) unused() []resource.ID {
	return slices.DeleteFunc(slices.Clone(c.extra), func(id resource.ID) bool { return c.used[id] })
}

// levels of patches, in the order in which Omni merges them; ids order only inside a level.
var levels = []struct {
	name string
	has  func(p *omni.ConfigPatch, cluster, set, id resource.ID) bool
}{
	{"cluster", func(p *omni.ConfigPatch, cluster, _, _ resource.ID) bool {
		_, ofSet := label(p, omni.LabelMachineSet)
		_, ofNode := label(p, omni.LabelClusterMachine)

		return is(p, omni.LabelCluster, cluster) && !ofSet && !ofNode
	}},
	{"machine-set", func(p *omni.ConfigPatch, cluster, set, _ resource.ID) bool {
		return is(p, omni.LabelCluster, cluster) && is(p, omni.LabelMachineSet, set)
	}},
	{"cluster-machine", func(p *omni.ConfigPatch, cluster, set, id resource.ID) bool {
		return is(p, omni.LabelCluster, cluster) && !is(p, omni.LabelMachineSet, set) && is(p, omni.LabelClusterMachine, id)
	}},
	{"machine", func(p *omni.ConfigPatch, _, _, id resource.ID) bool {
		return is(p, omni.LabelMachine, id)
	}},
}

// merged lists the patches of a machine in the order in which Omni merges them.
func (c *cluster) merged(set, id resource.ID) ([]levelPatch, error) {
	all := slices.Clone(c.patches)
	slices.SortFunc(all, func(a, b *omni.ConfigPatch) int { return strings.Compare(a.Metadata().ID(), b.Metadata().ID()) })

	out := []levelPatch{}

	for _, level := range levels {
		for _, p := range all {
			if !level.has(p, c.cluster.Metadata().ID(), set, id) {
				continue
			}

			data, err := p.TypedSpec().Value.GetUncompressedData()
			if err != nil {
				return nil, err
			}

			c.used[p.Metadata().ID()] = true

			out = append(out, levelPatch{
				Patch: talos.Patch{ID: p.Metadata().ID(), Text: string(data.Data())},
				Level: level.name,
			})

			data.Free()
		}
	}

	join, err := joinConfig()
	if err != nil {
		return nil, err
	}

	return append(out, levelPatch{Patch: talos.Patch{ID: "join config", Text: join}, Level: "omni"}), nil
}

// joinConfig is the patch that Omni puts last on every machine: where to find Omni.
func joinConfig() (string, error) {
	options, err := siderolink.NewJoinOptions(
		siderolink.WithMachineAPIURL("grpc://127.0.0.1:8090"),
		siderolink.WithJoinToken("token"),
		siderolink.WithEventSinkPort(8090),
		siderolink.WithLogServerPort(8092))
	if err != nil {
		return "", err
	}

	raw, err := options.RenderJoinConfig()

	return string(raw), err
}

func (c *cluster) judge(set *omni.MachineSet, id resource.ID, born string, print bool) (machineAnswer, error) {
	answer := machineAnswer{Set: set.Metadata().ID(), ID: id, Role: "worker"}
	if _, ok := set.Metadata().Labels().Get(omni.LabelControlPlaneRole); ok {
		answer.Role = "controlplane"
	}

	var err error

	if answer.Patches, err = c.merged(answer.Set, id); err != nil {
		return answer, err
	}

	patches := make([]talos.Patch, 0, len(answer.Patches))
	for _, p := range answer.Patches {
		patches = append(patches, p.Patch)
	}

	answer.Judgement, err = talos.Judge(talos.Birth{
		Cluster:    c.cluster.Metadata().ID(),
		Role:       answer.Role,
		Born:       born,
		Kubernetes: c.cluster.TypedSpec().Value.KubernetesVersion,
	}, patches, print)
	if err != nil {
		err = fmt.Errorf("%s %s: %w", answer.Set, id, err)
	}

	return answer, err
}

func label(p *omni.ConfigPatch, key string) (string, bool) {
	return p.Metadata().Labels().Get(key)
}

func is(p *omni.ConfigPatch, key string, value resource.ID) bool {
	got, ok := label(p, key)

	return ok && got == value
}
