// Command minor judges patches by the Talos machinery of one minor. It reads requests as JSON lines; see ../README.md.
package main

import (
	"fmt"
	"os"

	"talosc.dev/judges/minor/lines"
	"talosc.dev/judges/minor/schema"
	"talosc.dev/judges/minor/talos"
)

func main() {
	if err := lines.Serve(os.Stdin, os.Stdout, handlers()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// applyRequest asks what a machine says of its patches.
type applyRequest struct {
	talos.Birth
	Patches []talos.Patch `json:"patches"`
	Print   bool          `json:"print,omitempty"`
}

// readRequest asks how a whole configuration is read.
type readRequest struct {
	Config string `json:"config"`
}

// baseAnswer is a generated config and what is in it.
type baseAnswer struct {
	OK bool `json:"ok"`
	// Documents are the kinds of the config's documents, in order; a named one is "Kind name".
	Documents []string `json:"documents"`
	Config    string   `json:"config"`
}

type aboutAnswer struct {
	OK    bool   `json:"ok"`
	Talos string `json:"talos"`
}

// schemaRequest asks for every field of the configuration.
type schemaRequest struct {
	// Sources is the directory of the machinery module that is linked.
	Sources string `json:"sources"`
}

type schemaAnswer struct {
	OK     bool           `json:"ok"`
	Fields []schema.Field `json:"fields"`
}

func handlers() map[string]lines.Handler {
	return map[string]lines.Handler{
		"about": lines.On(func(struct{}) (any, error) {
			return aboutAnswer{OK: true, Talos: talos.Version()}, nil
		}),
		"apply": lines.On(func(r applyRequest) (any, error) {
			return talos.Judge(r.Birth, r.Patches, r.Print)
		}),
		"read": lines.On(func(r readRequest) (any, error) {
			return talos.Read(r.Config)
		}),
		"base": lines.On(func(birth talos.Birth) (any, error) {
			cfg, err := talos.Base(birth)
			if err != nil {
				return nil, err
			}

			text, err := talos.Print(cfg)

			return baseAnswer{OK: true, Documents: talos.Documents(cfg), Config: text}, err
		}),
		"schema": lines.On(func(r schemaRequest) (any, error) {
			fields, err := schema.Fields(r.Sources)

			return schemaAnswer{OK: true, Fields: fields}, err
		}),
	}
}
