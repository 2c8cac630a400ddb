// Command omni judges generated files by the Omni client. It reads requests as JSON lines; see ../README.md.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"talosc.dev/judges/minor/lines"
	"talosc.dev/judges/minor/talos"
)

func main() {
	if err := lines.Serve(os.Stdin, os.Stdout, handlers()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func handlers() map[string]lines.Handler {
	return map[string]lines.Handler{
		"about":     lines.On(func(struct{}) (any, error) { return about(), nil }),
		"validate":  lines.On(validateTemplate),
		"render":    lines.On(renderTemplate),
		"resources": lines.On(readResources),
		"machines":  lines.On(judgeMachines),
		"yaml":      lines.On(readYAML),
	}
}

type aboutAnswer struct {
	OK    bool   `json:"ok"`
	Omni  string `json:"omni"`
	Talos string `json:"talos"`
}

func about() aboutAnswer {
	answer := aboutAnswer{OK: true, Talos: talos.Version()}

	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/siderolabs/omni/client" {
				answer.Omni = dep.Version
			}
		}
	}

	return answer
}

// templateAnswer is what the client says of a template.
type templateAnswer struct {
	OK     bool     `json:"ok"`
	Errors []string `json:"errors"`
	// Stripped are the fields that were not judged.
	Stripped []strippedField `json:"stripped"`
	// Resources are those that a sync would create, when it was asked to render.
	Resources []jsonResource `json:"resources"`
}

func validateTemplate(s source) (any, error) { return judgeTemplate(s, false) }
func renderTemplate(s source) (any, error)   { return judgeTemplate(s, true) }

func judgeTemplate(s source, render bool) (any, error) {
	o, err := s.open()
	if err != nil {
		return nil, err
	}
	defer o.close()

	answer := templateAnswer{Errors: []string{}, Stripped: o.stripped, Resources: []jsonResource{}}

	tmpl, err := o.template()
	if err != nil {
		answer.Errors = o.messages(err)

		return answer, nil
	}

	if render {
		all, err := tmpl.Translate()
		if err != nil {
			answer.Errors = o.messages(err)

			return answer, nil
		}

		for _, r := range all {
			shown, err := show(r)
			if err != nil {
				return nil, err
			}

			answer.Resources = append(answer.Resources, shown)
		}
	}

	answer.OK = true

	return answer, nil
}
