// Package lines speaks the protocol of the judges: one JSON request per line in, exactly one JSON answer per line out.
//
// It knows nothing of Talos or Omni.
package lines

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// Handler answers one kind of request. An error means that the question could not be judged at all, which is
// not the same as a judgement of "no".
type Handler func(raw json.RawMessage) (any, error)

// Fault is the answer to a question that could not be judged.
type Fault struct {
	// Fault says why.
	Fault string `json:"fault"`
}

// On makes a handler from a function of a typed request. A field that the request does not have is a fault.
func On[R any](answer func(R) (any, error)) Handler {
	return func(raw json.RawMessage) (any, error) {
		var request R

		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()

		if err := dec.Decode(&request); err != nil {
			return nil, fmt.Errorf("request: %w", err)
		}

		return answer(request)
	}
}

// Serve answers requests until the input ends. The field "do" of a request chooses its handler.
func Serve(in io.Reader, out io.Writer, handlers map[string]Handler) error {
	reader := bufio.NewReaderSize(in, 1<<16)

	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)

	for {
		line, err := reader.ReadBytes('\n')

		if len(bytes.TrimSpace(line)) > 0 {
			if err := enc.Encode(Answer(line, handlers)); err != nil {
				return err
			}
		}

		if errors.Is(err, io.EOF) {
			return nil
		}

		if err != nil {
			return err
		}
	}
}

// Answer answers one request; a panic below it becomes a fault.
func Answer(line []byte, handlers map[string]Handler) (answer any) {
	defer func() {
		if p := recover(); p != nil {
			answer = Fault{Fault: fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}
		}
	}()

	var fields map[string]json.RawMessage

	if err := json.Unmarshal(line, &fields); err != nil {
		return Fault{Fault: fmt.Sprintf("request: %v", err)}
	}

	var do string

	if err := json.Unmarshal(fields["do"], &do); err != nil {
		return Fault{Fault: "request: \"do\" must say what is asked for"}
	}

	handler, ok := handlers[do]
	if !ok {
		known := make([]string, 0, len(handlers))
		for name := range handlers {
			known = append(known, name)
		}

		slices.Sort(known)

		return Fault{Fault: fmt.Sprintf("request: unknown %q, expected one of %s", do, strings.Join(known, ", "))}
	}

	delete(fields, "do")

	rest, err := json.Marshal(fields)
	if err != nil {
		return Fault{Fault: err.Error()}
	}

	if answer, err = handler(rest); err != nil {
		return Fault{Fault: err.Error()}
	}

	return answer
}

// Messages takes an error that joins several apart.
func Messages(err error) []string {
	switch e := err.(type) { //nolint:errorlint // an error that wraps a list has text of its own
	case nil:
		return []string{}
	case interface{ WrappedErrors() []error }:
		return messages(e.WrappedErrors())
	case interface{ Unwrap() []error }:
		return messages(e.Unwrap())
	default:
		return []string{strings.TrimSpace(err.Error())}
	}
}

func messages(errs []error) []string {
	all := []string{}
	for _, err := range errs {
		all = append(all, Messages(err)...)
	}

	return all
}
