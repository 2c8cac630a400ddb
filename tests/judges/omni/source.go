package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/siderolabs/omni/client/pkg/template"

	"talosc.dev/judges/minor/lines"
)

// source is a generated file: one on the disk, or a text with the files beside it.
type source struct {
	// File is a path.
	File string `json:"file,omitempty"`
	// Text is the content, instead of a file.
	Text string `json:"text,omitempty"`
	// Name is what the text's file would be called, relative to the files beside it.
	Name string `json:"name,omitempty"`
	// Files are the texts beside it, by relative path.
	Files map[string]string `json:"files,omitempty"`
	// Allow is the directory that files must lie in, relative to the template's own; by default it is that.
	Allow string `json:"allow,omitempty"`
	// Strip takes the fields out that the linked client is too old for.
	Strip bool `json:"strip,omitempty"`
}

// opened is a source as the client reads it.
type opened struct {
	path     string // of the file that it is, or stands for
	text     []byte
	root     *os.Root
	stripped []strippedField
	temp     string
}

func (s source) open() (*opened, error) {
	o := &opened{stripped: []strippedField{}}

	if err := o.fill(s); err != nil {
		o.close()

		return nil, err
	}

	return o, nil
}

func (o *opened) fill(s source) (err error) {

	switch {
	case s.File != "" && (s.Text != "" || s.Name != "" || len(s.Files) > 0):
		return errors.New("request: either a file, or a text with its name and files")
	case s.File != "":
		o.path = s.File

		if o.text, err = os.ReadFile(s.File); err != nil {
			return err
		}
	default:
		if o.temp, err = os.MkdirTemp("", "judge"); err != nil {
			return err
		}

		name := s.Name
		if name == "" {
			name = "judged.yaml"
		}

		o.text = []byte(s.Text)
		if o.path, err = o.place(name, s.Text); err != nil {
			return err
		}

		for name, text := range s.Files {
			if _, err = o.place(name, text); err != nil {
				return err
			}
		}
	}

	if s.Strip {
		if o.text, o.stripped, err = strip(o.text); err != nil {
			return err
		}
	}

	o.root, err = os.OpenRoot(filepath.Join(filepath.Dir(o.path), s.Allow))

	return err
}

// place writes one file of a text, and returns where it is.
func (o *opened) place(name, text string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("request: %q is not a path below the text", name)
	}

	path := filepath.Join(o.temp, name)

	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}

	return path, os.WriteFile(path, []byte(text), 0o600)
}

func (o *opened) close() {
	if o.root != nil {
		o.root.Close() //nolint:errcheck
	}

	if o.temp != "" {
		os.RemoveAll(o.temp) //nolint:errcheck
	}
}

// named lets the client resolve files against the directory of a text that is not, or no longer, what the disk holds.
type named struct {
	*bytes.Reader
	name string
}

// Name implements what the client looks for.
func (n named) Name() string { return n.name }

// template loads and validates.
func (o *opened) template() (*template.Template, error) {
	tmpl, err := template.Load(named{bytes.NewReader(o.text), o.path}, template.WithRoot(o.root))
	if err != nil {
		return nil, err
	}

	return tmpl, tmpl.Validate()
}

// messages are those of an error, without the name of a directory that exists only now.
func (o *opened) messages(err error) []string {
	all := lines.Messages(err)

	if o.temp != "" {
		for i := range all {
			all[i] = strings.ReplaceAll(all[i], o.temp+string(filepath.Separator), "")
		}
	}

	return all
}
