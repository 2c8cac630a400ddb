// Package talos asks one version of the Talos machinery, the one that is linked, what it thinks of patches.
//
// It compiles against every minor that the judges are built for, so it uses only what the oldest of them has.
package talos

import (
	"fmt"
	"strings"
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/types/v1alpha1"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/gendata"
)

// Redacted stands in a printed config where a secret, or anything else that is random, was.
const Redacted = "REDACTED"

// Birth is all that a machine's config is generated from.
type Birth struct {
	// Cluster is the name of the cluster; "cluster" when empty.
	Cluster string `json:"cluster,omitempty"`
	// Role is controlplane or worker.
	Role string `json:"role"`
	// Born is the Talos version that the cluster was created with.
	Born string `json:"born"`
	// Kubernetes is the version of Kubernetes.
	Kubernetes string `json:"kubernetes"`
}

// Version is the version of the linked machinery, such as v1.13.9.
func Version() string {
	return strings.TrimSpace(gendata.VersionTag)
}

// Base generates the config of a new machine with the options that Omni uses.
//
// A version newer than the linked machinery is an error: that machinery would silently generate its own newest form.
func Base(birth Birth) (config.Provider, error) {
	role, err := machine.ParseType(birth.Role)
	if err != nil {
		return nil, err
	}

	if role != machine.TypeControlPlane && role != machine.TypeWorker {
		return nil, fmt.Errorf("role must be controlplane or worker, not %q", birth.Role)
	}

	contract, err := config.ParseContractFromVersion(withV(birth.Born))
	if err != nil {
		return nil, fmt.Errorf("born: %w", err)
	}

	linked, err := config.ParseContractFromVersion(Version())
	if err != nil {
		return nil, fmt.Errorf("version of the machinery: %w", err)
	}

	if contract.Greater(linked) {
		return nil, fmt.Errorf("a cluster born with Talos %s cannot be judged by Talos %s", birth.Born, Version())
	}

	if birth.Kubernetes == "" {
		return nil, fmt.Errorf("kubernetes: no version")
	}

	bundle, err := secretsFor(contract)
	if err != nil {
		return nil, err
	}

	cluster := birth.Cluster
	if cluster == "" {
		cluster = "cluster"
	}

	input, err := generate.NewInput(cluster, "https://127.0.0.1:6443", strings.TrimPrefix(birth.Kubernetes, "v"),
		generate.WithVersionContract(contract),
		generate.WithSecretsBundle(bundle),
		generate.WithInstallDisk("/dev/vda"),
		generate.WithInstallImage("installer:"+withV(birth.Born)),
		generate.WithKubePrismPort(constants.DefaultKubePrismPort))
	if err != nil {
		return nil, err
	}

	return input.Config(role)
}

// Print writes a config without comments, and without anything that differs from one run to the next.
func Print(cfg config.Provider) (string, error) {
	redacted, err := redact(cfg)
	if err != nil {
		return "", err
	}

	raw, err := redacted.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))

	return string(raw), err
}

// redact also takes the certificates and the cluster's id away, which are no secrets but are random.
func redact(cfg config.Provider) (config.Provider, error) {
	cfg = cfg.RedactSecrets(Redacted)
	if cfg.RawV1Alpha1() == nil {
		return cfg, nil
	}

	return cfg.PatchV1Alpha1(func(c *v1alpha1.Config) error {
		if m := c.MachineConfig; m != nil && m.MachineCA != nil {
			replace(&m.MachineCA.Crt)
		}

		if cl := c.ClusterConfig; cl != nil {
			if cl.ClusterID != "" {
				cl.ClusterID = Redacted
			}

			if cl.ClusterCA != nil {
				replace(&cl.ClusterCA.Crt)
			}

			if cl.ClusterAggregatorCA != nil {
				replace(&cl.ClusterAggregatorCA.Crt)
			}

			if cl.EtcdConfig != nil && cl.EtcdConfig.RootCA != nil {
				replace(&cl.EtcdConfig.RootCA.Crt)
			}
		}

		return nil
	})
}

func replace(b *[]byte) {
	if len(*b) > 0 {
		*b = []byte(Redacted)
	}
}

func withV(version string) string {
	return "v" + strings.TrimPrefix(version, "v")
}

// bundles keeps the secrets of each contract.
var bundles = struct {
	sync.Mutex
	of map[string]*secrets.Bundle
}{of: map[string]*secrets.Bundle{}}

// secretsFor makes the secrets of a contract.
//
// Every contract since 1.6 has the same ones, but for the algorithm of one key, which nothing here looks into: the new one
// takes seconds to make, and the old one takes no time.
func secretsFor(contract *config.VersionContract) (*secrets.Bundle, error) {
	if contract.Greater(config.TalosVersion1_6) {
		contract = config.TalosVersion1_6
	}

	bundles.Lock()
	defer bundles.Unlock()

	if bundle, ok := bundles.of[contract.String()]; ok {
		return bundle, nil
	}

	bundle, err := secrets.NewBundle(secrets.NewClock(), contract)
	if err != nil {
		return nil, err
	}

	bundles.of[contract.String()] = bundle

	return bundle, nil
}

// Documents lists the kinds of a config's documents, in order; a named one is "Kind name".
func Documents(cfg config.Provider) []string {
	kinds := []string{}

	for _, doc := range cfg.Documents() {
		kind := doc.Kind()
		if named, ok := doc.(interface{ Name() string }); ok && named.Name() != "" {
			kind += " " + named.Name()
		}

		kinds = append(kinds, kind)
	}

	return kinds
}
