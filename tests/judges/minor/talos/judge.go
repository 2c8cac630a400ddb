package talos

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/encoder"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"

	"talosc.dev/judges/minor/lines"
)

// The stages of a judgement, in order; a judgement ends at the first one that has errors.
const (
	// StageLoad is where Talos reads each patch by itself.
	StageLoad = "load"
	// StageApply is where patches are merged onto the generated config.
	StageApply = "apply"
	// StageReload is where the machine reads the whole config that it was sent.
	StageReload = "reload"
	// StageValidate is where the machine checks that config.
	StageValidate = "validate"
)

// Patch is one patch, in the place in which it is applied.
type Patch struct {
	// ID is named in messages.
	ID string `json:"id,omitempty"`
	// Text is YAML.
	Text string `json:"text"`
}

// Judgement is what Talos says of the patches of one machine.
type Judgement struct {
	// OK means no errors.
	OK bool `json:"ok"`
	// Stage is where the errors arose.
	Stage string `json:"stage,omitempty"`
	// Errors and Warnings are what Talos says, in its own words.
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
	// Config is the merged config, when it was asked for and there is one.
	Config string `json:"config,omitempty"`
}

func refused(stage string, errs ...string) Judgement {
	return Judgement{Stage: stage, Errors: errs, Warnings: []string{}}
}

// Judge merges patches in their order onto the config of a new machine, and validates the result as that machine would.
// An error means that there was nothing to judge.
func Judge(birth Birth, patches []Patch, print bool) (Judgement, error) {
	base, err := Base(birth)
	if err != nil {
		return Judgement{}, err
	}

	loaded := make([]configpatcher.Patch, 0, len(patches))
	errs := []string{}

	for i, p := range patches {
		patch, err := configpatcher.LoadPatch([]byte(p.Text))
		if err != nil {
			errs = append(errs, p.name(i)+": "+err.Error())
		} else {
			loaded = append(loaded, patch)
		}
	}

	if len(errs) > 0 {
		return refused(StageLoad, errs...), nil
	}

	merged, err := apply(base, loaded)
	if err != nil {
		// The patcher does not say which patch it was: the shortest list that fails ends with it.
		for n := range patches {
			if _, err := apply(base, loaded[:n+1]); err != nil {
				return refused(StageApply, patches[n].name(n)+": "+err.Error()), nil
			}
		}

		return refused(StageApply, err.Error()), nil
	}

	raw, err := merged.EncodeBytes(encoder.WithComments(encoder.CommentsDisabled))
	if err != nil {
		return refused(StageReload, lines.Messages(err)...), nil
	}

	cfg, err := configloader.NewFromBytes(raw)
	if err != nil {
		return refused(StageReload, lines.Messages(err)...), nil
	}

	warnings, err := cfg.Validate(metal{}, validation.WithLocal())

	judgement := Judgement{OK: err == nil, Errors: lines.Messages(err), Warnings: append([]string{}, warnings...)}
	if err != nil {
		judgement.Stage = StageValidate
	}

	if print {
		if judgement.Config, err = Print(cfg); err != nil {
			return Judgement{}, err
		}
	}

	return judgement, nil
}

// Read prints a whole configuration as it is read, so that two texts that mean one configuration come out as one.
func Read(text string) (Judgement, error) {
	cfg, err := configloader.NewFromBytes([]byte(text))
	if err != nil {
		return refused(StageReload, lines.Messages(err)...), nil
	}

	judgement := Judgement{OK: true, Errors: []string{}, Warnings: []string{}}
	judgement.Config, err = Print(cfg)

	return judgement, err
}

func (p Patch) name(i int) string {
	if p.ID == "" {
		return fmt.Sprintf("patch %d", i+1)
	}

	return p.ID
}

func apply(base config.Provider, patches []configpatcher.Patch) (config.Provider, error) {
	out, err := configpatcher.Apply(configpatcher.WithConfig(base), patches)
	if err != nil {
		return nil, err
	}

	return out.Config()
}

// metal is a machine that boots from its disk, as those that Omni manages do.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }
